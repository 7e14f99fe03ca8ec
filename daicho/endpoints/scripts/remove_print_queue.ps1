# Removes a print queue in which nothing waits. While something waits, it stays as it was, and says how much.
# name. to: the queue through whose port it may print what waits; empty: none. seconds: how long that may take.
param($arguments)
$queue = Get-Printer | Where-Object { $_.Name -eq $arguments.name }
if (-not $queue) { return @{ waiting = 0 } }
$other = $null
if ($arguments.to) {
    $other = Get-Printer | Where-Object { $_.Name -eq $arguments.to }
    if (-not $other) { throw @{ kind = 'no_queue'; message = "$($arguments.to)" } }
}
$old = "$($queue.PortName)"
# Nobody sends anything more into it.
if ($queue.Shared) { Set-Printer -Name $queue.Name -Shared $false }
$waiting = @(Get-PrintJob -PrinterObject $queue).Count
if ($waiting -and $other) {
    # Windows cannot move jobs: their queue prints through another port, as an administrator would let it.
    Set-Printer -Name $queue.Name -PortName $other.PortName
    $until = (Get-Date).AddSeconds([int]$arguments.seconds)
    while ($waiting -and ((Get-Date) -lt $until)) {
        Start-Sleep -Milliseconds 500
        $waiting = @(Get-PrintJob -PrinterObject $queue).Count
    }
    if ($waiting) { Set-Printer -Name $queue.Name -PortName $old }
}
if ($waiting) {
    if ($queue.Shared) { Set-Printer -Name $queue.Name -Shared $true -ShareName $queue.ShareName }
    return @{ waiting = $waiting }
}
Remove-Printer -Name $queue.Name
$used = @(Get-Printer | Where-Object { $_.PortName -eq $old }).Count
if ($old.StartsWith('IP_') -and ($used -eq 0)) { Remove-PrinterPort -Name $old -ErrorAction SilentlyContinue }
@{ waiting = 0 }
