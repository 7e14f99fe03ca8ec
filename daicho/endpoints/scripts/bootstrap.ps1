# The only command that is ever started: errands on stdin, an answer to each on stdout, a line each.
# Nothing that matters stands in the command line, where every process can read it.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$utf8 = New-Object System.Text.UTF8Encoding $false
$stdin = New-Object System.IO.StreamReader ([Console]::OpenStandardInput()), $utf8
$stdout = [Console]::OpenStandardOutput()
$given = ConvertFrom-Json $stdin.ReadToEnd()
$errands = @($given)
if ($given.errands) { $errands = @($given.errands) }
foreach ($errand in $errands) {
    $answer = @{ ok = $false; host = $env:COMPUTERNAME }
    if ($given.host -and ($given.host -ne $env:COMPUTERNAME)) {
        $answer.kind = 'other_machine'
        $answer.message = $env:COMPUTERNAME
    } else {
        try {
            $answer.result = & ([ScriptBlock]::Create($errand.script)) $errand.arguments
            $answer.ok = $true
        } catch {
            $answer.kind = 'error'
            $answer.message = $_.Exception.Message
            if ($_.TargetObject.kind) {
                $answer.kind = $_.TargetObject.kind
                $answer.message = $_.TargetObject.message
            }
        }
    }
    $line = $utf8.GetBytes((ConvertTo-Json $answer -Depth 8 -Compress) + "`n")
    $stdout.Write($line, 0, $line.Length)
    $stdout.Flush()
}
