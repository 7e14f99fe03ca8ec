# Which virus definitions Defender has, and how old they are. Changes nothing.
param($arguments)
$status = Get-MpComputerStatus
@{
    name = $env:COMPUTERNAME
    clock = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')
    engine = "$($status.AMEngineVersion)"
    definitions = "$($status.AntivirusSignatureVersion)"
    updated = $status.AntivirusSignatureLastUpdated.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
    real_time = [bool]$status.RealTimeProtectionEnabled
}
