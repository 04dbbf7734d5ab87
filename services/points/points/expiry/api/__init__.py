"""Expiry runs and reinstatements over HTTP."""
