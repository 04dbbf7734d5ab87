"""Numbers that only the server knows when a text is written: they are left blank, and the server fills them in.

So an operation that need not see a row before it changes it waits for nothing between its lock and its commit: all of
it is one message. `filled` (migration 0003 of shared.idempotency) puts the numbers that the operation's function left
in `blanks.numbers`, in their order, in place of the blanks of a text.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import msgspec
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

# What a function says where it would have to be decided otherwise, once the row is seen.
WRONG_GUESS = "BL001"
ASK = "SELECT current_setting('blanks.numbers')"


class Blank(int):
    """The number at a place of `blanks.numbers`, from 1 on; nothing can be reckoned with it.

    In JSON it is a control character by itself, which JSON has nowhere else.
    """

    def as_json(self) -> msgspec.Raw:
        """Return what stands for it in JSON."""
        return msgspec.Raw(chr(self.real).encode())

    def __repr__(self) -> str:
        return f"<blank {self.real}>"

    def _refuse(self, *_: Any) -> NoReturn:
        raise TypeError("only the server knows this number")

    __str__ = __repr__
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __abs__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _refuse


class GuessWrong(Exception):
    """What was written before a row was seen does not hold; nothing of it is kept."""


BLANKS = (Blank(1), Blank(2))


def plain(value: Any) -> Any:
    """Return what stands for a blank in JSON; the hook of an encoder.

    :raises NotImplementedError: it is anything else.
    """
    if isinstance(value, Blank):
        return value.as_json()
    raise NotImplementedError(type(value))


def has_blanks(text: bytes | str) -> bool:
    """Tell whether JSON has blanks."""
    first, second = ("\1", "\2") if isinstance(text, str) else (b"\1", b"\2")
    return first in text or second in text  # type: ignore[operator]


def ask_at_commit() -> None:
    """Let the numbers come with the answer to the commit."""
    link = connections[DEFAULT_DB_ALIAS]
    link.ensure_connection()
    link.connection.ask_at_commit(ASK.encode())


def fill(text: bytes) -> bytes:
    """Fill in the numbers as the server did, once what leaves them is done."""
    link = connections[DEFAULT_DB_ALIAS]
    if (answer := link.connection.take_answer()) is None:
        # There was no commit yet: the transaction is part of another.
        with link.cursor() as cursor:
            cursor.execute(ASK)
            answer = cursor.fetchone()
    for blank, number in zip(BLANKS, answer[0].split(","), strict=True):
        text = text.replace(bytes([blank.real]), number.encode())
    return text


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
