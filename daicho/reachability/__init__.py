"""What answers after an outage, what does not, and the causes behind it."""
