"""Wallets and their top-ups over HTTP."""
