from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.expiry import operations as expiry
from points.ledger import operations
from points.ledger.errors import AlreadyReversed, NotReversible, TransactionNotFound
from points.ledger.models import Transaction
from points.ledger.rules.values import Posted
from shared.contracts.points import PointsEarned
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, make_programme, points_of, prove, spend

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def reverse(fact: Posted, at: Any = AT) -> Posted:
    return operations.reverse_transaction(fact.id, reason="mistake", actor_id=new_id(), at=at)


def test_reversing_an_earning_takes_its_own_lot_back(me: UUID) -> None:
    soon, earned = give(me, 30, expires_at=AT + DAY), give(me, 50)

    fact = reverse(earned)

    assert [(part.lot_id, part.points) for part in fact.lots] == [(earned.id, -50)]
    assert points_of(me) == (30, 0)
    assert (fact.kind, soon.points) == ("reversed", 30)
    prove()


def test_reversing_an_earning_that_was_spent_leaves_a_debt_that_the_next_one_pays(me: UUID) -> None:
    earned = give(me, 50)
    spend(me, 40)
    reverse(earned)
    assert points_of(me) == (0, -40)

    give(me, 100)

    assert points_of(me) == (60, 0)
    assert [message.change for message in published(PointsEarned)] == [50, 60]
    prove()


def test_reversing_a_redemption_gives_points_back_to_their_lots_with_their_old_end(me: UUID) -> None:
    soon, late = give(me, 50, expires_at=AT + DAY), give(me, 50, expires_at=AT + 9 * DAY)
    spent = spend(me, 70)

    fact = reverse(spent)

    assert [(part.lot_id, part.points) for part in fact.lots] == [(soon.id, 50), (late.id, 20)]
    assert points_of(me) == (100, 0)
    prove()


def test_points_given_back_whose_time_has_passed_expire_at_once(me: UUID) -> None:
    give(me, 50, expires_at=AT + DAY)
    give(me, 50, expires_at=AT + 9 * DAY)
    spent = spend(me, 70)

    reverse(spent, at=AT + 2 * DAY)

    assert points_of(me, at=AT + 2 * DAY) == (50, 0)
    assert list(Transaction.objects.order_by("version").values_list("kind", "change"))[-2:] == [
        ("reversed", 70),
        ("expired", -50),
    ]
    prove()


def test_a_transaction_is_reversed_once(me: UUID) -> None:
    earned = give(me, 50)
    undone = reverse(earned)

    with nothing_written(), pytest.raises(AlreadyReversed) as refusal, transaction.atomic():
        reverse(earned)

    assert refusal.value.members == {"reversal": undone.id}


def test_a_reversal_and_an_expiry_are_not_reversible(me: UUID) -> None:
    undone = reverse(give(me, 50))
    give(me, 10, expires_at=AT + DAY)
    expiry.expire_lots(at=AT + 2 * DAY)
    expired = Transaction.objects.get(kind="expired")

    for transaction_id in (undone.id, expired.id):
        with nothing_written(), pytest.raises(NotReversible), transaction.atomic():
            operations.reverse_transaction(transaction_id, reason="", actor_id=new_id(), at=AT)


def test_an_unknown_transaction_cannot_be_reversed(me: UUID) -> None:
    with pytest.raises(TransactionNotFound):
        operations.reverse_transaction(new_id(), reason="", actor_id=new_id(), at=AT)
