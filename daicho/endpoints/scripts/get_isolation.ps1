# How the firewall stands, what our isolation lets through, and who can be reached. Changes nothing.
# probes: places as address:port that are tried; without any, the machine's own name servers.
param($arguments)
$profiles = @{}
$merged = $true
foreach ($each in @(Get-NetFirewallProfile -PolicyStore ActiveStore)) {
    $profiles["$($each.Name)"] = ("$($each.Enabled)" -eq 'True')
    if ("$($each.AllowLocalFirewallRules)" -eq 'False') { $merged = $false }
}
$rules = @(Get-NetFirewallRule -Group 'Daicho isolation' -ErrorAction SilentlyContinue)
$kept = @()
foreach ($rule in @($rules | Where-Object { $_.Name -eq 'daicho-isolation-allow-in' })) {
    $kept = @(($rule | Get-NetFirewallAddressFilter).RemoteAddress)
}
$servers = @((Get-DnsClientServerAddress -AddressFamily IPv4).ServerAddresses | Sort-Object -Unique)
$leases = @(Get-CimInstance -ClassName Win32_NetworkAdapterConfiguration -Filter 'DHCPEnabled=TRUE')
$probes = @($arguments.probes)
if ($probes.Count -eq 0) {
    $probes = @($servers | ForEach-Object { "${_}:53" })
}
$reached = @()
foreach ($probe in $probes) {
    $place = $probe -split ':'
    $client = New-Object System.Net.Sockets.TcpClient
    try {
        if ($client.ConnectAsync($place[0], [int]$place[1]).Wait(3000)) { $reached += $probe }
    } catch {
        # Refused, or no way there: it is not reached.
        $null = $_
    } finally {
        $client.Close()
    }
}
$computer = Get-CimInstance -ClassName Win32_ComputerSystem
$way = @(Get-NetTCPConnection -LocalPort ([int]$arguments.port) -State Established)
@{
    profiles = $profiles
    merged = $merged
    rules = @($rules | ForEach-Object { "$($_.Name)" } | Sort-Object)
    kept = $kept
    trial = [bool](Get-ScheduledTask -TaskName 'Daicho isolation trial' -ErrorAction SilentlyContinue)
    probes = $probes
    reached = $reached
    dhcp = @($leases | ForEach-Object { "$($_.DHCPServer)" } | Where-Object { $_ } | Sort-Object -Unique)
    from = @($way | ForEach-Object { "$($_.RemoteAddress)" } | Sort-Object -Unique)
    user = "$($computer.UserName)"
}
