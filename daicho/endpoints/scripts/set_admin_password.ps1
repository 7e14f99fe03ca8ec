# Gives the built-in administrator, or another local account, the password that came on the input.
param($arguments)
if ($arguments.account) {
    $user = Get-LocalUser -Name $arguments.account
} else {
    $user = Get-LocalUser | Where-Object { $_.SID.Value -like 'S-1-5-21-*-500' }
}
$password = ConvertTo-SecureString -String $arguments.password -AsPlainText -Force
Set-LocalUser -SID $user.SID -Password $password
@{ account = $user.Name }
