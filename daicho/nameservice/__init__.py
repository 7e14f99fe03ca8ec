"""Names and addresses in the DNS, forward and reverse, changed by signed updates."""
