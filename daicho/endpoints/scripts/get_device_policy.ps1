# Which devices may be installed here by their instance ids, and until when. Changes nothing.
# serials: serial numbers of devices that were plugged in here before, whose instance ids are wanted.
param($arguments)
$policy = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\DeviceInstall\Restrictions'
$marks = 'HKLM:\SOFTWARE\Daicho\AllowedDevices'
$settings = @{}
foreach ($name in @('AllowInstanceIDs', 'AllowDenyLayered', 'DenyUnspecified', 'DenyRemovableDevices')) {
    $settings[$name] = 0
    if (Test-Path -LiteralPath $policy) {
        $settings[$name] = [int](Get-ItemProperty -LiteralPath $policy).$name
    }
}
$allowed = @()
if (Test-Path -LiteralPath "$policy\AllowInstanceIDs") {
    $list = Get-Item -LiteralPath "$policy\AllowInstanceIDs"
    $allowed = @($list.GetValueNames() | ForEach-Object { "$($list.GetValue($_))" })
}
$until = @{}
if (Test-Path -LiteralPath $marks) {
    $ours = Get-Item -LiteralPath $marks
    foreach ($name in $ours.GetValueNames()) {
        $until[$name] = "$($ours.GetValue($name))"
    }
}
$seen = @()
if ($arguments.serials) {
    foreach ($device in @(Get-PnpDevice)) {
        # USB\VID_0411&PID_0105\SERIAL and USBSTOR\DISK&...\SERIAL&0
        $serial = ($device.InstanceId -split '\\')[-1] -replace '&\d+$', ''
        if ($arguments.serials -contains $serial) {
            $seen += @{ serial = $serial; instance = "$($device.InstanceId)"; name = "$($device.FriendlyName)" }
        }
    }
}
@{ settings = $settings; allowed = $allowed; until = $until; seen = $seen }
