"""What a backtest adds up, member by member, in any order."""

from uuid import UUID

from msgspec import Struct, field

MOST_NAMED = 20


class RuleSum(Struct):
    """What a rule gave: to how many purchases, how many points, and how many of them returns took back."""

    purchases: int = 0
    points: int = 0
    returned: int = 0


class Changed(Struct, frozen=True, order=True):
    """A member who would have other points: by how many, those that it would have and those that it has."""

    change: int
    member_id: UUID
    points: int
    then: int


class OfMember(Struct):
    """What came out for one member: points by the rules that are tried and `then`, each with what returns took back.

    `unsure` counts purchases, by each field that rules asked and that was not kept with them as it was then.
    """

    purchases: int = 0
    points: int = 0
    returned: int = 0
    then: int = 0
    returned_then: int = 0
    refused: int = 0
    rules: dict[str, RuleSum] = field(default_factory=dict)
    unsure: dict[str, int] = field(default_factory=dict)


class Sums(OfMember):
    """The sum of all members: how many have more, fewer or as many points, and those whose points change most."""

    members: int = 0
    winners: int = 0
    losers: int = 0
    gained: int = 0
    lost: int = 0
    largest_gains: list[Changed] = field(default_factory=list)
    largest_losses: list[Changed] = field(default_factory=list)


def added(sums: Sums, member_id: UUID, one: OfMember) -> None:
    """Add what came out for a member."""
    for name in ("purchases", "points", "returned", "then", "returned_then", "refused"):
        setattr(sums, name, getattr(sums, name) + getattr(one, name))
    for rule_id, given in one.rules.items():
        known = sums.rules.setdefault(rule_id, RuleSum())
        known.purchases += given.purchases
        known.points += given.points
        known.returned += given.returned
    for name, count in one.unsure.items():
        sums.unsure[name] = sums.unsure.get(name, 0) + count
    sums.members += 1
    _compare(sums, member_id, one.points - one.returned, one.then - one.returned_then)


def _compare(sums: Sums, member_id: UUID, points: int, then: int) -> None:
    change = points - then
    if change > 0:
        sums.winners, sums.gained = sums.winners + 1, sums.gained + change
        _name(sums.largest_gains, Changed(change, member_id, points, then), -1)
    elif change < 0:
        sums.losers, sums.lost = sums.losers + 1, sums.lost - change
        _name(sums.largest_losses, Changed(change, member_id, points, then), 1)


def _name(named: list[Changed], one: Changed, sign: int) -> None:
    """Keep the largest changes, ties by the member's id."""
    if len(named) == MOST_NAMED and sign * one.change > sign * named[-1].change:
        return
    named.append(one)
    named.sort(key=lambda each: (sign * each.change, each.member_id))
    del named[MOST_NAMED:]
