# Installs one program; nothing of its file is run before its SHA-256 has been found to fit.
# kind: msi or exe. source: an https address or a path on this machine. words: arguments of the installer.
param($arguments)
# Below Program Files only administrators write: nobody puts another file there in between.
$folder = Join-Path -Path $env:ProgramFiles -ChildPath 'Daicho\Staging'
$file = Join-Path -Path $folder -ChildPath "$($arguments.sha256).$($arguments.kind)"
try {
    $null = New-Item -ItemType Directory -Path $folder -Force
    if ($arguments.source -like 'https:*') {
        [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
        Invoke-WebRequest -UseBasicParsing -Uri $arguments.source -OutFile $file
    } else {
        Copy-Item -LiteralPath $arguments.source -Destination $file -Force
    }
    $sum = (Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash.ToLowerInvariant()
    if ($sum -ne $arguments.sha256) {
        throw @{ kind = 'other_file'; message = $sum }
    }
    $program = $file
    $words = @($arguments.words)
    if ($arguments.kind -eq 'msi') {
        $program = 'msiexec.exe'
        $words = @('/i', "`"$file`"") + $words
    }
    $done = Start-Process -FilePath $program -ArgumentList ($words -join ' ') -Wait -PassThru
} catch [System.IO.IOException] {
    # ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL
    if (@(112, 39) -contains ($_.Exception.HResult -band 0xFFFF)) {
        throw @{ kind = 'no_space'; message = $_.Exception.Message }
    }
    throw
} finally {
    Remove-Item -LiteralPath $file -Force -ErrorAction SilentlyContinue
}
@{ exit_code = $done.ExitCode }
