"""Terminals that are lent: which one is free and fit, who has it, and until when."""
