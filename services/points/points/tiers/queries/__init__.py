"""Reads of tiers."""
