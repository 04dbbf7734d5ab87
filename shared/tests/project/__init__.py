"""A service of the tests' own: one table, one resource, one listener."""
