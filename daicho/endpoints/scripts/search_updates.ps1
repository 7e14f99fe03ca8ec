# What this machine is offered, with what a plan has to say of it. Changes nothing.
# source: default, wsus or windows_update; or offline, then folder: where the .msu files are on the machine.
param($arguments)
if ($arguments.source -eq 'offline') {
    $files = @(Get-ChildItem -LiteralPath $arguments.folder -Filter '*.msu' -File)
    $updates = foreach ($file in $files) {
        if ($file.Name -match 'kb[0-9]+') {
            @{
                id = $file.FullName
                kbs = @($Matches[0].ToUpperInvariant())
                title = $file.Name
                classes = @()
                bytes = $file.Length
                downloaded = $true
                optional = $false
                removable = $false
            }
        }
    }
    return @{ hresult = 0; updates = @($updates) }
}
$selection = 0
if ($arguments.source -eq 'wsus') { $selection = 1 }
if ($arguments.source -eq 'windows_update') { $selection = 2 }
$updates = @()
try {
    $searcher = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher()
    $searcher.ServerSelection = $selection
    foreach ($update in $searcher.Search('IsInstalled=0 and IsHidden=0').Updates) {
        $updates += @{
            id = $update.Identity.UpdateID
            kbs = @($update.KBArticleIDs | ForEach-Object { "KB$_" })
            title = $update.Title
            classes = @($update.Categories | ForEach-Object { $_.Name })
            bytes = [int64]$update.MaxDownloadSize
            downloaded = $update.IsDownloaded
            optional = $update.BrowseOnly
            removable = $update.IsUninstallable
        }
    }
} catch [System.Runtime.InteropServices.COMException] {
    return @{ hresult = $_.Exception.HResult; updates = @() }
}
@{ hresult = 0; updates = $updates }
