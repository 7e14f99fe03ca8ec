# Makes a print queue, or gives one that is there another port or place: what waits in it stays in it.
# name. port: host, number, and lpr, the queue there, for LPR. location. For a new one driver, comment, share, too.
param($arguments)
$there = Get-Printer | Where-Object { $_.Name -eq $arguments.name }
$given = @{ Name = $arguments.name }
$want = $arguments.port
if ($want) {
    $ports = @(Get-PrinterPort)
    $port = $ports | Where-Object {
        ("$($_.PrinterHostAddress)" -eq $want.host) -and ("$($_.LprQueueName)" -eq $want.lpr) -and
        ($want.lpr -or ([int]$_.PortNumber -eq $want.number))
    } | Select-Object -First 1
    if ($port) {
        $given.PortName = "$($port.Name)"
    } else {
        $name = "IP_$($want.host)"
        if (@($ports | Where-Object { $_.Name -eq $name }).Count) { $name += "_$($want.number)$($want.lpr)" }
        if ($want.lpr) {
            Add-PrinterPort -Name $name -LprHostAddress $want.host -LprQueueName $want.lpr
        } else {
            Add-PrinterPort -Name $name -PrinterHostAddress $want.host -PortNumber $want.number
        }
        $given.PortName = $name
    }
}
if ($arguments.PSObject.Properties.Name -contains 'location') { $given.Location = $arguments.location }
if ($there) {
    Set-Printer @given
} else {
    $given.DriverName = $arguments.driver
    $given.Comment = $arguments.comment
    if ($arguments.share) {
        $given.Shared = $true
        $given.ShareName = $arguments.share
    }
    Add-Printer @given
}
# The port that it had goes if it has such a name and nobody prints through it any more; the spooler may hold it.
$old = "$($there.PortName)"
$used = @(Get-Printer | Where-Object { $_.PortName -eq $old }).Count
if ($old.StartsWith('IP_') -and ($used -eq 0)) { Remove-PrinterPort -Name $old -ErrorAction SilentlyContinue }
@{ made = (-not $there) }
