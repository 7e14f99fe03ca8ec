"""Terminals and printers change their places: what follows on every system, in one change."""
