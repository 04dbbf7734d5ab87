"""Random budgets, purchases without rules, and returns, against a slow reference: each purchase asks every budget by
itself what is left of its day and of whose it is."""

from collections import defaultdict
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.budgets import queries as budgets
from points.budgets.models import Budget
from points.purchases import operations
from points.purchases.models import Purchase
from points.purchases.operations import Teller
from points.purchases.rules.claims import request_of
from points.purchases.rules.purchases import NewPurchase, RecordedPurchase, Refund, Told
from shared.ids import new_id
from tests.budget_factories import make_budget, used
from tests.factories import AT, make_programme, prove

pytestmark = pytest.mark.django_db
MEMBERS, MERCHANTS = [UUID(int=5), UUID(int=6)], [UUID(int=77), UUID(int=78)]


class Bought(NamedTuple):
    """A purchase that is told: `merchant` and `member` are places in the lists, `day` how many days after the first."""

    cents: int
    member: int
    merchant: int | None
    day: int


_BOUGHT = st.builds(
    Bought,
    st.sampled_from([99, 700, 1_000, 2_500]),
    st.sampled_from([0, 0, 1]),
    st.sampled_from([0, 0, 1, None]),
    st.sampled_from([0, 0, 1]),
)
_STEPS = st.lists(
    st.tuples(st.sampled_from(["one", "list", "pay"]), st.lists(_BOUGHT, min_size=1, max_size=3)),
    min_size=1,
    max_size=3,
)
_BUDGETS = st.lists(
    st.fixed_dictionaries(
        {
            "of": st.sampled_from(["points", "points", "uses"]),
            "most": st.sampled_from([1, 2, 7, 15, 40]),
            "beyond": st.sampled_from(["trim", "refuse"]),
            "per": st.sampled_from(["day", "ever"]),
            "each": st.sampled_from([None, "merchant", "member"]),
        }
    ),
    min_size=1,
    max_size=3,
)


def place(budget: Budget, one: Bought) -> tuple[str, str] | None:
    """Return where a budget counts a purchase: by period, and by whose it is."""
    period = f"2026-03-0{1 + one.day}" if budget.per == "day" else "ever"
    if budget.each is None:
        return period, ""
    if budget.each == "member":
        return period, str(MEMBERS[one.member])
    return None if one.merchant is None else (period, str(MERCHANTS[one.merchant]))


def allowed(budget: Budget, left: int, points: int) -> int:
    """Return what a budget with so much left gives of points."""
    if budget.of == "uses":
        return points if left else 0
    return points if points <= left else left if budget.beyond == "trim" else 0


def expected(there: list[Budget], counted: dict[Any, int], one: Bought) -> tuple[int, str | None, int]:
    """Return what a purchase earns, which budget cut it last, and how many points they cut; and count it."""
    given = points = one.cents // 100
    places, cut_by = [(budget, at) for budget in there if (at := place(budget, one))], None
    for budget, at in places:
        left = allowed(budget, budget.most - counted[budget.id, at], points)
        points, cut_by = left, budget.code if left < points else cut_by
    for budget, at in places:
        counted[budget.id, at] += min(points, 1) if budget.of == "uses" else points
    return points, cut_by, given - points


def recorded(one: Bought) -> RecordedPurchase:
    merchant_id = None if one.merchant is None else MERCHANTS[one.merchant]
    return RecordedPurchase(
        reference=str(new_id()), member_id=MEMBERS[one.member], merchant_id=merchant_id, currency="EUR",
        amount=one.cents, occurred_at=AT + timedelta(days=one.day),
    )  # fmt: skip


def paid(one: Bought) -> NewPurchase:
    assert one.merchant is not None
    return NewPurchase(
        payment_id=new_id(), merchant_id=MERCHANTS[one.merchant], order_id=str(new_id()), currency="EUR", lines=(),
        member_id=MEMBERS[one.member], amount=one.cents, money_amount=one.cents,
        captured_at=AT + timedelta(days=one.day),
    )  # fmt: skip


def tell(road: str, those: list[Bought]) -> list[UUID]:
    """Let purchases be told by one of three roads; return what they are called."""
    at = AT + timedelta(days=1)
    if road == "pay":
        new = [paid(one) for one in those]
        operations.earn_purchases(new, at=at)
        return [one.payment_id for one in new]
    if road == "list":
        outcomes = operations.record_purchases([Told(recorded(one), None) for one in those], teller=Teller(None), at=at)
        return [one.purchase.payment_id for one in outcomes]  # type: ignore[union-attr]  # a refusal fails here
    return [
        operations.record_purchase(recorded(one), programme_id=None, actor_id=None, at=at).payment_id for one in those
    ]


def give_back(payment_id: UUID, amount: int, *, is_payment: bool) -> None:
    at = AT + timedelta(days=2)
    if is_payment:
        refund = Refund(refund_id=new_id(), payment_id=payment_id, amount=amount, refunded_at=at)
        operations.claw_back_refunds([refund], at=at)
    else:
        said: dict[str, Any] = {"request": request_of(None, amount), "reason": "return", "actor_id": None}
        operations.return_purchase(payment_id, return_id=str(new_id()), at=at, **said)


def is_counted(there: list[Budget], counted: dict[Any, int]) -> None:
    found = {(budget.id, at): count for budget in there for at, count in used(budget).items() if count}
    assert found == {key: count for key, count in counted.items() if count}
    prove()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(_STEPS, _BUDGETS, st.data())
def test_budgets_of_plain_terms_hold_and_are_given_back(
    steps: list[Any], budgets_said: list[dict[str, Any]], data: st.DataObject
) -> None:
    with transaction.atomic():
        make_programme()
        there = [make_budget(code=f"b{number}", **one) for number, one in enumerate(budgets_said)]
        counted: dict[Any, int] = defaultdict(int)
        made = list[tuple[UUID, Bought, str]]()
        for road, those in steps:
            if road == "pay":
                those = [one if one.merchant is not None else one._replace(merchant=0) for one in those]
            said = [expected(there, counted, one) for one in those]
            ids = tell(road, those)
            rows = Purchase.objects.in_bulk(ids)
            assert [(rows[key].points, rows[key].budget, rows[key].cut) for key in ids] == said
            made += [(key, one, road) for key, one in zip(ids, those, strict=True)]
        is_counted(there, counted)

        for key, one, road in data.draw(st.permutations(made)):
            left = one.cents
            while left:
                part = data.draw(st.sampled_from([left, max(1, left // 3)]))
                before = Purchase.objects.get(payment_id=key)
                give_back(key, part, is_payment=road == "pay")
                after, left = Purchase.objects.get(payment_id=key), left - part
                for budget in there:
                    points = after.points_returned - before.points_returned
                    is_last = points and after.points_returned == after.points
                    if at := place(budget, one):
                        counted[budget.id, at] -= int(bool(is_last)) if budget.of == "uses" else points
                if data.draw(st.booleans()):
                    break
        is_counted(there, counted)
        transaction.set_rollback(True)
    budgets.MEMORY.invalidate()
