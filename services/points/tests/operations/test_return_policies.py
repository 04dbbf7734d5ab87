"""What a return cannot take is owed or forgiven, as the programme says, and nothing else undoes a purchase."""

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.ledger import operations
from points.ledger.models import PendingPoints
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.purchases import operations as purchases
from points.purchases.errors import PurchaseNotFound, PurchaseOfPayment
from points.purchases.models import Purchase, PurchaseReturn
from shared.ids import new_id
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, give, points_of, prove, set_policy, spend, take_back
from tests.messages.test_payments import captured, refunded
from tests.operations.return_factories import ONE_LINE, parts

pytestmark = pytest.mark.django_db


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
