"""Optimistic writes: a row is changed before it is read, and the server says where that does not hold.

Whoever can run a piece of work again opens an attempt (`shared.idempotency.replay`); what writes looks whether one is
open. The work must have no effect outside the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError

from shared.db import execute, rows

# What a function raises where the work has to read first.
CONFLICT = "OC001"
_IS_OPEN = ContextVar("an optimistic attempt is open", default=False)
_COUNT = "SELECT nextval('optimistic_conflict')"
_COUNTED = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM optimistic_conflict"


class OptimisticConflict(Exception):
    """What was written before a row was read does not hold; nothing of it is kept."""


@contextmanager
def attempt() -> Iterator[None]:
    """Let what runs inside write before it reads; the transaction must be opened, and committed, inside.

    :raises OptimisticConflict: it does not hold, and is counted.
    """
    token = _IS_OPEN.set(True)
    try:
        yield
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) == CONFLICT:
            raise OptimisticConflict() from error
        raise
    finally:
        _IS_OPEN.reset(token)


def is_open() -> bool:
    """Tell whether whoever runs this work runs it again after a conflict."""
    return _IS_OPEN.get()


def count_conflict() -> None:
    """Count a conflict; for good, whatever becomes of the transaction."""
    execute(_COUNT)


def conflicts() -> int:
    """Return how many conflicts there were in this database."""
    return int(rows(_COUNTED)[0][0])
