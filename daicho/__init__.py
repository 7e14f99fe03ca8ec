"""Release management for an office network: request, plan, approve, run, and a ledger of it all."""
