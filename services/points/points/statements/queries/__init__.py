"""Reads of statements."""
