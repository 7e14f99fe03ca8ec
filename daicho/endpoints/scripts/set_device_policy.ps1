# Allows devices by their instance ids until a day, and takes the permission from others; the rest stays.
# allow: a list of {instance, until}. remove: instance ids.
param($arguments)
$policy = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\DeviceInstall\Restrictions'
$marks = 'HKLM:\SOFTWARE\Daicho\AllowedDevices'
foreach ($key in @($policy, "$policy\AllowInstanceIDs", $marks)) {
    if (-not (Test-Path -LiteralPath $key)) {
        $null = New-Item -Path $key -Force
    }
}
$list = Get-Item -LiteralPath "$policy\AllowInstanceIDs"
$numbers = @{}
foreach ($number in $list.GetValueNames()) {
    $numbers["$($list.GetValue($number))"] = $number
}
# The mark comes first: a permission without one would never be taken away.
foreach ($each in @($arguments.allow)) {
    Set-ItemProperty -LiteralPath $marks -Name $each.instance -Value $each.until -Type String
    if (-not $numbers.ContainsKey($each.instance)) {
        $free = 1
        while ($numbers.Values -contains "$free") {
            $free += 1
        }
        $numbers[$each.instance] = "$free"
        Set-ItemProperty -LiteralPath "$policy\AllowInstanceIDs" -Name "$free" -Value $each.instance -Type String
    }
}
foreach ($instance in @($arguments.remove)) {
    if ($numbers.ContainsKey($instance)) {
        Remove-ItemProperty -LiteralPath "$policy\AllowInstanceIDs" -Name $numbers[$instance]
        $numbers.Remove($instance)
    }
    # The policy is about installing: what is installed would go on working. Windows 10 2004 and later.
    $null = & pnputil.exe /remove-device $instance
    Remove-ItemProperty -LiteralPath $marks -Name $instance -ErrorAction SilentlyContinue
}
Set-ItemProperty -LiteralPath $policy -Name 'AllowInstanceIDs' -Value ([int]($numbers.Count -gt 0)) -Type DWord
@{ allowed = @($numbers.Keys) }
