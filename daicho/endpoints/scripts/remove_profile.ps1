# Removes one person's profile; what is to be put aside is packed first, without saved credentials.
# sid: whose. archive: the folder that it is packed into, or nothing. name: of the archive there.
param($arguments)
$person = Get-CimInstance -ClassName Win32_UserProfile -Filter "SID='$($arguments.sid)'"
$file = ''
if ($person) {
    if ($person.Loaded) {
        throw @{ kind = 'in_use'; message = "$($person.LocalPath)" }
    }
    if ($arguments.archive) {
        if (-not (Test-Path -LiteralPath $arguments.archive)) {
            $null = New-Item -ItemType Directory -Path $arguments.archive -Force
            # Administrators and the system alone, by SID: a folder on a drive is open to all users.
            $null = & icacls.exe $arguments.archive /inheritance:r /grant '*S-1-5-32-544:(OI)(CI)F' '*S-1-5-18:(OI)(CI)F'
        }
        $file = Join-Path -Path $arguments.archive -ChildPath $arguments.name
        # Packed under another name, so that half an archive is never taken for one.
        $part = "$file.part"
        Remove-Item -LiteralPath $part -Force -ErrorAction SilentlyContinue
        $secrets = '\\AppData\\(Local|Roaming)\\Microsoft\\(Credentials|Vault|Protect)\\'
        $files = @(Get-ChildItem -LiteralPath $person.LocalPath -Recurse -Force -File | Where-Object { $_.FullName -notmatch $secrets })
        Add-Type -AssemblyName System.IO.Compression
        Add-Type -AssemblyName System.IO.Compression.FileSystem
        $pack = [System.IO.Compression.ZipFile]::Open($part, 'Create')
        try {
            foreach ($each in $files) {
                $inside = $each.FullName.Substring($person.LocalPath.Length + 1)
                $null = [System.IO.Compression.ZipFileExtensions]::CreateEntryFromFile($pack, $each.FullName, $inside)
            }
        } catch [System.IO.IOException] {
            if (@(112, 39) -contains ($_.Exception.HResult -band 0xFFFF)) {
                throw @{ kind = 'no_space'; message = $_.Exception.Message }
            }
            throw
        } finally {
            $pack.Dispose()
        }
        Move-Item -LiteralPath $part -Destination $file -Force
    }
    Remove-CimInstance -InputObject $person
}
@{ archive = $file }
