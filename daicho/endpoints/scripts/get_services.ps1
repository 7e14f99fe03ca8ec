# The states of the services that are asked for; absent where there is no such service. Changes nothing.
param($arguments)
$states = @{}
foreach ($name in $arguments.names) {
    $service = Get-CimInstance -ClassName Win32_Service | Where-Object { $_.Name -eq $name }
    $states[$name] = 'absent'
    if ($service) { $states[$name] = $service.State }
}
@{ states = $states }
