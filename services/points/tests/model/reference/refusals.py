"""How the reference model says no."""


class RefusedError(Exception):
    """The reference model refuses, with the code that the outside sees."""
