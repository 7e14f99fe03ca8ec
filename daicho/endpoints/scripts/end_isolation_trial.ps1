# What `isolate` did stays: the task that would take it back goes.
param($arguments)
Unregister-ScheduledTask -TaskName 'Daicho isolation trial' -Confirm:$false -ErrorAction SilentlyContinue
@{ trial = $false }
