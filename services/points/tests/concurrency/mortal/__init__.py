"""A database backend whose process dies, for tests of what a death leaves behind."""
