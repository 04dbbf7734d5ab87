"""What purchases of a list earn, one after the other: what one used of limits is there for the next."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import structs

from points.budgets.queries import counts_plain_terms
from points.earning.queries import ActiveRules
from points.ledger.errors import TooManyPoints
from points.ledger.rules.postings import LARGEST_BALANCE
from points.programmes.rules import points_for
from points.purchases.operations.following import is_taken
from points.purchases.operations.judging import Judge, judge_of
from points.purchases.operations.stages import New, Refusals, Teller, by_terms
from points.purchases.rules.bounds import NoPoints
from points.purchases.rules.lines import with_points
from points.purchases.rules.purchases import Purchase, earning_amount
from shared.ids import new_id


def judges_of(new: Sequence[New]) -> dict[UUID, Judge]:
    """Return who judges purchases by rules and budgets, by programme; locks members of whom something is counted.

    In the order of the programmes, so that two lists wait for each other and never in a ring.
    """
    asked: dict[UUID, list[tuple[Purchase, UUID, ActiveRules | None]]] = defaultdict(list)
    for one in new:
        if one.rules or (not one.made.no_points_reason and counts_plain_terms(one.programme.id)):
            asked[one.programme.id].append((one.made, one.made.member_id, one.rules))
    programmes = {one.programme.id: one.programme for one in new}
    return {key: judge_of(programmes[key], asked[key]) for key in sorted(asked)}


def earned_in_turn(
    new: Sequence[New], judges: Mapping[UUID, Judge], repeated: Collection[UUID], teller: Teller, at: datetime
) -> tuple[list[New], Refusals]:
    """Return purchases with what each earns, and why those are refused that would earn more than can be noted.

    One that is `repeated`, or that its programme refuses, is nothing to those after it.
    """
    judges = {key: judge.again() for key, judge in judges.items()}
    found, refused = list[New](), Refusals()
    for one in new:
        judge = judges.get(one.programme.id)
        if (one := _earned(one, judge)).made.points > LARGEST_BALANCE:
            refused |= by_terms([one], teller, at) or {one.id: TooManyPoints(limit=LARGEST_BALANCE)}
            continue
        found.append(one)
        if judge and one.id not in repeated and not by_terms([one], teller, at):
            judge.note(one.made, member_id=one.made.member_id)
            if is_taken(one.made.no_points_reason):
                judge.follow(one.made, member_id=one.made.member_id)
    return found, refused


def _earned(one: New, judge: Judge | None) -> New:
    """Return a purchase with what it earns, by the rules of its own instant where there are any."""
    made = one.made
    if made.no_points_reason:
        return one
    if one.rules:
        assert judge
        made = judge.judge(made, one.rules, merchant_id=made.merchant_id, member_id=made.member_id)
    else:
        made = _plain(one, judge)
    return one._replace(made=structs.replace(made, transaction_id=new_id() if made.points else None))


def _plain(one: New, judge: Judge | None) -> Purchase:
    """Return a purchase with what it earns by its programme's plain terms, of which budgets are asked where any count
    it."""
    made = one.made
    points = points_for(one.programme, amount=min(made.money_amount or 0, earning_amount(one.told)))
    if judge is None:
        return structs.replace(made, points=points, lines=with_points(made.lines, points))
    left = judge.plain(made, points, member_id=made.member_id)
    return structs.replace(left, no_points_reason=NoPoints.BUDGET) if points and not left.points else left
