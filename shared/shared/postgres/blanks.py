"""What only the server knows when a text is written: it is left blank, and the server fills it in.

So an operation that need not see a row before it changes it waits for nothing between its lock and its commit: all of
it is one message. `filled` (migration 0003 of shared.idempotency) puts what the operation's function left in
`blanks.values` in place of the blanks of a text.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import msgspec
from django.db import DatabaseError

# What a function says where it would have to be decided otherwise, once the row is seen.
WRONG_GUESS = "BL001"
# Each blank is a control character by itself, which JSON has nowhere else; what fills them is parted by the first.
_FIRST, _SECOND, _THIRD = "\1", "\2", "\3"


def _refuse(*_: Any) -> NoReturn:
    raise TypeError("only the server knows this")


class Blank(int):
    """A number; nothing can be reckoned with it."""

    def __repr__(self) -> str:
        return f"<blank {self.real}>"

    __str__ = __repr__
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __abs__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _refuse


class BlankRows(tuple[Any, ...]):
    """A list; nobody can look into it."""

    __iter__ = __len__ = __getitem__ = __contains__ = __add__ = _refuse


NUMBERS = Blank(1), Blank(2)
ROWS = BlankRows()
_CHARACTERS = {id(NUMBERS[0]): _FIRST, id(NUMBERS[1]): _SECOND, id(ROWS): _THIRD}


class GuessWrong(Exception):
    """What was written before a row was seen does not hold; nothing of it is kept."""


def in_json(value: Any) -> msgspec.Raw:
    """Return what stands for a blank in JSON; for numbers also the hook of an encoder.

    :raises NotImplementedError: it is anything else.
    """
    if not isinstance(value, Blank | BlankRows):
        raise NotImplementedError(type(value))
    return msgspec.Raw(_CHARACTERS[id(value)].encode())


def has_blanks(text: str) -> bool:
    """Tell whether JSON has blanks."""
    return _FIRST in text or _SECOND in text or _THIRD in text


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
