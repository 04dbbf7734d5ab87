"""Runs the whole stack natively: PostgreSQL, Redis, nginx and every process of the four services."""
