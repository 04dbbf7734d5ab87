"""Where no rules are, budgets on a programme count what its plain terms give: one by one, in lists, and of payments."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from points.budgets.models import BudgetPeriod
from points.ledger.proofs import differences
from points.purchases import operations
from points.purchases.errors import OrderEarned
from points.purchases.models import Purchase as Row
from points.purchases.operations import Teller
from points.purchases.rules.purchases import Purchase, RecordedPurchase, Told
from shared import clock
from shared.contracts.budgets import BudgetAlert
from shared.ids import new_id
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.budget_factories import make_budget, used
from tests.factories import AT, make_programme, points_of, prove, spend, take_back
from tests.judging_factories import BASE, activate, buy_lines
from tests.messages.test_payments import captured, refunded
from tests.rules.earning.factories import rule_set

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MERCHANT, OTHER_MERCHANT = UUID(int=77), UUID(int=78)
NOBODY = Teller(None)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def buy(who: UUID, cents: int = 1_000, *, at: Any = AT, **more: Any) -> Purchase:
    """Buy something without lines."""
    return buy_lines(who, {}, amount=cents, at=at, **more)


def of(who: UUID, reference: str) -> Told:
    """Tell of a purchase of 10.00 at the merchant's."""
    said: dict[str, Any] = {"merchant_id": MERCHANT, "currency": "EUR", "occurred_at": AT}
    return Told(RecordedPurchase(reference=reference, member_id=who, amount=1_000, **said), None)


def became(*bought: Purchase) -> list[tuple[int, str | None]]:
    return [(one.points, one.no_points_reason) for one in bought]


def pay(*paid: Any) -> list[tuple[int, str | None]]:
    """Take payments in one pack of messages; return what they earned."""
    for one in paid:
        deliver(one)
    found = Row.objects.in_bulk([one.payment_id for one in paid])
    return [(found[one.payment_id].points, found[one.payment_id].no_points_reason) for one in paid]


def payment(who: UUID, cents: int = 1_000, **more: Any) -> Any:
    return captured(who, {"1": cents}, **{"order_id": str(new_id())} | more)


def test_the_last_points_are_trimmed_and_then_there_are_none(me: UUID, other_member: Any) -> None:
    budget = make_budget(25)

    bought = [
        buy(me),
        buy(other_member.id),
        buy_lines(me, {"a": ("x", 1, 700), "b": ("x", 1, 300)}),
        buy(me),
        buy(me, 9),
    ]

    assert became(*bought) == [(10, None), (10, None), (5, None), (0, "budget"), (0, None)]
    assert [line.points for line in bought[2].lines] == [4, 1]
    assert (used(budget), points_of(me)) == ({("ever", ""): 25}, (15, 0))
    assert [(one.used, one.most) for one in published(BudgetAlert)] == [(20, 25)]
    prove()


def test_what_comes_back_can_be_given_again(me: UUID) -> None:
    budget = make_budget(15, per="day")
    first, second = buy(me), buy(me)

    take_back(second, amount=500, at=AT + DAY)
    assert used(budget) == {("2026-03-01", ""): 12}
    take_back(first, preview=True)
    take_back(first)
    assert used(budget) == {("2026-03-01", ""): 2}
    assert became(buy(me), buy(me)) == [(10, None), (3, None)]
    take_back(second)
    assert used(budget) == {("2026-03-01", ""): 13}
    prove()


def test_a_budget_that_refuses_gives_all_or_nothing(me: UUID) -> None:
    make_budget(15, beyond="refuse")

    assert became(buy(me), buy(me), buy(me, 500)) == [(10, None), (0, "budget"), (5, None)]


def test_uses_are_given_back_with_the_last_point(me: UUID) -> None:
    budget = make_budget(2, of="uses")

    first, second, third = buy(me), buy(me), buy(me)

    assert became(first, second, third) == [(10, None), (10, None), (0, "budget")]
    take_back(first, amount=400)
    assert used(budget) == {("ever", ""): 2}
    take_back(first)
    assert used(budget) == {("ever", ""): 1}
    assert became(buy(me), buy(me)) == [(10, None), (0, "budget")]
    prove()


def test_money_is_as_many_points_as_are_worth_it() -> None:
    made = make_programme(value_points=3, value_amount=7)
    budget, who = make_budget(100, of="money"), new_id()

    bought = [buy(who, 2_000), buy(who, 2_000), buy(who, 2_000)]

    assert (made.value_points, budget.units, [one.points for one in bought]) == (3, 42, [20, 20, 2])


def test_a_merchant_gives_so_much_a_day(me: UUID, other_member: Any) -> None:
    budget = make_budget(15, per="day", each="merchant")
    at_shop = {"merchant_id": MERCHANT}

    bought = [buy(me, **at_shop), buy(other_member.id, **at_shop), buy(me, merchant_id=OTHER_MERCHANT), buy(me)]
    bought.append(buy(me, at=AT + DAY, **at_shop))

    assert [one.points for one in bought] == [10, 5, 10, 10, 10]
    assert used(budget) == {
        ("2026-03-01", str(MERCHANT)): 15, ("2026-03-01", str(OTHER_MERCHANT)): 10, ("2026-03-02", str(MERCHANT)): 10,
    }  # fmt: skip
    assert pay(payment(me, 2_000, merchant_id=MERCHANT)) == [(15, None)]
    prove()


def test_a_person_gets_so_much_a_day(me: UUID, other_member: Any) -> None:
    budget = make_budget(15, per="day", each="member")

    bought = [buy(me), buy(me, merchant_id=MERCHANT), buy(other_member.id), buy(me, at=AT + DAY)]

    assert [one.points for one in bought] == [10, 5, 10, 10]
    today = clock.now().date().isoformat()
    assert pay(payment(me, 2_000), payment(me)) == [(15, None), (0, "budget")]
    assert used(budget) == {
        ("2026-03-01", str(me)): 15, ("2026-03-01", str(other_member.id)): 10, ("2026-03-02", str(me)): 10,
        (today, str(me)): 15,
    }  # fmt: skip
    prove()


def test_payments_use_a_budget_one_after_the_other_and_refunds_give_it_back(me: UUID) -> None:
    budget = make_budget(25)
    paid = [payment(me) for _ in range(4)]

    assert pay(*paid) == [(10, None), (10, None), (5, None), (0, "budget")]
    assert pay(*paid) == [(10, None), (10, None), (5, None), (0, "budget")]
    assert used(budget) == {("ever", ""): 25}
    deliver(refunded(paid[0], 500))
    deliver(refunded(paid[2], 1_000))
    assert used(budget) == {("ever", ""): 15}
    assert pay(payment(me, 5_000)) == [(10, None)]
    prove()


def test_an_order_that_earned_and_staff_use_nothing(me: UUID) -> None:
    budget = make_budget(25)
    paid = payment(me, order_id="order-1")
    assert pay(paid) == [(10, None)]

    again = payment(me, order_id="order-1", merchant_id=paid.merchant_id)
    assert pay(again) == [(0, "order_earned")]
    with nothing_written(), pytest.raises(OrderEarned), transaction.atomic():
        buy(me, reference="order-1", merchant_id=paid.merchant_id)
    assert used(budget) == {("ever", ""): 10}
    prove()


def test_a_list_is_as_one_after_the_other(me: UUID) -> None:
    budget = make_budget(25)
    told = [of(me, reference) for reference in ("a", "b", "a", "c", "d")]

    first, again = (operations.record_purchases(told, teller=NOBODY, at=AT) for _ in range(2))

    for outcomes in (first, again):
        assert [one.purchase.points for one in outcomes] == [10, 10, 10, 5, 0]  # type: ignore[union-attr]
    assert used(budget) == {("ever", ""): 25}
    assert became(buy(me, reference="c", merchant_id=MERCHANT)) == [(5, None)]
    prove()


def test_what_budgets_leave_is_what_may_be_too_much() -> None:
    make_programme(max_points_per_purchase=20)
    who = new_id()
    make_budget(25)

    assert became(buy(who, 2_000), buy(who, 9_000)) == [(20, None), (5, None)]
    assert pay(payment(who, 9_000)) == [(0, "budget")]


def test_a_budget_of_a_rule_counts_no_plain_terms_and_rules_count_once(me: UUID) -> None:
    activate(rule_set(BASE), at=AT)
    of_rule, of_all = make_budget(5, "rule", rule_id="base"), make_budget(100)

    assert [buy(me).points, buy(me, at=AT - DAY).points] == [5, 10]
    assert (used(of_rule), used(of_all)) == ({("ever", ""): 5}, {("ever", ""): 15})
    prove()


def test_points_that_the_return_policy_forgives_are_there_again() -> None:
    make_programme(return_policy="floor_zero")
    budget, who = make_budget(15), new_id()
    bought = buy(who)
    spend(who, 10)
    take_back(bought)

    assert used(budget) == {("ever", ""): 0}
    prove()


def test_what_was_written_otherwise_is_found(me: UUID) -> None:
    budget = make_budget(15)
    buy(me)

    BudgetPeriod.objects.filter(budget_id=budget.id).update(used=9)

    assert [one.invariant for one in differences()] == [
        "what was used of budgets is what purchases, events, returns and vouchers say",
        "what was used of budgets is what their days come to",
    ]


def test_without_such_a_budget_nothing_is_paid_for_it(me: UUID) -> None:
    def statements(count: int = 1) -> int:
        told = [of(me, str(new_id())) for _ in range(count)]
        with CaptureQueriesContext(connection) as sent:
            operations.record_purchases(told, teller=NOBODY, at=AT)
        return len(sent)

    statements()
    before = statements()
    activate(rule_set(BASE), at=AT + DAY)
    make_budget(5, "rule", rule_id="base")
    statements()
    assert statements() == before
    make_budget(10_000)
    statements()
    # One locks and reads, one counts; of two as of forty.
    assert [statements(), statements(2), statements(40)] == [before + 2] * 3
