# Which programs are there, which run, and how much room there is. Changes nothing.
# products: names of keys below Uninstall (an MSI's product code). processes: names without .exe.
param($arguments)
$versions = @{}
foreach ($product in $arguments.products) {
    foreach ($root in @('HKLM:\SOFTWARE\WOW6432Node', 'HKLM:\SOFTWARE')) {
        $key = "$root\Microsoft\Windows\CurrentVersion\Uninstall\$product"
        if (Test-Path -LiteralPath $key) {
            $versions[$product] = "$((Get-ItemProperty -LiteralPath $key).DisplayVersion)"
        }
    }
}
$running = @(Get-Process | Where-Object { $arguments.processes -contains $_.ProcessName })
$windows = Get-CimInstance -ClassName Win32_OperatingSystem
$drive = Get-CimInstance -ClassName Win32_LogicalDisk -Filter "DeviceID='$($windows.SystemDrive)'"
$computer = Get-CimInstance -ClassName Win32_ComputerSystem
@{
    versions = $versions
    running = @($running | ForEach-Object { $_.ProcessName } | Sort-Object -Unique)
    disk_free_mb = [int64]($drive.FreeSpace / 1048576)
    user = "$($computer.UserName)"
}
