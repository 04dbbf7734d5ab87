"""A list of purchases earns by rules as if each was recorded alone, one after the other."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from points.purchases import operations
from points.purchases.models import Purchase, PurchaseRules
from points.purchases.operations import Teller
from points.purchases.rules.purchases import Recorded, RecordedPurchase, Told
from shared.errors import DomainError
from shared.ids import new_id
from shared.testing.messages import deliver
from tests.budget_factories import make_budget
from tests.factories import AT, make_programme, points_of, prove
from tests.judging_factories import BASE, ONCE, activate, counts
from tests.messages.test_payments import captured
from tests.rules.earning.factories import fixed, rule, rule_set

pytestmark = pytest.mark.django_db
MERCHANT_ID = UUID("00000000-0000-7000-8000-00000000000a")
MONTHLY = [{"of": "points", "most": 55, "per": "month"}]
RULES = rule_set(
    rule("base", BASE["effect"], limits=MONTHLY),
    rule("welcome", fixed(100), limits=ONCE),
    rule("first", fixed(7), trigger="first_purchase"),
)
BY_NOBODY = Teller(None)
# Some too large, some there twice, some of an order that earned.
MIXED: list[tuple[Any, ...]] = [
    ("a",), ("b", 20_001), ("paid",), ("before", 2_000), ("b", 3_000), ("c",), ("a",), ("d", 4_000), ("paid", 9),
    ("e", 2_500), ("b", 3_000), ("f",), ("g", 20_001), ("g", 1), ("h", 2_000), ("i", 0), ("a", 7), ("j",),
]  # fmt: skip


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme(max_amount=20_000, max_points_per_purchase=1_000)
    return member.id


def told(member_id: UUID, reference: str, amount: int = 1_000, *, programme: UUID | None = None, **more: Any) -> Told:
    values = {"merchant_id": MERCHANT_ID, "currency": "EUR", "occurred_at": AT} | more
    return Told(RecordedPurchase(reference=reference, member_id=member_id, amount=amount, **values), programme)


def became(outcome: Recorded | DomainError) -> tuple[Any, ...]:
    if isinstance(outcome, DomainError):
        return (outcome.code,)
    return outcome.purchase.points, outcome.purchase.rules_version


def recorded(*purchases: Told) -> list[tuple[Any, ...]]:
    return [became(one) for one in operations.record_purchases(purchases, teller=BY_NOBODY, at=AT)]


def alone(one: Told) -> tuple[Any, ...]:
    try:
        made = operations.record_purchase(one.purchase, programme_id=one.programme_id, actor_id=None, at=AT)
    except DomainError as refusal:
        return (refusal.code,)
    return made.points, made.rules_version


def one_by_one(*purchases: Told) -> list[tuple[Any, ...]]:
    """Record each alone, and let nothing of it stay."""
    with transaction.atomic():
        found = []
        for one in purchases:
            with transaction.atomic():
                found.append(alone(one))
        transaction.set_rollback(True)
    return found


def test_purchases_in_one_list_count_after_each_other(me: UUID) -> None:
    activate(RULES)

    assert recorded(*(told(me, str(n)) for n in range(7))) == [(117, 1), *[(10, 1)] * 4, (5, 1), (0, 1)]
    assert counts(me) == {("base", "points", "2026-03"): 55, ("welcome", "uses", "ever"): 1}
    assert points_of(me, at=AT) == (162, 0)
    prove()


def test_what_is_refused_or_repeated_uses_nothing(me: UUID) -> None:
    activate(RULES)
    deliver(captured(new_id(), {"1": 1_000}, order_id="paid", merchant_id=MERCHANT_ID))

    found = recorded(told(me, "large", 20_001), told(me, "paid"), told(me, "a"), told(me, "a"), told(me, "b"))

    assert found == [("points.amount_too_large",), ("points.order_earned",), (117, 1), (117, 1), (10, 1)]
    assert recorded(told(me, "a"), told(me, "c"), told(me, "b"), told(me, "d", 5_000)) == [
        (117, 1), (10, 1), (10, 1), (25, 1)
    ]  # fmt: skip
    assert counts(me) == {("base", "points", "2026-03"): 55, ("welcome", "uses", "ever"): 1}
    prove()


@pytest.mark.parametrize("budget", [None, 150])
def test_a_list_gives_what_each_alone_would_have_got(me: UUID, other_member: Any, budget: int | None) -> None:
    activate(RULES)
    if budget:
        make_budget(budget)
    make_programme(name="Dollars", currency="USD")
    third = new_id()
    deliver(captured(third, {"1": 1_000}, order_id="paid", merchant_id=MERCHANT_ID))
    recorded(told(me, "before", 2_000))
    members = (me, other_member.id, third)
    purchases = [told(members[n % 3], *one) for n, one in enumerate(MIXED)]
    purchases.append(told(me, "before", 2_000))
    expected = one_by_one(*purchases)

    assert recorded(*purchases) == expected
    assert {len(one) for one in expected} == {1, 2}
    prove()


def test_one_that_is_too_much_because_of_one_that_is_refused_is_looked_at_again(me: UUID) -> None:
    again = {"field": "member.is_first_purchase", "op": "eq", "value": False}
    activate(rule_set(BASE, rule("again", fixed(5_000), condition=again)))
    deliver(captured(new_id(), {"1": 1_000}, order_id="paid", merchant_id=MERCHANT_ID))

    found = recorded(told(me, "paid"), told(me, "a"), told(me, "b"))

    assert found == [("points.order_earned",), (10, 1), ("points.too_many",)]
    prove()


def test_each_programme_of_a_list_has_rules_of_its_own(me: UUID) -> None:
    other = make_programme(name="Other").id
    activate(RULES)
    activate(rule_set(rule("ten", fixed(10), limits=ONCE)), programme_id=other)
    plain = make_programme(name="Plain").id

    found = recorded(
        *(
            told(me, f"{n}", programme=programme, merchant_id=None)
            for n, programme in enumerate((None, other, plain, other, None, plain))
        )
    )

    assert found == [(117, 1), (10, 1), (10, None), (0, 1), (10, 1), (10, None)]
    assert Purchase.objects.count() == 6
    assert PurchaseRules.objects.count() == 4
    prove()


def test_late_ones_of_a_list_earn_by_the_rules_of_their_own_instant(me: UUID) -> None:
    activate(rule_set(rule("one", fixed(1))), at=AT - timedelta(days=9))
    activate(rule_set(rule("two", fixed(2))), at=AT - timedelta(days=3))

    days = (1, 5, 20)
    found = recorded(*(told(me, f"{day}", occurred_at=AT - timedelta(days=day)) for day in days))

    assert found == [(2, 2), (1, 1), (10, None)]
    prove()


def test_the_number_of_statements_does_not_grow(me: UUID) -> None:
    activate(RULES)

    def statements(prefix: str, size: int) -> int:
        purchases = [told(new_id(), f"{prefix}-{n}", 20_001 if n % 10 == 9 else 1_000) for n in range(size)]
        with CaptureQueriesContext(connection) as sent:
            recorded(*purchases, *purchases[:3])
        return len(sent)

    statements("warm", 10)

    assert statements("a", 20) == statements("b", 300)
    prove()
