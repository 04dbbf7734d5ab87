"""Purchases earn by the rules of their own instant, and returns take back what each rule gave."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from points.budgets import queries as budgets
from points.earning.models import RuleSet
from points.earning.queries import MEMORY
from points.earning.rules import Schema, Type
from points.ledger.errors import BalanceTooLarge, MemberMerged, TooManyPoints
from points.ledger.models import Lot, PendingPoints, Transaction
from points.ledger.operations import merge_members
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.purchases import operations
from points.purchases.models import Purchase, PurchaseLine
from points.purchases.rules.purchases import MERCHANT, NewPurchase
from points.purchases.rules.purchases import PurchaseLine as Line
from shared import clock
from shared.contracts.points import PointsEarned, PointsPending, PointsReturned
from shared.contracts.rules import EarnedByRule
from shared.ids import new_id
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, make_programme, points_of, prove, set_policy, spend, take_back
from tests.judging_factories import BASE, ONCE, PAPER, WELCOME, activate, buy_lines, counts
from tests.messages.test_payments import captured, refunded
from tests.rules.earning.factories import DOUBLE, SHOES, fixed, rule, rule_set

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MERCHANT_ID = UUID("00000000-0000-7000-8000-00000000000a")
FIRST = rule_set(BASE, rule("first", fixed(50), trigger="first_purchase"))


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def points_by_line(payment_id: UUID) -> dict[str, tuple[int, int]]:
    found = PurchaseLine.objects.filter(payment_id=payment_id)
    return {line.line_id: (line.points, line.points_returned) for line in found}


def paid(member_id: UUID, amount: int = 5_000, *, at: datetime = AT, **more: Any) -> NewPurchase:
    lines = (Line(line_id="1", category="shoes", quantity=1, amount=amount),)
    values = {"merchant_id": MERCHANT_ID, "order_id": str(new_id()), "lines_by": MERCHANT, "lines": lines} | more
    return NewPurchase(
        payment_id=new_id(), member_id=member_id, currency="EUR", amount=amount, money_amount=amount, captured_at=at,
        **values,
    )  # fmt: skip


def points_of_payments(*new: NewPurchase) -> list[tuple[int, str | None]]:
    operations.earn_purchases(new, at=AT)
    found = Purchase.objects.in_bulk([one.payment_id for one in new])
    return [(found[one.payment_id].points, found[one.payment_id].no_points_reason) for one in new]


def test_the_example_on_paper(me: UUID) -> None:
    version = activate(PAPER)

    bought = buy_lines(me)

    assert (bought.points, bought.rules_version) == (176, version)
    assert points_by_line(bought.payment_id) == {"1": (66, 0), "2": (10, 0)}
    assert counts(me) == {("welcome", "uses", "ever"): 1}
    assert points_of(me) == (176, 0)
    prove()
    assert take_back(bought, {"1": 1}).points == 66
    assert (points_of(me), counts(me)) == ((110, 0), {("welcome", "uses", "ever"): 1})
    prove()
    assert take_back(bought).points == 110
    assert points_by_line(bought.payment_id) == {"1": (66, 66), "2": (10, 10)}
    assert (points_of(me), counts(me)) == ((0, 0), {("welcome", "uses", "ever"): 0})
    prove()
    assert buy_lines(me).points == 176


def test_the_second_purchase_has_no_welcome(me: UUID) -> None:
    activate(PAPER)
    buy_lines(me)

    assert buy_lines(me).points == 76
    assert counts(me) == {("welcome", "uses", "ever"): 1}
    prove()


def test_what_an_earning_says_of_its_rules(me: UUID) -> None:
    version = activate(PAPER)
    buy_lines(me)
    buy_lines(me, {})

    (said, small) = (buy_lines(me, at=AT), published(PointsEarned)[0])

    assert said.points == 76
    assert small.rules == [
        EarnedByRule(id="base", version=version, points=43),
        EarnedByRule(id="double-shoes", version=version, points=33),
        EarnedByRule(id="welcome", version=version, points=100),
    ]
    assert sum(one.points for one in small.rules) == small.points


@pytest.mark.parametrize(
    ("policy", "shoes", "rest"), [("arrears", (33, 33), (10, 100)), ("floor_zero", (33, 33), (8, 76))]
)
def test_what_a_return_says_of_the_rules_adds_up_to_what_it_took(
    me: UUID, policy: str, shoes: tuple[int, ...], rest: tuple[int, ...]
) -> None:
    version = activate(PAPER)
    bought = buy_lines(me, merchant_id=MERCHANT_ID)
    take_back(bought, {"1": 1})
    spend(me, 26)
    set_policy(policy)
    take_back(bought)

    first, second = published(PointsReturned)
    assert [(one.id, one.version, one.points) for one in first.rules] == [
        ("base", version, shoes[0]), ("double-shoes", version, shoes[1])
    ]  # fmt: skip
    assert [(one.id, one.points) for one in second.rules] == [("base", rest[0]), ("welcome", rest[1])]
    assert (first.points, second.points) == (sum(shoes), sum(rest))
    assert {first.merchant_id, second.merchant_id, published(PointsEarned)[0].merchant_id} == {MERCHANT_ID}


def test_without_rules_all_is_as_it_was(me: UUID) -> None:
    budgets.MEMORY.of(default_programme().id)
    with CaptureQueriesContext(connection) as before:
        plain = buy(me, {"1": (2, 2_000)})
    assert (plain.points, plain.rules_version) == (20, None)
    assert published(PointsEarned)[0].rules == []
    assert [one for one in before if "rule" in one["sql"].replace("rules_version", "").replace("rule_set", "")] == []


def test_a_late_purchase_earns_by_the_rules_of_its_own_instant(me: UUID) -> None:
    activate(rule_set(BASE), at=AT - 9 * DAY)
    activate(PAPER, at=AT - DAY)

    points = [buy_lines(me, occurred_at=AT - days * DAY).points for days in (10, 8, 2)]
    first, second = buy_lines(me, occurred_at=AT - DAY), buy_lines(me)

    assert points == [43, 43, 43]
    assert [(one.points, one.rules_version) for one in (first, second)] == [(176, 2), (76, 2)]
    versions = Purchase.objects.order_by("payment_id").values_list("rules_version", flat=True)
    assert list(versions) == [None, 1, 1, 2, 2]
    prove()


def test_what_was_earned_is_taken_back_by_what_gave_it_whatever_rules_say_now(me: UUID) -> None:
    activate(PAPER, at=AT - 9 * DAY)
    bought = buy_lines(me)
    activate(rule_set(rule("base", {"kind": "per_amount", "points": 9, "amount": 100})), at=AT)
    change_programme(default_programme().id, changes={"timezone": "Pacific/Auckland"}, at=AT)

    assert take_back(bought, {"1": 1}).points == 66
    assert take_back(bought).points == 110
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    prove()


def test_a_recorded_purchase_told_twice_uses_a_limit_once(me: UUID) -> None:
    activate(PAPER)
    first = buy_lines(me, reference="order-1")

    with nothing_written():
        again = buy_lines(me, reference="order-1")

    assert again.payment_id == first.payment_id
    assert counts(me) == {("welcome", "uses", "ever"): 1}


def test_a_preview_of_a_return_is_what_the_return_does(me: UUID) -> None:
    activate(PAPER)
    bought = buy_lines(me)

    with nothing_written():
        seen = take_back(bought, return_id="r-1", preview=True)
    done = take_back(bought, return_id="r-1")
    with nothing_written():
        again = take_back(bought, return_id="r-1")

    assert (seen.points, done.points, again.points) == (176, 176, 176)
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    prove()


@pytest.mark.parametrize(
    ("policy", "parts"),
    [("arrears", (110, 0, 66, 0)), ("floor_zero", (110, 0, 0, 66)), ("pending_only", (0, 0, 0, 176))],
)
def test_policies_of_returns_are_about_the_number_that_rules_gave(
    me: UUID, policy: str, parts: tuple[int, ...]
) -> None:
    activate(PAPER)
    bought = buy_lines(me)
    spend(me, 66)
    set_policy(policy)

    done = take_back(bought)

    assert (done.points, (done.own, done.others, done.owed, done.forgiven)) == (176, parts)
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    prove()


def test_a_return_by_amount_takes_of_all_that_is_left(me: UUID) -> None:
    activate(PAPER)
    bought = buy_lines(me, {"1": ("shoes", 2, 4_000), "2": ("books", 1, 2_000)}, amount=7_000)
    assert bought.points == 80 + 20 + 10 + 100

    # Half of the shoes, then half of all that is left, then the rest.
    assert [take_back(bought, {"1": 1}).points, take_back(bought, amount=2_500).points] == [40, 35]
    prove()
    assert take_back(bought).points == 135
    assert points_of(me) == (0, 0)
    prove()


def test_points_trimmed_by_a_limit_are_counted_to_their_month_and_given_back_to_it(me: UUID) -> None:
    limits = [{"of": "points", "most": 60, "per": "month"}]
    activate(rule_set(rule("base", BASE["effect"], limits=limits)))
    first, second = buy_lines(me, occurred_at=AT - 2 * DAY), buy_lines(me)
    assert (first.points, second.points) == (43, 43)
    third = buy_lines(me)
    assert third.points == 17
    assert counts(me) == {("base", "points", "2026-02"): 43, ("base", "points", "2026-03"): 60}
    prove()

    take_back(first)

    assert counts(me) == {("base", "points", "2026-02"): 0, ("base", "points", "2026-03"): 60}
    assert buy_lines(me).points == 0
    take_back(second)
    assert buy_lines(me).points == 43
    prove()


def test_a_purchase_that_rules_give_nothing_is_noted_with_their_version(me: UUID) -> None:
    activate(rule_set(rule("web", fixed(5), condition={"field": "purchase.channel", "op": "eq", "value": "web"})))

    bought = buy_lines(me)

    assert (bought.points, bought.transaction_id, bought.rules_version, bought.no_points_reason) == (0, None, 1, None)
    assert buy_lines(me, channel="web").points == 5
    assert take_back(bought).points == 0
    prove()


def test_a_purchase_of_nothing_can_earn_and_its_pieces_take_all_back(me: UUID) -> None:
    activate(rule_set(WELCOME))
    bought = buy_lines(me, {"1": ("gift", 2, 0)})

    assert bought.points == 100
    assert [take_back(bought, {"1": 1}).points, take_back(bought, {"1": 1}).points] == [0, 100]
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    prove()


def test_bounds_of_the_programme_stay(me: UUID) -> None:
    activate(rule_set(BASE, WELCOME))
    change_programme(default_programme().id, changes={"max_points_per_purchase": 120}, at=AT)

    with nothing_written(), pytest.raises(TooManyPoints), transaction.atomic():
        buy_lines(me)

    assert points_of_payments(paid(me, 3_000), paid(me, 2_000)) == [(0, "too_many_points"), (120, None)]
    assert counts(me) == {("welcome", "uses", "ever"): 1}
    prove()


def test_points_beyond_what_the_ledger_counts_are_refused(me: UUID) -> None:
    most = {"kind": "multiplier", "hundredths": 10_000}
    base = rule("base", {"kind": "per_amount", "points": 1_000_000, "amount": 1})
    few = {"field": "purchase.amount", "op": "gte", "value": 10**12}
    activate(rule_set(base, *(rule(f"m{number}", most, condition=few) for number in range(4))))
    change_programme(default_programme().id, changes={"max_points_per_purchase": 10**15, "max_amount": 10**12}, at=AT)

    for amount in (10**9 + 1, 10**12):
        with nothing_written(), pytest.raises(TooManyPoints), transaction.atomic():
            buy_lines(me, {"1": ("shoes", 1, amount)})
    assert points_of_payments(paid(me, 10**12)) == [(0, "too_many_points")]


def test_lines_that_only_the_member_vouches_for_meet_no_condition(me: UUID) -> None:
    said = {"channel": "web", "store": "s-1", "metadata": {"gift": True}}
    by_channel = [
        rule(name, fixed(points), condition={"field": f"purchase.{name}", "op": "exists", "value": True})
        for name, points in (("channel", 10), ("store", 20), ("amount", 40), ("merchant_id", 80))
    ]
    gift = rule("gift", fixed(160), condition={"field": "purchase.metadata.gift", "op": "eq", "value": True})
    schema = Schema(purchase_metadata={"gift": Type.BOOLEAN})
    activate(rule_set(rule("double-shoes", DOUBLE, lines=SHOES), BASE, *by_channel, gift), schema=schema)

    by_merchant, by_member = paid(me, 5_000, **said), paid(me, 5_000, lines_by="member", **said)

    assert points_of_payments(by_merchant, by_member) == [(100 + 310, None), (50 + 120, None)]
    prove()


def test_metadata_of_another_type_is_missing(me: UUID) -> None:
    asked = {"field": "purchase.metadata.boxes", "op": "gte", "value": 0}
    activate(
        rule_set(rule("boxes", fixed(7), condition=asked)), schema=Schema(purchase_metadata={"boxes": Type.INTEGER})
    )

    assert [buy_lines(me, metadata={"boxes": value}).points for value in (3, "3", True)] == [7, 0, 0]


def test_a_member_buys_first_once_whoever_they_were(me: UUID, other_member: Any) -> None:
    plain = buy(new := new_id(), {"1": (1, 1_000)})
    activate(FIRST)

    assert [buy_lines(one, {"1": ("a", 1, 1_000)}).points for one in (new, me, me)] == [10, 60, 10]
    take_back(plain)
    assert buy_lines(new, {"1": ("a", 1, 1_000)}).points == 10
    merge_members(from_member_id=me, into_member_id=other_member.id, reason="r", actor_id=new_id(), at=AT)
    assert buy_lines(other_member.id, {"1": ("a", 1, 1_000)}).points == 10
    prove()


def test_who_was_merged_used_the_limits_of_whoever_they_are_now(me: UUID, other_member: Any) -> None:
    activate(PAPER)
    bought = buy_lines(me)
    merge_members(from_member_id=me, into_member_id=other_member.id, reason="r", actor_id=new_id(), at=AT)

    with nothing_written(), pytest.raises(MemberMerged), transaction.atomic():
        buy_lines(me)
    assert buy_lines(other_member.id).points == 76
    assert points_of_payments(paid(me, 1_000)) == [(20, None)]
    prove()
    assert take_back(bought).points == 176
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    assert points_of_payments(paid(me, 1_000), paid(me, 1_000)) == [(120, None), (20, None)]
    assert counts(other_member.id) == {("welcome", "uses", "ever"): 1}
    prove()


def test_purchases_of_one_member_in_a_list_count_after_each_other(me: UUID, other_member: Any) -> None:
    activate(rule_set(BASE, WELCOME, rule("first", fixed(7), trigger="first_purchase")))
    mine, others = [paid(me, 1_000) for _ in range(3)], paid(other_member.id, 1_000)

    assert points_of_payments(mine[0], others, *mine[1:]) == [(117, None), (117, None), (10, None), (10, None)]
    assert counts(me) == {("welcome", "uses", "ever"): 1}
    assert published(PointsEarned)[0].rules[1] == EarnedByRule(id="welcome", version=1, points=100)
    prove()


def test_an_order_that_has_earned_uses_no_limit_and_what_earns_nothing_claims_no_order(me: UUID) -> None:
    activate(
        rule_set(rule("large", fixed(9), condition={"field": "purchase.amount", "op": "gte", "value": 500}), WELCOME)
    )
    change_programme(default_programme().id, changes={"merchants": None}, at=AT)
    told = buy_lines(me, {"1": ("shoes", 1, 900)}, reference="order-1", merchant_id=MERCHANT_ID)
    small = rule_set(
        rule("large", fixed(9), condition={"field": "purchase.amount", "op": "gte", "value": 500}, limits=ONCE)
    )
    activate(small, at=AT - DAY)

    found = points_of_payments(
        paid(me, 900, order_id="order-1"),
        paid(me, 400, order_id="order-2"),
        paid(me, 600, order_id="order-2"),
        paid(me, 700, order_id="order-2"),
    )

    assert told.points == 109
    assert found == [(0, "order_earned"), (0, None), (9, None), (0, "order_earned")]
    assert counts(me)["large", "uses", "ever"] == 1
    prove()


def test_a_list_of_before_and_after_an_activation(me: UUID) -> None:
    activate(rule_set(BASE, WELCOME), at=AT - DAY)

    found = points_of_payments(paid(me, 1_000, at=AT - 2 * DAY), paid(me, 1_000), paid(me, 1_000, at=AT - 2 * DAY))

    assert [points for points, _ in found] == [10, 110, 10]
    prove()


def test_a_refund_of_a_payment_takes_back_by_rules(me: UUID) -> None:
    activate(PAPER)
    payment = captured(me, {"1": 3_333, "2": 1_001}, lines_by="merchant")
    lines = [line.__class__(line_id=line.line_id, category=category, sku="", quantity=1, amount=line.amount)
             for line, category in zip(payment.lines, ("shoes", "books"), strict=True)]  # fmt: skip
    payment = payment.__class__(
        **{name: getattr(payment, name) for name in payment.__struct_fields__} | {"lines": lines}
    )
    deliver(payment)
    now = points_of(me, at=clock.now())

    deliver(refunded(payment, 3_333, {"1": 3_333}), refunded(payment, 1_001, {"2": 1_001}))

    assert now == (176, 0)
    assert points_of(me, at=clock.now()) == (0, 0)
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    prove()


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


def test_a_payment_of_several_lots_is_refunded_from_each(me: UUID) -> None:
    activate(rule_set(BASE, rule("later", BASE["effect"], pending_days=14)))
    payment = captured(me, {"1": 3_000, "2": 1_000}, lines_by="merchant")
    deliver(payment)
    noted = Purchase.objects.get()
    assert (noted.points, noted.merchant_id) == (80, payment.merchant_id)
    keys = Transaction.objects.order_by("version").values_list("source_key", "points")
    assert list(keys) == [(f"payment:{payment.payment_id}:earn", 40), (f"payment:{payment.payment_id}:earn:2", 40)]
    assert [one.merchant_id for one in published(PointsEarned)] == [payment.merchant_id]

    deliver(refunded(payment, 1_000, {"2": 1_000}))

    assert points_of(me, at=clock.now()) == (30, 0)
    assert PendingPoints.objects.get().remaining == 30
    prove()


def test_a_purchase_that_one_transaction_would_be_beyond_the_ledger_is_refused_as_a_whole(me: UUID) -> None:
    huge = {"kind": "per_amount", "points": 1_000_000, "amount": 1}
    activate(rule_set(BASE, rule("later", huge, pending_days=14)))
    change_programme(default_programme().id, changes={"max_points_per_purchase": 10**15, "max_amount": 10**12}, at=AT)
    buy_lines(me, {"1": ("shoes", 1, 9 * 10**8)})

    with nothing_written(), pytest.raises(BalanceTooLarge), transaction.atomic():
        buy_lines(me, {"1": ("shoes", 1, 9 * 10**8)})


def test_points_of_rules_with_a_lifetime_of_their_own_end_by_it(me: UUID) -> None:
    lifetime = {"kind": "rolling", "count": 2, "unit": "day"}
    activate(rule_set(rule("base", BASE["effect"], lifetime=lifetime)))

    buy_lines(me)

    assert clock.iso(published(PointsEarned)[0].expires_at) == "2026-03-03T23:00:00Z"


def test_statements_of_a_list_do_not_grow_with_it(me: UUID) -> None:
    activate(rule_set(BASE, WELCOME, rule("first", fixed(7), trigger="first_purchase")))
    points_of_payments(paid(new_id()))
    counted = []
    for size in (2, 40):
        with CaptureQueriesContext(connection) as sent:
            operations.earn_purchases([paid(new_id()) for _ in range(size)], at=AT)
        counted.append(len(sent))

    assert counted[0] == counted[1]
    assert Transaction.objects.count() == 43
    prove()


def test_rules_are_asked_for_in_memory(me: UUID) -> None:
    activate(rule_set(BASE))
    buy_lines(me)
    RuleSet.objects.all()

    with CaptureQueriesContext(connection) as sent:
        buy_lines(me)

    assert [one["sql"] for one in sent if "rule_set" in one["sql"]] == []
    MEMORY.invalidate()
