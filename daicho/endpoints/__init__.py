"""Windows endpoints: spoken to over WinRM, by few and small PowerShell scripts of our own."""
