"""What budgets have left, and what is used of them."""

from typing import Literal, NamedTuple
from uuid import UUID

from msgspec import Struct

# Rules use points and uses; vouchers of campaigns use money and uses.
Of = Literal["points", "money", "uses"]
Beyond = Literal["trim", "refuse"]


class Place(NamedTuple):
    """Where a budget counts: in a period such as `2026-03`, and of a merchant or a member where each has their own."""

    budget_id: UUID
    period: str
    each: str = ""


class Room(Struct, frozen=True):
    """What a budget has left, in points or in uses: of one rule, or of all where `rule_id` is None."""

    place: Place
    code: str
    rule_id: str | None
    of: Of
    left: int
    beyond: Beyond = "trim"


class Spent(Struct, frozen=True):
    """What something used of a budget: points, money that a voucher took off, or a use."""

    place: Place
    rule_id: str | None
    of: Of
    count: int


class Cut(NamedTuple):
    """So many points of a rule, or of plain terms, that budgets had no room for; `code` is that of the last one."""

    code: str | None
    points: int


UNCUT = Cut(None, 0)
