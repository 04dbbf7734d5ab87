"""Identifiers: UUIDs of version 7, which sort by the time they were made."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID, uuid5

import msgspec

# Fixed for ever: an id derived from it must come out the same after any upgrade.
NAMESPACE = UUID("6f1c0f4e-6d0b-5c39-9a5e-0d9b7a3a51c7")
# A digit of which two bits are random and two say the variant.
_VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}


def new_id() -> UUID:
    """Make a UUID version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then random bits.

    New rows then land at the end of each index instead of all over it.
    """
    value = time.time_ns() // 1_000_000 << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def new_ids(count: int) -> list[UUID]:
    """Make so many UUIDs version 7 of this millisecond, in a third of the time of one by one."""
    digits, begin = os.urandom(10 * count).hex(), f"{time.time_ns() // 1_000_000:012x}7"
    made = [
        f"{begin}{digits[at : at + 3]}{_VARIANT[digits[at + 3]]}{digits[at + 4 : at + 19]}"
        for at in range(0, 20 * count, 20)
    ]
    return msgspec.convert(made, list[UUID])


def first_id_of(instant: datetime) -> UUID:
    """Return the smallest UUID version 7 of an instant's millisecond: ids from it on were made then or later."""
    return UUID(int=int(instant.timestamp() * 1000) << 80)


def made_at(message_id: UUID) -> datetime:
    """Return the millisecond in which a UUID version 7 was made."""
    return datetime.fromtimestamp((message_id.int >> 80) / 1000, UTC)


def derived_id(*parts: object) -> UUID:
    """Make the same UUID (version 5) for the same parts, for effects that must have one id however often they run."""
    return uuid5(NAMESPACE, "\x1f".join(str(part) for part in parts))
