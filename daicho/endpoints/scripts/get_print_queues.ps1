# The queues of a print server, the ports that they print through, the drivers that are installed. Changes nothing.
param($arguments)
$ports = @{}
foreach ($port in @(Get-PrinterPort)) {
    # Ports of other kinds (USB, WSD, IPP, files) have no such address.
    $ports["$($port.Name)"] = @{
        host = "$($port.PrinterHostAddress)"
        number = [int]$port.PortNumber
        lpr = "$($port.LprQueueName)"
    }
}
$queues = @()
foreach ($each in @(Get-Printer | Where-Object { "$($_.Type)" -eq 'Local' })) {
    $share = ''
    if ($each.Shared) { $share = "$($each.ShareName)" }
    $queues += @{
        name = "$($each.Name)"
        port = "$($each.PortName)"
        driver = "$($each.DriverName)"
        location = "$($each.Location)"
        comment = "$($each.Comment)"
        share = $share
        jobs = @(Get-PrintJob -PrinterObject $each).Count
        paused = ("$($each.PrinterStatus)" -match 'Paused')
    }
}
@{
    queues = $queues
    ports = $ports
    drivers = @(Get-PrinterDriver | ForEach-Object { "$($_.Name)" } | Sort-Object -Unique)
}
