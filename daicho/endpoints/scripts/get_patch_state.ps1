# What a machine has, misses and waits for. Changes nothing.
# online: ask the update service what is missing; else what the machine's own last search found.
param($arguments)
$windows = Get-CimInstance -ClassName Win32_OperatingSystem
$drive = Get-CimInstance -ClassName Win32_LogicalDisk -Filter "DeviceID='$($windows.SystemDrive)'"
$computer = Get-CimInstance -ClassName Win32_ComputerSystem
$version = Get-ItemProperty -Path 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$reboot = $false
foreach ($key in @(
    'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending',
    'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired')) {
    if (Test-Path -Path $key) { $reboot = $true }
}
$session = New-Object -ComObject Microsoft.Update.Session
# win_updates listens on a pipe from its download to its end; others show while they install only.
$runs = @([System.IO.Directory]::GetFiles('\\.\pipe\', 'Ansible.Windows.WinUpdates-*'))
$searcher = $session.CreateUpdateSearcher()
$searcher.Online = [bool]$arguments.online
$missing = @()
foreach ($update in $searcher.Search('IsInstalled=0 and IsHidden=0').Updates) {
    foreach ($number in $update.KBArticleIDs) { $missing += "KB$number" }
}
@{
    name = $env:COMPUTERNAME
    clock = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')
    build = "$($windows.Version).$($version.UBR)"
    booted = $windows.LastBootUpTime.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
    installed = @(Get-CimInstance -ClassName Win32_QuickFixEngineering | ForEach-Object { $_.HotFixID })
    missing = $missing
    reboot_pending = $reboot
    busy = [bool]($runs.Count -or $session.CreateUpdateInstaller().IsBusy)
    disk_free_mb = [int64]($drive.FreeSpace / 1048576)
    user = "$($computer.UserName)"
}
