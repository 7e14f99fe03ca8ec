# Fetches virus definitions for Defender: source after source, until they are new enough.
# sources: names of Update-MpSignature; share: for FileShares; hours: how old they may be.
param($arguments)
$limit = [DateTime]::UtcNow.AddHours(-$arguments.hours)
$tried = @()
$from = ''
foreach ($source in $arguments.sources) {
    $message = ''
    try {
        if ($source -eq 'FileShares') {
            Set-MpPreference -SignatureDefinitionUpdateFileSharesSources $arguments.share
        }
        Update-MpSignature -UpdateSource $source
    } catch {
        $message = $_.Exception.Message
    }
    $status = Get-MpComputerStatus
    if ($status.AntivirusSignatureLastUpdated.ToUniversalTime() -ge $limit) {
        $from = $source
        break
    }
    $tried += @{ source = $source; message = $message }
}
@{
    source = $from
    tried = $tried
    definitions = "$($status.AntivirusSignatureVersion)"
}
