"""Figures of the points service's own database, from inside a process with that service's settings."""
