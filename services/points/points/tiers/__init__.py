"""Tiers: who is gold, by what was earned in which time, and since when."""
