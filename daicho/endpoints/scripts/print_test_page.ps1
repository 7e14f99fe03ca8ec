# Prints Windows' own test page on a queue and waits until the printer has taken it.
# name. seconds: how long that may take.
param($arguments)
$queue = Get-CimInstance -ClassName Win32_Printer | Where-Object { $_.Name -eq $arguments.name }
if (-not $queue) { throw @{ kind = 'no_queue'; message = "$($arguments.name)" } }
$known = @(Get-PrintJob -PrinterName $queue.Name | ForEach-Object { $_.ID })
$answer = Invoke-CimMethod -InputObject $queue -MethodName PrintTestPage
if ($answer.ReturnValue -ne 0) {
    throw @{ kind = 'refused'; message = "PrintTestPage: $($answer.ReturnValue)" }
}
$until = (Get-Date).AddSeconds([int]$arguments.seconds)
do {
    Start-Sleep -Milliseconds 500
    $left = @(Get-PrintJob -PrinterName $queue.Name | Where-Object { $known -notcontains $_.ID })
} while ($left.Count -and ((Get-Date) -lt $until))
@{
    taken = ($left.Count -eq 0)
    why = "$(@($left | ForEach-Object { $_.JobStatus } | Sort-Object -Unique) -join ', ')"
}
