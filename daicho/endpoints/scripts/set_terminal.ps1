# Gives this machine to its next user: members of local groups, printers for everybody, what it says of itself.
# Each of these may be left out: add and remove (lists of {group, member}), printers_add, printers_remove,
# description, owner.
param($arguments)
foreach ($each in @($arguments.add)) {
    try {
        Add-LocalGroupMember -SID $each.group -Member $each.member
    } catch [Microsoft.PowerShell.Commands.MemberExistsException] {
        # An earlier attempt has done it.
        $null = $_
    }
}
foreach ($each in @($arguments.remove)) {
    try {
        Remove-LocalGroupMember -SID $each.group -Member $each.member
    } catch [Microsoft.PowerShell.Commands.MemberNotFoundException] {
        $null = $_
    }
}
foreach ($printer in @($arguments.printers_add)) {
    Start-Process -FilePath 'rundll32.exe' -ArgumentList "printui.dll,PrintUIEntry /ga /q /n`"$printer`"" -Wait
}
foreach ($printer in @($arguments.printers_remove)) {
    Start-Process -FilePath 'rundll32.exe' -ArgumentList "printui.dll,PrintUIEntry /gd /q /n`"$printer`"" -Wait
}
if ($arguments.PSObject.Properties.Name -contains 'description') {
    Set-CimInstance -Query 'SELECT * FROM Win32_OperatingSystem' -Property @{ Description = $arguments.description }
}
if ($arguments.PSObject.Properties.Name -contains 'owner') {
    Set-ItemProperty -Path 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion' -Name 'RegisteredOwner' -Value $arguments.owner
}
@{ done = $true }
