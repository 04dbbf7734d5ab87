"""What a backtest adds up, member by member, in any order."""

from uuid import UUID

from msgspec import Struct, field

MOST_NAMED = 20


class RuleSum(Struct):
    """What a rule gave: how many times, how many points, and how many of them were taken back."""

    times: int = 0
    points: int = 0
    returned: int = 0


class Changed(Struct, frozen=True, order=True):
    """A member who would have other points: by how many, those that it would have and those that it has."""

    change: int
    member_id: UUID
    points: int
    then: int


class OfMember(Struct):
    """What came out for one member: points by the rules that are tried and `then`, each with what was taken back.

    `events` counts those that are no purchases, by trigger; `unsure` purchases and events, by each field that rules
    asked and that was not kept with them as it was then.
    """

    purchases: int = 0
    points: int = 0
    returned: int = 0
    then: int = 0
    returned_then: int = 0
    refused: int = 0
    events: dict[str, int] = field(default_factory=dict)
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
    sums.purchases += one.purchases
    sums.points += one.points
    sums.returned += one.returned
    sums.then += one.then
    sums.returned_then += one.returned_then
    sums.refused += one.refused
    for rule_id, given in one.rules.items():
        if (known := sums.rules.get(rule_id)) is None:
            known = sums.rules[rule_id] = RuleSum()
        known.times += given.times
        known.points += given.points
        known.returned += given.returned
    _count(sums.events, one.events)
    _count(sums.unsure, one.unsure)
    sums.members += 1
    _compare(sums, member_id, one.points - one.returned, one.then - one.returned_then)


def _count(sums: dict[str, int], more: dict[str, int]) -> None:
    for name, count in more.items():
        sums[name] = sums.get(name, 0) + count


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
