"""The ledger: accounts, entries, lots and allocations, and everything that writes them."""
