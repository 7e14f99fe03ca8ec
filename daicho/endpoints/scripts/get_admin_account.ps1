# The built-in administrator by its SID, or another local account by name. Changes nothing.
param($arguments)
if ($arguments.account) {
    $user = Get-LocalUser -Name $arguments.account
} else {
    $user = Get-LocalUser | Where-Object { $_.SID.Value -like 'S-1-5-21-*-500' }
}
$since = ''
if ($user.PasswordLastSet) {
    $since = $user.PasswordLastSet.ToUniversalTime().ToString('o')
}
@{
    account = $user.Name
    sid = $user.SID.Value
    enabled = [bool]$user.Enabled
    password_set = $since
}
