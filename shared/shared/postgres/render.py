"""Placeholders of a text: what only the server knows when the text is written, and renders.

So an operation that need not read a row before it changes it waits for nothing between its lock and its commit: all of
it is one message. `rendered` (idempotency/migrations/0001_initial/rendered.sql) puts what the operation's function left
in `render.values` in place of the placeholders. `shared.postgres.optimistic` says where such a write does not hold.
"""

from typing import Any, NoReturn

import msgspec

# Each placeholder is a control character by itself, which JSON has nowhere else; the values are parted by the first.
_FIRST, _SECOND, _THIRD = "\1", "\2", "\3"


def _refuse(*_: Any) -> NoReturn:
    raise TypeError("only the server knows this")


class Placeholder(int):
    """A number that the server renders; it refuses arithmetic."""

    def __repr__(self) -> str:
        return f"<placeholder {self.real}>"

    __str__ = __repr__
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __abs__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _refuse


class PlaceholderRows(tuple[Any, ...]):
    """A list that the server renders; nobody can look into it."""

    __iter__ = __len__ = __getitem__ = __contains__ = __add__ = _refuse


NUMBERS = Placeholder(1), Placeholder(2)
ROWS = PlaceholderRows()
_CHARACTERS = {id(NUMBERS[0]): _FIRST, id(NUMBERS[1]): _SECOND, id(ROWS): _THIRD}


def in_json(value: Any) -> msgspec.Raw:
    """Return what stands for a placeholder in JSON; for numbers also the hook of an encoder.

    :raises NotImplementedError: it is anything else.
    """
    if not isinstance(value, Placeholder | PlaceholderRows):
        raise NotImplementedError(type(value))
    return msgspec.Raw(_CHARACTERS[id(value)].encode())


def has_placeholders(text: str) -> bool:
    """Tell whether JSON has placeholders."""
    return _FIRST in text or _SECOND in text or _THIRD in text
