# Cuts this machine off from all but a few addresses, on trial: unless `settle` follows, it goes back by itself.
# keep: addresses and networks. others: all the rest, as ranges. port: WinRM. minutes: of the trial.
# profiles: names of the firewall profiles that are off and stay off after the trial.
param($arguments)
$group = 'Daicho isolation'
$trial = 'Daicho isolation trial'
$back = "Remove-NetFirewallRule -Group '$group'"
foreach ($name in @($arguments.profiles)) {
    $back += "; Set-NetFirewallProfile -Name '$name' -Enabled False"
}
$back += "; Unregister-ScheduledTask -TaskName '$trial' -Confirm:`$false"
$encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($back))
$program = 'powershell.exe'
$action = New-ScheduledTaskAction -Execute $program -Argument "-NoProfile -NonInteractive -EncodedCommand $encoded"
$trigger = New-ScheduledTaskTrigger -Once -At (Get-Date).AddMinutes([int]$arguments.minutes)
# A machine that was off at that moment goes back when it is on again.
$options = New-ScheduledTaskSettingsSet -StartWhenAvailable -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
$null = Register-ScheduledTask -TaskName $trial -Action $action -Trigger $trigger -Settings $options -User 'SYSTEM' -RunLevel Highest -Force
Remove-NetFirewallRule -Group $group -ErrorAction SilentlyContinue
$common = @{ Group = $group; DisplayName = $group; Profile = 'Any'; Enabled = 'True' }
$null = New-NetFirewallRule @common -Name 'daicho-isolation-allow-in' -Direction Inbound -Action Allow -Protocol TCP -LocalPort $arguments.port -RemoteAddress $arguments.keep
$null = New-NetFirewallRule @common -Name 'daicho-isolation-allow-out' -Direction Outbound -Action Allow -RemoteAddress $arguments.keep
Set-NetFirewallProfile -All -Enabled True
# What blocks wins over what allows, so no rule that is there has to be touched.
$null = New-NetFirewallRule @common -Name 'daicho-isolation-block-in' -Direction Inbound -Action Block -RemoteAddress $arguments.others
$null = New-NetFirewallRule @common -Name 'daicho-isolation-block-out' -Direction Outbound -Action Block -RemoteAddress $arguments.others
@{ trial = $true }
