"""The DHCP server: which terminal and which printer gets which address."""
