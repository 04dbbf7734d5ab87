"""How a file is read: which column is which field, and how numbers and dates are written."""

from typing import Any

import msgspec
from msgspec import Struct

from shared.texts import composed

FIELDS = ("member_id", "points", "amount", "kind", "reference", "reason", "occurred_at", "expires_at")
CONSTANTS = ("kind", "reference", "reason")
KINDS = ("earn", "redeem", "adjust")


class Plan(Struct, frozen=True, kw_only=True):
    """What the caller said of a file, with the programme's terms as they were then.

    `columns` maps fields to names of columns, `constants` fields to what all rows have; a filled cell counts more.
    `kinds` maps what the kind's column says to one of KINDS, and `may` are those that the caller may post. `key` are
    the columns that name a row for ever; without any its whole content does. Money earns `earn_points` for each
    `earn_amount` minor units of `currency`. Points that have ended before they come are posted all the same, or left
    out (`already_expired`).
    """

    format: str = "csv"
    encoding: str = "utf-8"
    separator: str | None = None
    decimal_mark: str = "."
    amounts_in: str = "major"
    dates: str = "iso"
    timezone: str = "UTC"
    currency: str = "EUR"
    earn_points: int = 1
    earn_amount: int = 100
    already_expired: str = "post"
    columns: dict[str, str]
    constants: dict[str, str] = {}
    kinds: dict[str, str] = {}
    key: tuple[str, ...] = ()
    may: tuple[str, ...] = KINDS

    def used(self) -> list[str]:
        """Return the names of the columns that are read, each once."""
        return list(dict.fromkeys([*self.columns.values(), *self.key]))


class Heading(Struct, frozen=True, kw_only=True):
    """What the first line says: the columns in their order, what separates them and what ends a line, and where the
    rows begin."""

    columns: tuple[str, ...]
    separator: str = ","
    line_end: str = "\n"
    position: int = 0


def plain(name: str) -> str:
    """Return a column's name as names are compared: composed, without the spaces around it, and in any case."""
    return composed(name.strip()).casefold()


def as_json(value: Struct) -> dict[str, Any]:
    """Return a plan or a heading as it is stored."""
    found: dict[str, Any] = msgspec.to_builtins(value)
    return found


def plan_from(stored: Any) -> Plan:
    """Return a stored plan."""
    return msgspec.convert(stored, Plan)


def heading_from(stored: Any) -> Heading:
    """Return a stored heading."""
    return msgspec.convert(stored, Heading)
