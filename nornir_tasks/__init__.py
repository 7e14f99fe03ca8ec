"""What Nornir does on network devices: one module per verb; `devices` alone speaks to them."""
