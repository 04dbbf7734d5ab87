"""The money ledger: accounts, balanced transactions and their entries, written by one posting engine."""
