"""Django's PostgreSQL backend with fewer round trips (ADR 0011); named by `ENGINE`."""
