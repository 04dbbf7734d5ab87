"""Reads of what programmes know of members."""
