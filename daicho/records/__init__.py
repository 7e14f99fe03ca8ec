"""What the ledger says about changes and runs: read from the chain, listed through projections."""
