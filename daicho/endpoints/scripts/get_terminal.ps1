# Whose things are on this machine: profiles with sizes, local groups, printers, what it says of itself.
# groups: SIDs of local groups. archives: files of which it is asked whether they are there.
param($arguments)
$windows = Get-CimInstance -ClassName Win32_OperatingSystem
$drive = Get-CimInstance -ClassName Win32_LogicalDisk -Filter "DeviceID='$($windows.SystemDrive)'"
$profiles = @()
foreach ($each in @(Get-CimInstance -ClassName Win32_UserProfile -Filter 'Special=FALSE')) {
    $account = ''
    try {
        $sid = New-Object System.Security.Principal.SecurityIdentifier $each.SID
        $account = "$($sid.Translate([System.Security.Principal.NTAccount]))"
    } catch {
        # An account that is gone has no name any more.
        $account = "$($each.SID)"
    }
    $files = @(Get-ChildItem -LiteralPath $each.LocalPath -Recurse -Force -File -ErrorAction SilentlyContinue)
    $kept = @($files | Where-Object { $_.FullName -match '\\AppData\\(Local|Roaming)\\Microsoft\\(Credentials|Vault)\\' })
    $profiles += @{
        sid = "$($each.SID)"
        account = $account
        path = "$($each.LocalPath)"
        loaded = [bool]$each.Loaded
        megabytes = [int64](($files | Measure-Object -Property Length -Sum).Sum / 1048576)
        credentials = $kept.Count
        used = $each.LastUseTime.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
    }
}
$groups = @{}
foreach ($sid in @($arguments.groups)) {
    $members = @(Get-LocalGroupMember -SID $sid)
    $groups[$sid] = @($members | ForEach-Object { @{ name = "$($_.Name)"; sid = "$($_.SID.Value)" } })
}
$printers = @()
$connections = 'HKLM:\SYSTEM\CurrentControlSet\Control\Print\Connections'
if (Test-Path -LiteralPath $connections) {
    foreach ($each in @(Get-ChildItem -LiteralPath $connections)) {
        $printers += '\\' + ($each.PSChildName.TrimStart(',') -replace ',', '\')
    }
}
# Who is logged on at the screen or from afar: each has a shell of their own.
$owners = @(Get-CimInstance -ClassName Win32_Process -Filter "Name='explorer.exe'" | ForEach-Object {
    $owner = Invoke-CimMethod -InputObject $_ -MethodName GetOwner
    "$($owner.Domain)\$($owner.User)"
})
$version = Get-ItemProperty -Path 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
@{
    name = $env:COMPUTERNAME
    description = "$($windows.Description)"
    owner = "$($version.RegisteredOwner)"
    profiles = $profiles
    groups = $groups
    printers = $printers
    archives = @($arguments.archives | Where-Object { Test-Path -LiteralPath $_ })
    users = @($owners | Sort-Object -Unique)
    disk_free_mb = [int64]($drive.FreeSpace / 1048576)
}
