"""A purchase to which a budget left nothing counts for tiers as any other, by plain terms and by rules,
at each door."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from points.purchases import operations as purchases
from points.purchases.models import Purchase as Row
from points.purchases.operations import Teller
from points.purchases.rules.purchases import RecordedPurchase, Told
from shared.ids import new_id
from shared.testing import roles
from shared.testing.messages import deliver
from tests.budget_factories import make_budget
from tests.counting_factories import days_of, is_proven, record
from tests.factories import AT, make_programme, prove, take_back
from tests.judging_factories import BASE, activate
from tests.messages.test_payments import captured, refunded
from tests.rules.earning.factories import rule_set
from tests.tier_factories import changes, code, make_tiers

pytestmark = pytest.mark.django_db
ME = roles.MEMBER.id
# Two purchases of 10.00, and what gives back so many cents of the second.
Bought = tuple[list[UUID], Callable[[int], Any]]


def one_by_one() -> Bought:
    first, second = record(ME, 1_000), record(ME, 1_000)
    return [first.payment_id, second.payment_id], lambda cents: take_back(second, amount=cents)


def in_a_list() -> Bought:
    said: dict[str, Any] = {"merchant_id": None, "currency": "EUR", "occurred_at": AT}
    told = [Told(RecordedPurchase(reference=str(new_id()), member_id=ME, amount=1_000, **said), None) for _ in "ab"]
    outcomes = purchases.record_purchases(told, teller=Teller(None), at=AT)
    first, second = [one.purchase for one in outcomes]  # type: ignore[union-attr]  # a refusal fails here
    return [first.payment_id, second.payment_id], lambda cents: take_back(second, amount=cents)


def by_messages() -> Bought:
    first, second = (captured(ME, {"1": 1_000}, order_id=name) for name in ("order-1", "order-2"))
    deliver(first, second)
    return [first.payment_id, second.payment_id], lambda cents: deliver(refunded(second, cents))


def earned(ids: list[UUID]) -> list[tuple[int, str | None]]:
    found = Row.objects.in_bulk(ids)
    return [(found[key].points, found[key].no_points_reason) for key in ids]


def counted() -> int:
    (amount,) = days_of(ME).values()
    assert is_proven()
    prove()
    return amount


@pytest.mark.parametrize("by_rules", [False, True])
@pytest.mark.parametrize(("metric", "both", "part", "none"), [("spend", 2_000, 1_600, 1_000), ("orders", 2, 2, 1)])
@pytest.mark.parametrize("door", [one_by_one, in_a_list, by_messages])
def test_it_counts_and_what_comes_back_of_it_counts_no_more(
    door: Callable[[], Bought], metric: str, both: int, part: int, none: int, by_rules: bool
) -> None:
    make_programme()
    if by_rules:
        activate(rule_set(BASE))
    make_tiers(metric=metric)
    make_budget(10, per="day")

    ids, give_back = door()

    assert earned(ids) == [(10, None), (0, None if by_rules else "budget")]
    assert counted() == both
    give_back(400)
    assert counted() == part
    give_back(600)
    assert counted() == none


def test_it_makes_gold() -> None:
    make_programme()
    make_tiers({"code": "gold", "name": "Gold", "enter": 2_000}, metric="spend")
    make_budget(10, per="day")

    assert [record(ME, 1_000).points for _ in "ab"] == [10, 0]
    assert (code(ME), changes(ME)) == ("gold", [(None, "gold", AT, "earned")])
