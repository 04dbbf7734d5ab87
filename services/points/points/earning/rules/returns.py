"""What a return takes back: of each rule, what it gave to the line."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, structs

from points.earning.rules.engine.outcome import Given, LineOutcome, Outcome, Part
from points.earning.rules.engine.rooms import Spent
from points.earning.rules.rule import Counter


class Back(Struct, frozen=True):
    """How much of a line came back."""

    amount: int
    quantity: int


class Returned(Struct, frozen=True, kw_only=True):
    """What came back of a purchase: of lines, and `other` money that named no line; `is_whole`: all that was left."""

    lines: Mapping[str, Back] = {}
    other: int = 0
    is_whole: bool = False


class Taken(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a return takes back: `points`, of which rule and line they are, and what is given back of counters and of
    budgets."""

    points: int
    given: tuple[Given, ...]
    counted: tuple[tuple[Counter, int], ...]
    spent: tuple[Spent, ...] = ()


def both(before: Returned, back: Returned) -> Returned:
    """Return what came back with one return more."""
    lines = dict(before.lines)
    for line_id, one in back.lines.items():
        known = lines.get(line_id, Back(0, 0))
        lines[line_id] = Back(known.amount + one.amount, known.quantity + one.quantity)
    return Returned(lines=lines, other=before.other + back.other, is_whole=before.is_whole or back.is_whole)


def taken_back(outcome: Outcome, before: Returned, back: Returned) -> Taken:
    """Return what a return takes back of an outcome, after what came back before it."""
    gone = _gone(outcome, before)
    to_go = _gone(outcome, both(before, back))
    given = tuple(
        Given(one.rule_id, one.of, one.part, one.line_id, then - now)
        for one, now, then in zip(outcome.given, gone, to_go, strict=True)
        if then > now
    )
    counted = [(counter, _uncounted(outcome, counter, gone, to_go)) for counter, _ in outcome.counted]
    return Taken(
        points=sum(one.points for one in given),
        given=given,
        counted=tuple((counter, count) for counter, count in counted if count),
        spent=tuple(_unspent(outcome, gone, to_go)),
    )


def _unspent(outcome: Outcome, gone: Sequence[int], to_go: Sequence[int]) -> Iterator[Spent]:
    """Yield what budgets are given back, as counters are, in the period in which it was used."""
    for spent in outcome.spent:
        own = [
            (one.points, now, then)
            for one, now, then in zip(outcome.given, gone, to_go, strict=True)
            if spent.rule_id in (None, one.rule_id)
        ]
        back = sum(then - now for _, now, then in own) if spent.of == "points" else _use_of(own)
        if back:
            yield structs.replace(spent, count=back)


def _gone(outcome: Outcome, returned: Returned) -> list[int]:
    """Return how many points of each that were given are to be back, once so much of the purchase is."""
    if _is_nothing_left(outcome, returned):
        return [one.points for one in outcome.given]
    shares = _shares(outcome, returned)
    return [_share_of(one, shares) for one in outcome.given]


def _is_nothing_left(outcome: Outcome, returned: Returned) -> bool:
    if returned.is_whole:
        return True
    if outcome.amount:
        return returned.other + sum(one.amount for one in returned.lines.values()) >= outcome.amount
    return bool(returned.lines) and all(_pieces_of(line, returned) >= line.quantity for line in outcome.lines)


def _pieces_of(line: LineOutcome, returned: Returned) -> int:
    return returned.lines.get(line.line_id, Back(0, 0)).quantity


def _shares(outcome: Outcome, returned: Returned) -> dict[str | None, tuple[int, int]]:
    """Return which share of each line came back, and of what no line has: money that named no line, or none that there
    is, is of all that is left, by what is left of each."""
    lefts = {line.line_id: _left(line, returned) for line in outcome.lines}
    rest = outcome.amount - sum(line.amount for line in outcome.lines)
    left = rest + sum(lefts.values())
    unknown = sum(one.amount for line_id, one in returned.lines.items() if line_id not in lefts)
    other = min(returned.other + unknown, left)
    shares: dict[str | None, tuple[int, int]] = {None: (other * rest, rest * left)}
    for line in outcome.lines:
        back = line.amount - lefts[line.line_id]
        shares[line.line_id] = (
            (back * left + other * lefts[line.line_id], line.amount * left)
            if line.amount
            else (min(_pieces_of(line, returned), line.quantity), line.quantity)
        )
    return shares


def _left(line: LineOutcome, returned: Returned) -> int:
    return max(0, line.amount - returned.lines.get(line.line_id, Back(0, 0)).amount)


def _share_of(one: Given, shares: Mapping[str | None, tuple[int, int]]) -> int:
    """Return a share of points, rounded half up; what is fixed stays until nothing is left."""
    back, whole = shares[one.line_id]
    if one.part is Part.FIXED or not whole:
        return 0
    return (2 * one.points * back + whole) // (2 * whole)


def _uncounted(outcome: Outcome, counter: Counter, gone: Sequence[int], to_go: Sequence[int]) -> int:
    """Return what a counter is given back: points as they go, a use when the last point of its rule does."""
    steps = list(zip(outcome.given, gone, to_go, strict=True))
    if counter.of == "points":
        return sum(then - now for one, now, then in steps if counter.rule_id in (one.rule_id, one.of))
    own = [(one.points, now, then) for one, now, then in steps if one.rule_id == counter.rule_id]
    return _use_of(own)


def _use_of(own: Sequence[tuple[int, int, int]]) -> int:
    """Return the use of what gave so many points, of which so many were back and so many are then: once all are."""
    was_there = any(now < points for points, now, _ in own)
    return 1 if was_there and all(then == points for points, _, then in own) else 0
