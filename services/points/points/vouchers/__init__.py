"""Vouchers: campaigns, their codes, who holds them, and what they took off an order."""
