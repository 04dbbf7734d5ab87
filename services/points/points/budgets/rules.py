"""What a budget is, and what is left of those of a programme while purchases are judged one after the other."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

from points.earning.rules import Beyond, Period, Place, Room, Spent, period_of
from points.programmes.rules import Programme

OF = ("points", "money", "uses")
OF_CAMPAIGNS = ("money", "uses")
PER = ("day", "week", "month", "year", "ever")
EACH = ("merchant", "member")
BEYOND = ("trim", "refuse")
# As many points as one account can have; a hundred times that is still a number of the database.
MOST_UNITS = 10**15


class Budget(Struct, frozen=True, kw_only=True):
    """A budget of a programme: on one rule, or on all where `rule_id` is None, or on the vouchers of a campaign; each
    merchant or member has their own where `each` says so."""

    id: UUID
    code: str
    rule_id: str | None
    campaign_id: UUID | None = None
    of: Literal["points", "money", "uses"]
    per: Period
    each: Literal["merchant", "member"] | None
    beyond: Beyond


class Whose(Struct, frozen=True):
    """What happened, as budgets count it: on which day of the programme, with which merchant, of which member; and the
    rules that are looked at then, by their ids. What `is_plain` earns by the programme's plain terms."""

    day: date
    merchant_id: UUID | None
    member_id: UUID
    rule_ids: Collection[str] = ()
    is_plain: bool = False


def units_of(of: str, most: int, programme: Programme) -> int:
    """Return what is counted of a budget on rules: uses or points. Money is as many points as are worth it, rounded
    down."""
    return most * programme.value_points // programme.value_amount if of == "money" else most


def used_of(units: int, value_points: int | None, value_amount: int | None) -> int:
    """Return what was used of a budget as it is said: of money what the points are worth, rounded up."""
    if value_points is None or value_amount is None:
        return units
    return -(-units * value_amount // value_points)


def place_of(budget: Budget, whose: Whose) -> Place | None:
    """Return where a budget counts what happened; None where it cannot: none of its rules is looked at, or it is each
    merchant's and there is none."""
    is_about = whose.is_plain or bool(whose.rule_ids) if budget.rule_id is None else budget.rule_id in whose.rule_ids
    return _place(budget, whose) if is_about else None


def _place(budget: Budget, whose: Whose) -> Place | None:
    each = {None: "", "merchant": whose.merchant_id, "member": whose.member_id}[budget.each]
    return None if each is None else Place(budget.id, period_of(budget.per, whose.day), str(each))


def places_of(budgets: Sequence[Budget], those: Iterable[Whose]) -> set[Place]:
    """Return where budgets count what happened."""
    found = {place_of(budget, whose) for whose in those for budget in budgets}
    return {place for place in found if place}


def spent_on(budgets: Iterable[Budget], whose: Whose, *, discount: int) -> tuple[Spent, ...]:
    """Return what a voucher that takes so much off uses of its campaign's budgets."""
    places = [(budget, _place(budget, whose)) for budget in budgets]
    return tuple(
        Spent(place, None, budget.of, discount if budget.of == "money" else 1) for budget, place in places if place
    )


def room_for(spent: Sequence[Spent], left: Mapping[Place, int], back: Mapping[Place, int]) -> tuple[Spent, ...] | None:
    """Return what is used of budgets that have not ended, by what they have left with what comes back to them; None
    where one of them has not so much."""
    there = tuple(one for one in spent if one.place in left)
    fits = all(one.count <= left[one.place] + back.get(one.place, 0) for one in there)
    return there if fits else None


class Rooms:
    """What is left of budgets, for things that are judged one after the other; those of rules come before those of all.

    `left` has what the rows said under their locks. A budget without a row there has ended.
    """

    def __init__(self, budgets: Collection[Budget] = (), left: Mapping[Place, int] | None = None) -> None:
        self._budgets = sorted(budgets, key=lambda one: (one.rule_id is None, one.code))
        self._left = dict(left or {})

    def again(self) -> "Rooms":
        """Return one that knows what this one knew, and of nothing that it will be told."""
        return Rooms(self._budgets, self._left)

    def of(self, whose: Whose) -> list[Room]:
        """Return what budgets have left for what happened."""
        if not self._budgets:
            return []
        places = [(budget, place_of(budget, whose)) for budget in self._budgets]
        return [_room(budget, place, self._left[place]) for budget, place in places if place and place in self._left]

    def note(self, spent: Iterable[Spent]) -> None:
        """Let what comes after it know what something used."""
        for one in spent:
            self._left[one.place] -= one.count


def _room(budget: Budget, place: Place, left: int) -> Room:
    return Room(place, budget.code, budget.rule_id, "uses" if budget.of == "uses" else "points", left, budget.beyond)


def summed(spent: Iterable[Spent]) -> dict[Place, int]:
    """Return what was used of budgets, by place, in the order in which rows are locked."""
    found: dict[Place, int] = {}
    for one in spent:
        found[one.place] = found.get(one.place, 0) + one.count
    return dict(sorted(found.items()))
