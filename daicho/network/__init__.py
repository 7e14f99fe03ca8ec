"""Configurations of network devices as facts: what they say, what would change, and the way back. Pure."""
