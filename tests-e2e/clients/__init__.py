"""What callers of the system use: thin, typed, and through the gateway only."""
