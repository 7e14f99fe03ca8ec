# Connects this machine again: our rules go, and each firewall profile is on or off as it was before.
# profiles: a name and whether it is on, for each.
param($arguments)
foreach ($each in $arguments.profiles.PSObject.Properties) {
    Set-NetFirewallProfile -Name $each.Name -Enabled "$([bool]$each.Value)"
}
Remove-NetFirewallRule -Group 'Daicho isolation' -ErrorAction SilentlyContinue
Unregister-ScheduledTask -TaskName 'Daicho isolation trial' -Confirm:$false -ErrorAction SilentlyContinue
@{ isolated = $false }
