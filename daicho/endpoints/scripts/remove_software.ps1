# Removes one program by the name of its key below Uninstall; if it is not there, nothing is done.
# kind: msi or exe. words: arguments for silence, where the program does not say itself how.
param($arguments)
$entry = $null
foreach ($root in @('HKLM:\SOFTWARE\WOW6432Node', 'HKLM:\SOFTWARE')) {
    $key = "$root\Microsoft\Windows\CurrentVersion\Uninstall\$($arguments.product)"
    if (Test-Path -LiteralPath $key) {
        $entry = Get-ItemProperty -LiteralPath $key
    }
}
$code = 0
if ($entry) {
    $words = @($arguments.words) -join ' '
    if ($arguments.kind -eq 'msi') {
        $done = Start-Process -FilePath 'msiexec.exe' -ArgumentList "/x $($arguments.product) $words" -Wait -PassThru
    } else {
        $line = "$($entry.QuietUninstallString)"
        if (-not $line) {
            $line = "$($entry.UninstallString) $words"
        }
        $done = Start-Process -FilePath 'cmd.exe' -ArgumentList "/d /s /c `"$line`"" -Wait -PassThru
    }
    $code = $done.ExitCode
}
@{ exit_code = $code }
