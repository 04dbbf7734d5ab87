"""Points of rules that wait, or end at another time, come by transactions of their own and go back by them."""

from uuid import UUID

import pytest
from django.db import transaction

from points.ledger.errors import BalanceTooLarge
from points.ledger.models import Lot, PendingPoints, Transaction
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared import clock
from shared.contracts.points import PointsEarned, PointsPending, PointsReturned
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, points_of, prove, set_policy, spend, take_back
from tests.judging_factories import BASE, WELCOME, activate, buy_lines
from tests.rules.earning.factories import rule, rule_set

pytestmark = pytest.mark.django_db


def test_points_of_rules_that_wait_are_pending_and_say_their_rules(me: UUID) -> None:
    activate(rule_set(rule("base", BASE["effect"], pending_days=14), WELCOME))

    bought = buy_lines(me)

    waiting = PendingPoints.objects.get(id=bought.transaction_id)
    assert (waiting.points, clock.iso(waiting.due_at)) == (43, "2026-03-15T23:00:00Z")
    assert [(one.id, one.points) for one in published(PointsPending)[0].rules] == [("base", 43)]
    (gift,) = published(PointsEarned)
    assert (gift.points, [(one.id, one.points) for one in gift.rules]) == (100, [("welcome", 100)])
    assert points_of(me) == (100, 0)
    prove()
    assert take_back(bought, {"1": 1}).points == 33
    assert (points_of(me), PendingPoints.objects.get().remaining) == ((100, 0), 10)
    prove()
    assert take_back(bought).points == 110
    assert (points_of(me), PendingPoints.objects.get().remaining) == ((0, 0), 0)
    assert [(one.points, sum(rule.points for rule in one.rules)) for one in published(PointsReturned)] == [
        (33, 33), (10, 10), (100, 100)
    ]  # fmt: skip
    prove()


WEEK = {"kind": "rolling", "count": 7, "unit": "day"}


def test_what_waits_and_ends_alike_comes_together_and_all_adds_up(me: UUID) -> None:
    each = {"kind": "per_amount", "points": 1, "amount": 100}
    activate(
        rule_set(
            rule("a", each), rule("b", each, pending_days=5), rule("c", each, lifetime=WEEK),
            rule("d", each), rule("e", each, pending_days=5, lifetime=WEEK), rule("f", each, pending_days=5),
        )
    )  # fmt: skip

    bought = buy_lines(me, {"1": ("shoes", 1, 1_000), "2": ("books", 1, 500)})

    said = [*published(PointsEarned), *published(PointsPending)]
    by_rules = {tuple(one.id for one in message.rules): message.points for message in said}
    assert by_rules == {("a", "d"): 30, ("c",): 15, ("b", "f"): 30, ("e",): 15}
    assert (bought.points, sum(by_rules.values()), points_of(me)) == (90, 90, (45, 0))
    ends = {clock.iso(lot.expires_at) if lot.expires_at else None for lot in Lot.objects.all()}
    assert "2026-03-08T23:00:00Z" in ends
    prove()
    take_back(bought, {"2": 1})
    assert sorted(Lot.objects.values_list("remaining", flat=True)) == [10, 20]
    assert sorted(PendingPoints.objects.values_list("remaining", flat=True)) == [10, 20]
    prove()
    take_back(bought)
    assert (points_of(me), Transaction.objects.filter(kind="returned").count()) == ((0, 0), 8)
    prove()


@pytest.mark.parametrize(
    ("policy", "parts"),
    [("arrears", (43, 0, 100, 0)), ("floor_zero", (43, 0, 0, 100)), ("pending_only", (43, 0, 0, 100))],
)
def test_what_waits_is_taken_from_what_waits_whatever_was_spent_of_the_rest(
    me: UUID, policy: str, parts: tuple[int, ...]
) -> None:
    activate(rule_set(WELCOME, rule("base", BASE["effect"], pending_days=14)))
    bought = buy_lines(me)
    spend(me, 100)
    set_policy(policy)

    with nothing_written():
        seen = take_back(bought, preview=True)
    done = take_back(bought)

    assert (done.own, done.others, done.owed, done.forgiven) == parts
    assert (seen.own, seen.others, seen.owed, seen.forgiven) == parts
    assert PendingPoints.objects.get().remaining == 0
    assert sum(message.points for message in published(PointsReturned)) == 143 - done.forgiven
    prove()


def test_a_purchase_that_one_transaction_would_be_beyond_the_ledger_is_refused_as_a_whole(me: UUID) -> None:
    huge = {"kind": "per_amount", "points": 1_000_000, "amount": 1}
    activate(rule_set(BASE, rule("later", huge, pending_days=14)))
    change_programme(default_programme().id, changes={"max_points_per_purchase": 10**15, "max_amount": 10**12}, at=AT)
    buy_lines(me, {"1": ("shoes", 1, 9 * 10**8)})

    with nothing_written(), pytest.raises(BalanceTooLarge), transaction.atomic():
        buy_lines(me, {"1": ("shoes", 1, 9 * 10**8)})
