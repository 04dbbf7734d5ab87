"""How the clerk says no."""


class RefusedError(Exception):
    """The clerk refuses, with the code that the outside sees."""
