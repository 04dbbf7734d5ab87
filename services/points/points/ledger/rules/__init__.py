"""The rules of the ledger: pure functions on values."""
