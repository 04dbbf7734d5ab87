import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import F

from points.ledger import operations
from points.ledger.errors import PaysPurchase, TransactionNotFound
from points.ledger.models import Lot, PendingPoints, Transaction
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.purchases import operations as purchases
from points.purchases.errors import (
    LineUnknown,
    NothingToReturn,
    PurchaseNotFound,
    PurchaseOfPayment,
    RedemptionNotUsable,
    ReturnIdReused,
    ReturnTooLarge,
)
from points.purchases.models import Purchase, PurchaseLine, PurchaseReturn, PurchaseSpend
from points.purchases.rows.refunds import Returned
from points.purchases.rules.purchases import RecordedPurchase
from shared.contracts.points import PointsRestored, PointsReturned
from shared.ids import new_id
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, give, hold, make_programme, points_of, prove, set_policy, spend, take_back
from tests.messages.test_payments import captured, refunded

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ONE_LINE = {"1": (4, 10_000)}


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def parts(done: Returned) -> tuple[int, int, int, int]:
    return done.own, done.others, done.owed, done.forgiven


# Earn 100, spend 60, return half, return the rest: how each return takes its 50, then what is there and what is owed.
@pytest.mark.parametrize(
    ("policy", "cap", "order", "half", "rest", "balance"),
    [
        ("arrears", None, "spend half rest", (40, 0, 10, 0), (0, 0, 50, 0), (0, -60)),
        ("arrears", 30, "spend half rest", (40, 0, 10, 0), (0, 0, 20, 30), (0, -30)),
        ("arrears", 10, "spend half rest", (40, 0, 10, 0), (0, 0, 0, 50), (0, -10)),
        ("arrears", 0, "spend half rest", (40, 0, 0, 10), (0, 0, 0, 50), (0, 0)),
        ("floor_zero", None, "spend half rest", (40, 0, 0, 10), (0, 0, 0, 50), (0, 0)),
        ("pending_only", None, "spend half rest", (0, 0, 0, 50), (0, 0, 0, 50), (40, 0)),
        ("arrears", None, "half spend rest", (50, 0, 0, 0), (0, 0, 50, 0), (0, -50)),
        ("arrears", 30, "half spend rest", (50, 0, 0, 0), (0, 0, 30, 20), (0, -30)),
        ("floor_zero", None, "half spend rest", (50, 0, 0, 0), (0, 0, 0, 50), (0, 0)),
        ("pending_only", None, "half spend rest", (0, 0, 0, 50), (0, 0, 0, 50), (40, 0)),
        ("arrears", None, "half rest spend", (50, 0, 0, 0), (50, 0, 0, 0), (0, 0)),
        ("floor_zero", None, "half rest spend", (50, 0, 0, 0), (50, 0, 0, 0), (0, 0)),
        ("pending_only", None, "half rest spend", (0, 0, 0, 50), (0, 0, 0, 50), (40, 0)),
        ("arrears", None, "give spend half rest", (50, 0, 0, 0), (10, 0, 40, 0), (0, -40)),
        ("arrears", None, "spend give half rest", (40, 10, 0, 0), (0, 10, 40, 0), (0, -40)),
        ("floor_zero", None, "spend give half rest", (40, 10, 0, 0), (0, 10, 0, 40), (0, 0)),
        ("pending_only", None, "spend give half rest", (0, 0, 0, 50), (0, 0, 0, 50), (60, 0)),
    ],
)
def test_earn_100_spend_60_return_half_return_the_rest(
    me: UUID,
    policy: str,
    cap: int | None,
    order: str,
    half: tuple[int, ...],
    rest: tuple[int, ...],
    balance: tuple[int, int],
) -> None:
    set_policy(policy, cap)
    bought = buy(me, ONE_LINE)
    steps: dict[str, Any] = {
        "spend": lambda: (there := points_of(me)[0]) and spend(me, min(60, there)),
        "give": lambda: give(me, 20, expires_at=AT + DAY),
        "half": lambda: take_back(bought, {"1": 2}),
        "rest": lambda: take_back(bought),
    }

    done = {step: steps[step]() for step in order.split()}
    prove()

    assert (parts(done["half"]), parts(done["rest"])) == (half, rest)
    assert points_of(me) == balance


def paid_purchase(me: UUID, *, soon: int = 30, late: int = 40, points: int = 60, money: int = 4_000) -> Any:
    """Buy for 100.00 with points of two lots, those that end tomorrow first, and money that earns."""
    give(me, soon, expires_at=AT + DAY)
    give(me, late, expires_at=AT + 9 * DAY)
    redemption = spend(me, points)
    return buy(me, ONE_LINE, redemption_ids=(redemption.id,), money_amount=money), redemption


def lots_of(me: UUID) -> list[int]:
    return list(Lot.objects.order_by("number").values_list("remaining", flat=True))


def test_points_that_paid_come_back_to_their_lots_the_last_spent_first(me: UUID) -> None:
    bought, _ = paid_purchase(me)
    assert lots_of(me) == [0, 10, 40]

    first = take_back(bought, {"1": 2})
    assert (first.restored, parts(first), lots_of(me)) == (30, (20, 0, 0, 0), [0, 40, 20])
    second = take_back(bought)

    assert (second.restored, parts(second), lots_of(me)) == (30, (20, 0, 0, 0), [30, 40, 0])
    assert points_of(me) == (70, 0)
    assert [(one.points, one.change, one.balance) for one in published(PointsRestored)] == [(30, 30, 80), (30, 30, 90)]
    assert [(one.points, one.change, one.balance) for one in published(PointsReturned)] == [
        (20, -20, 60),
        (20, -20, 70),
    ]
    prove()


def test_points_whose_time_has_passed_expire_at_once_when_they_come_back(me: UUID) -> None:
    bought, _ = paid_purchase(me)

    done = take_back(bought, at=AT + 2 * DAY)

    assert (done.restored, done.expired, parts(done)) == (60, 30, (40, 0, 0, 0))
    assert points_of(me, at=AT + 2 * DAY) == (40, 0)
    kinds = list(Transaction.objects.order_by("version").values_list("kind", "change"))[-3:]
    assert kinds == [("restored", 60), ("expired", -30), ("returned", -40)]
    prove()


def test_points_that_come_back_to_a_lot_with_points_whose_time_has_passed_expire_with_them(me: UUID) -> None:
    bought, _ = paid_purchase(me, soon=61, money=0)

    done = take_back(bought, at=AT + 2 * DAY)

    assert done.restored == 60
    assert lots_of(me) == [0, 40]
    assert points_of(me, at=AT + 2 * DAY) == (40, 0)
    prove()


def test_points_that_come_back_pay_what_is_owed_first(me: UUID) -> None:
    bought, _ = paid_purchase(me, soon=60, late=60, points=60)
    other = buy(me, {"1": (1, 3_000)})
    spend(me, 130)
    take_back(other)
    assert points_of(me) == (0, -30)

    done = take_back(bought)

    # 60 come back, 30 of these pay the debt; of the 40 to take back 30 are there.
    assert (done.restored, parts(done)) == (60, (0, 30, 10, 0))
    assert points_of(me) == (0, -10)
    prove()


def test_points_come_back_before_any_are_taken_so_that_fewer_are_forgiven(me: UUID) -> None:
    set_policy("floor_zero")
    bought, _ = paid_purchase(me, soon=60, late=1, points=60)
    spend(me, 41)

    done = take_back(bought)

    assert (done.restored, parts(done)) == (60, (0, 40, 0, 0))
    assert points_of(me) == (20, 0)
    prove()


def test_a_captured_hold_pays_and_gives_back_what_it_captured(me: UUID) -> None:
    give(me, 30, expires_at=AT + DAY)
    give(me, 40, expires_at=AT + 9 * DAY)
    captured_hold = operations.capture_hold(hold(me, 70).id, points=50, at=AT)
    assert captured_hold.capture_id
    bought = buy(me, ONE_LINE, redemption_ids=(captured_hold.capture_id,), money_amount=0)
    assert lots_of(me) == [0, 20]

    assert take_back(bought, {"1": 2}).restored == 25
    assert lots_of(me) == [5, 40]
    assert take_back(bought).restored == 25

    assert (lots_of(me), points_of(me)) == ([30, 40], (70, 0))
    prove()


def test_several_redemptions_give_back_the_last_one_first(me: UUID) -> None:
    give(me, 100)
    first, second = spend(me, 30), spend(me, 10)
    bought = buy(me, ONE_LINE, redemption_ids=(second.id, first.id), money_amount=0)

    assert take_back(bought, {"1": 2}).restored == 20

    assert dict(PurchaseSpend.objects.values_list("redemption_id", "restored")) == {first.id: 10, second.id: 10}
    prove()


def test_redemptions_take_what_they_are_worth_from_the_money_that_earns(me: UUID) -> None:
    give(me, 500)
    redemption = spend(me, 350)

    bought = buy(me, ONE_LINE, redemption_ids=(redemption.id,))

    assert (bought.money_amount, bought.points, bought.spent) == (9_650, 96, 350)


def test_the_points_of_lines_and_pieces_add_up_to_what_was_earned(me: UUID) -> None:
    bought = buy(me, {"a": (3, 1_000), "b": (7, 999), "c": (1, 0)})
    assert (bought.points, [line.points for line in bought.lines]) == (19, [10, 9, 0])

    taken = [take_back(bought, {"a": 1}) for _ in range(3)]
    taken += [take_back(bought, {"b": 1, "c": 1})] + [take_back(bought, {"b": 2}) for _ in range(3)]

    assert [one.amount for one in taken] == [333, 334, 333, 143, 285, 286, 285]
    assert [one.points for one in taken] == [3, 4, 3, 1, 3, 2, 3]
    assert points_of(me) == (0, 0)
    prove()


def test_amounts_and_the_rest_of_a_purchase_without_lines(me: UUID) -> None:
    bought = buy(me, {}, amount=10_000)

    assert [take_back(bought, amount=amount).points for amount in (3_333, 3_333)] == [33, 34]
    last = take_back(bought)

    assert (last.amount, last.points) == (3_334, 33)
    prove()


@pytest.mark.parametrize(
    ("lines", "amount", "refusal", "members"),
    [
        ({"2": 1}, None, LineUnknown, {"line_id": "2"}),
        ({"1": 4}, None, ReturnTooLarge, {"line_id": "1", "requested": 4, "returnable": 3}),
        (None, 7_501, ReturnTooLarge, {"requested": 7_501, "returnable": 7_500}),
    ],
)
def test_no_more_comes_back_than_is_left(me: UUID, lines: Any, amount: Any, refusal: Any, members: Any) -> None:
    bought = buy(me, ONE_LINE)
    take_back(bought, {"1": 1})

    with nothing_written(), pytest.raises(refusal) as raised, transaction.atomic():
        take_back(bought, lines, amount)

    assert raised.value.members == members


def test_a_line_whose_money_came_back_otherwise_is_too_much(me: UUID) -> None:
    bought = buy(me, ONE_LINE)
    take_back(bought, amount=9_000)

    with nothing_written(), pytest.raises(ReturnTooLarge), transaction.atomic():
        take_back(bought, {"1": 1})
    assert take_back(bought).points == 10
    with nothing_written(), pytest.raises(NothingToReturn), transaction.atomic():
        take_back(bought)
    prove()


def test_a_return_has_its_effect_once_and_another_one_by_its_id_is_refused(me: UUID) -> None:
    bought = buy(me, ONE_LINE)
    first = take_back(bought, {"1": 1}, return_id="r-1")

    with nothing_written():
        assert take_back(bought, {"1": 1}, return_id="r-1") == first
    with nothing_written(), pytest.raises(ReturnIdReused), transaction.atomic():
        take_back(bought, {"1": 2}, return_id="r-1")


def test_a_preview_says_what_the_return_does_and_writes_nothing(me: UUID) -> None:
    set_policy("arrears", 5)
    bought, _ = paid_purchase(me)
    spend(me, 45)

    with nothing_written():
        plan = take_back(bought, at=AT + 2 * DAY, preview=True)
    done = take_back(bought, at=AT + 2 * DAY)

    assert parts(plan) == parts(done) == (5, 30, 5, 0)
    assert (plan.restored, plan.expired) == (done.restored, done.expired) == (60, 30)


def test_a_redemption_that_paid_is_not_reversed(me: UUID) -> None:
    bought, redemption = paid_purchase(me)

    for _ in range(2):
        with nothing_written(), pytest.raises(PaysPurchase) as refusal, transaction.atomic():
            operations.reverse_transaction(redemption.id, reason="", actor_id=new_id(), at=AT)
        assert refusal.value.members == {"purchase": bought.payment_id}
        take_back(bought, amount=5_000)
    prove()


def test_a_redemption_that_was_reversed_or_used_or_is_none_pays_for_nothing(me: UUID, other_member: Any) -> None:
    earned = give(me, 100)
    used, reversed_one = spend(me, 10), spend(me, 10)
    buy(me, ONE_LINE, redemption_ids=(used.id,))
    operations.reverse_transaction(reversed_one.id, reason="", actor_id=new_id(), at=AT)

    for redemption, reason in ((earned, "not_a_redemption"), (used, "used"), (reversed_one, "reversed")):
        with nothing_written(), pytest.raises(RedemptionNotUsable) as refusal, transaction.atomic():
            buy(me, ONE_LINE, redemption_ids=(redemption.id,))
        assert refusal.value.members == {"redemption_id": redemption.id, "reason": reason}
    with nothing_written(), pytest.raises(TransactionNotFound), transaction.atomic():
        buy(other_member.id, ONE_LINE, redemption_ids=(used.id,))


def test_what_a_purchase_earned_is_undone_by_its_return_alone(me: UUID) -> None:
    bought = buy(me, ONE_LINE)
    assert bought.transaction_id

    with nothing_written(), pytest.raises(Exception, match="cannot be reversed"), transaction.atomic():
        operations.reverse_transaction(bought.transaction_id, reason="", actor_id=new_id(), at=AT)


def test_a_payments_purchase_is_returned_by_its_refund_alone(me: UUID) -> None:
    payment = captured(me, {"1": 12_000})
    deliver(payment)
    found = Purchase.objects.get()
    command: Any = {"return_id": "r", "request": {"whole": True}, "reason": "", "actor_id": None, "at": AT}

    with nothing_written(), pytest.raises(PurchaseOfPayment), transaction.atomic():
        purchases.return_purchase(found.payment_id, **command)
    with nothing_written(), pytest.raises(PurchaseNotFound), transaction.atomic():
        purchases.return_purchase(new_id(), **command)


def test_the_policy_is_the_programmes_when_the_return_comes(me: UUID) -> None:
    bought = buy(me, ONE_LINE)
    spend(me, 100)
    owed = take_back(bought, {"1": 1})
    set_policy("floor_zero")

    forgiven = take_back(bought)

    assert (parts(owed), parts(forgiven)) == ((0, 0, 25, 0), (0, 0, 0, 75))
    assert (owed.policy, forgiven.policy, forgiven.transaction_id) == ("arrears", "floor_zero", None)
    assert points_of(me) == (0, -25)
    prove()


def test_what_was_forgiven_is_never_asked_again(me: UUID) -> None:
    set_policy("floor_zero")
    bought = buy(me, ONE_LINE)
    spend(me, 100)
    take_back(bought, {"1": 2})
    give(me, 100)

    rest = take_back(bought)

    assert parts(rest) == (0, 50, 0, 0)
    assert points_of(me) == (50, 0)
    prove()


@pytest.mark.parametrize("how", ["return", "refund"])
@pytest.mark.parametrize("policy", ["pending_only", "floor_zero", "arrears"])
def test_what_was_cancelled_while_it_was_pending_is_not_taken_back_again(me: UUID, policy: str, how: str) -> None:
    set_policy(policy)
    give(me, 70)
    change_programme(default_programme().id, changes={"pending_days": 7}, at=AT)
    payment = captured(me, {"1": 10_000})
    deliver(payment)
    purchase = buy(me, ONE_LINE)
    for one in PendingPoints.objects.all():
        operations.cancel_pending(one.id, reason="fraud", actor_id=new_id(), at=AT)

    if how == "refund":
        deliver(refunded(payment, 5_000), refunded(payment, 5_000))
    else:
        assert parts(take_back(purchase, {"1": 1})) == (0, 0, 0, 25)
        assert parts(take_back(purchase)) == (0, 0, 0, 75)

    assert points_of(me) == (70, 0)
    assert sum(PurchaseReturn.objects.values_list("forgiven", flat=True)) == 100
    prove()


def test_what_a_return_left_and_a_person_cancelled_is_not_taken_back_after_a_merge_either(me: UUID) -> None:
    other = new_id()
    give(other, 70)
    change_programme(default_programme().id, changes={"pending_days": 7}, at=AT)
    purchase = buy(me, ONE_LINE)
    assert parts(take_back(purchase, {"1": 1})) == (25, 0, 0, 0)
    operations.cancel_pending(PendingPoints.objects.get().id, reason="fraud", actor_id=new_id(), at=AT)
    operations.merge_members(from_member_id=me, into_member_id=other, reason="one", actor_id=new_id(), at=AT)

    assert parts(take_back(purchase)) == (0, 0, 0, 75)

    assert points_of(other) == (70, 0)
    prove()


@pytest.mark.parametrize("policy", ["pending_only", "floor_zero", "arrears"])
def test_refunds_of_payments_follow_the_policy_too(me: UUID, policy: str) -> None:
    set_policy(policy, 30)
    payment = captured(me, {"1": 10_000})
    deliver(payment)
    spend(me, 60)

    deliver(refunded(payment, 5_000), refunded(payment, 5_000))

    expected = {"pending_only": (0, 0, 0, 100), "floor_zero": (40, 0, 0, 60), "arrears": (40, 0, 30, 30)}
    done = PurchaseReturn.objects.values_list("own", "others", "owed", "forgiven")
    assert tuple(map(sum, zip(*done, strict=True))) == expected[policy]
    prove()


def test_a_thousand_random_partial_refunds_take_exactly_what_was_earned(me: UUID) -> None:
    dice = random.Random(20_260_301)
    members = [new_id() for _ in range(5)]
    payments = [captured(dice.choice(members), _prices(dice)) for _ in range(60)]
    deliver(*payments)
    left = {(n, line.line_id): line.amount for n, payment in enumerate(payments) for line in payment.lines}
    for one_list in range(20):
        for member_id in members:
            give(member_id, dice.randint(1, 20), expires_at=AT + dice.randint(1, 9) * DAY)
            if there := points_of(member_id)[0]:
                spend(member_id, dice.randint(1, there))
        set_policy(dice.choice(["pending_only", "floor_zero", "arrears"]), dice.choice([None, 0, 50]))
        deliver(*[_random_refund(dice, payments, left, is_last=one_list == 19) for _ in range(50)])
    deliver(*[refunded(payments[n], amount, {line: amount}) for (n, line), amount in left.items() if amount])

    returned = PurchaseReturn.objects.values_list("points", "own", "others", "owed", "forgiven")
    assert len(returned) >= 1_000
    assert all(points == sum(parts) for points, *parts in returned)
    assert set(Purchase.objects.values_list("points_returned", flat=True)) != {0}
    assert not Purchase.objects.exclude(points_returned=F("points"), returned=F("amount")).exists()
    assert not PurchaseLine.objects.exclude(points_returned=F("points"), returned=F("amount")).exists()
    prove()


def _prices(dice: random.Random) -> dict[str, int]:
    return {str(n): dice.randint(1, 30_000) for n in range(dice.randint(1, 5))}


def _random_refund(dice: random.Random, payments: Any, left: dict[tuple[int, str], int], *, is_last: bool) -> Any:
    """Return a refund of a part of a random line; small parts, so that there is some for a thousand."""
    n, line = dice.choice([key for key, amount in left.items() if amount])
    amount = left[n, line] if is_last and dice.random() < 0.5 else dice.randint(1, 1 + left[n, line] // 5)
    left[n, line] -= amount
    return refunded(payments[n], amount, {line: amount})


def test_random_partial_returns_give_and_take_exactly_what_was_spent_and_earned(me: UUID) -> None:
    dice, count = random.Random(20_260_301), 0
    while count < 120:
        give(me, dice.randint(1, 300), expires_at=AT + dice.randint(1, 9) * DAY)
        ids = [spend(me, dice.randint(1, points_of(me)[0])).id for _ in range(2) if points_of(me)[0]]
        set_policy(dice.choice(["pending_only", "floor_zero", "arrears"]), dice.choice([None, 0, 50]))
        lines = {str(n): (dice.randint(1, 9), dice.randint(1, 9_999)) for n in range(dice.randint(1, 4))}
        money = sum(cost for _, cost in lines.values())
        bought = buy(me, lines, redemption_ids=tuple(ids), money_amount=money)
        back = [take_back(bought, command) for command in _pieces(dice, lines)]
        assert sum(one.points for one in back) == sum(sum(parts(one)) for one in back) == bought.points
        assert (sum(one.restored for one in back), sum(one.amount for one in back)) == (bought.spent, money)
        count += len(back)
    prove()


def _pieces(dice: random.Random, lines: dict[str, tuple[int, int]]) -> list[dict[str, int]]:
    """Return all pieces of lines in random parts and order."""
    pieces = [name for name, (count, _) in lines.items() for _ in range(count)]
    dice.shuffle(pieces)
    found = []
    while pieces:
        part = [pieces.pop() for _ in range(dice.randint(1, min(3, len(pieces))))]
        found.append({name: part.count(name) for name in part})
    return found


def test_a_purchase_recorded_again_is_the_same_and_another_by_its_id_is_refused(me: UUID) -> None:
    first = buy(me, ONE_LINE, reference="order-7")

    with nothing_written():
        again = buy(me, ONE_LINE, reference="order-7")

    assert (again.payment_id, again.points) == (first.payment_id, 100)
    other_merchant = buy(me, ONE_LINE, reference="order-7", merchant_id=new_id())
    assert other_merchant.payment_id != first.payment_id


def test_recorded_purchases_are_what_the_ledger_takes(me: UUID) -> None:
    recorded_purchase = RecordedPurchase(
        reference="r", merchant_id=None, member_id=me, currency="EUR", amount=99, occurred_at=AT
    )
    bought = purchases.record_purchase(recorded_purchase, programme_id=None, actor_id=None, at=AT)

    done = take_back(bought)

    assert (bought.points, bought.transaction_id, done.points, done.transaction_id) == (0, None, 0, None)
    assert Transaction.objects.count() == 0
    prove()
