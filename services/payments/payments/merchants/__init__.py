"""Merchants: who can be paid."""
