"""Wallets: a member's money in one currency, and top-ups by card."""
