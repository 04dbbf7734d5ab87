"""Identifiers: UUIDs of version 7, which sort by the time they were made."""

import os
import time
from datetime import UTC, datetime
from threading import Lock
from uuid import UUID, uuid5

import msgspec

# Fixed for ever: an id derived from it must come out the same after any upgrade.
NAMESPACE = UUID("6f1c0f4e-6d0b-5c39-9a5e-0d9b7a3a51c7")
# A digit of which two bits are random and two say the variant.
_VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}


class _Clock:
    """The milliseconds and the 74 random bits of the last id that this process made: each is larger than the one before
    (RFC 9562 §6.2, method 2), so that what was made in one millisecond has its order as well. A clock that is put back
    by more than ten seconds is believed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0, 0

    def renew(self) -> None:
        """Take a lock that nobody holds."""
        self._lock = Lock()

    def next(self) -> tuple[int, int]:
        """Return those of the next id."""
        with self._lock:
            (moment, bits), now = self._last, time.time_ns() // 1_000_000
            if not 0 <= moment - now <= _PUT_BACK:
                moment, bits = now, int.from_bytes(os.urandom(10)) & _BITS
            elif (bits := bits + 1 + int.from_bytes(os.urandom(6))) > _BITS:
                moment, bits = moment + 1, bits & _BITS
            self._last = moment, bits
            return self._last

    def fresh(self) -> int:
        """Return a millisecond in which no id was made, and none but the caller's will be."""
        with self._lock:
            moment, now = self._last[0] + 1, time.time_ns() // 1_000_000
            self._last = (moment if 0 <= moment - now <= _PUT_BACK else now), _BITS
            return self._last[0]


_BITS = 2**74 - 1
_PUT_BACK = 10_000  # milliseconds
# So many take their place among the others; more have a millisecond of their own.
_FEW = 8
_clock = _Clock()
# A lock that another thread held at that moment would never be free in the child.
os.register_at_fork(after_in_child=_clock.renew)


def new_id() -> UUID:
    """Make a UUID version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then random bits; larger than the one before.

    New rows then land at the end of each index instead of all over it.
    """
    moment, bits = _clock.next()
    return UUID(int=moment << 80 | 0x7 << 76 | bits >> 62 << 64 | 0x2 << 62 | bits & 2**62 - 1)


def new_ids(count: int) -> list[UUID]:
    """Make so many UUIDs version 7, each larger than the one before, in a third of the time of one by one where
    they are many."""
    if count <= _FEW:
        return [new_id() for _ in range(count)]
    digits, begin = os.urandom(10 * count).hex(), f"{_clock.fresh():012x}7"
    made = [
        f"{begin}{digits[at : at + 3]}{_VARIANT[digits[at + 3]]}{digits[at + 4 : at + 19]}"
        for at in range(0, 20 * count, 20)
    ]
    return msgspec.convert(sorted(made), list[UUID])


def first_id_of(instant: datetime) -> UUID:
    """Return the smallest UUID version 7 of an instant's millisecond: ids from it on were made then or later."""
    return UUID(int=int(instant.timestamp() * 1000) << 80)


def made_at(message_id: UUID) -> datetime:
    """Return the millisecond in which a UUID version 7 was made, by the machine's clock."""
    return datetime.fromtimestamp(milliseconds_of(message_id) / 1000, UTC)


def milliseconds_of(message_id: UUID) -> int:
    """Return the same in milliseconds since 1970: a number of any id, also of one that is of no year."""
    return message_id.int >> 80


def derived_id(*parts: object) -> UUID:
    """Make the same UUID (version 5) for the same parts, for effects that must have one id however often they run."""
    return uuid5(NAMESPACE, "\x1f".join(str(part) for part in parts))
