"""What only the server knows when a text is written: it is left blank, and the server fills it in.

So an operation that need not see a row before it changes it waits for nothing between its lock and its commit: all of
it is one message. `filled` (migration 0003 of shared.idempotency) puts what the operation's function left in
`blanks.values` in place of the blanks of a text. Pure, so that rules may leave blanks; `shared.postgres.blanks` says
where a guess does not hold.
"""

from typing import Any, NoReturn

import msgspec

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
