"""Merchants over HTTP."""
