"""Purchases of payments and of merchants: what they earned, what paid for them, and their returns."""
