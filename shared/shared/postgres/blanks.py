"""Where the server finds that what was written before a row was seen (shared.blanks) does not hold."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

# What a function says where it would have to be decided otherwise, once the row is seen.
WRONG_GUESS = "BL001"


class GuessWrong(Exception):
    """What was written before a row was seen does not hold; nothing of it is kept."""


@contextmanager
def guessing() -> Iterator[None]:
    """Say so where the server finds that a guess does not hold.

    :raises GuessWrong: so it is; the transaction must end with it.
    """
    try:
        yield
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) == WRONG_GUESS:
            raise GuessWrong() from error
        raise
