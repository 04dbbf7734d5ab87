from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.ledger import operations
from points.ledger.day_totals import day_totals
from points.ledger.errors import InsufficientPoints, NotReversible, TransferToOneself
from points.ledger.models import Lot
from points.ledger.queries import transaction as read
from points.programmes.errors import ProgrammeClosed
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared.contracts.points import PointsReceived, PointsSent
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


@pytest.fixture
def other(other_member: Any) -> UUID:
    found: UUID = other_member.id
    return found


def transfer(sender: UUID, receiver: UUID, points: int) -> operations.Transfer:
    return operations.transfer_points(
        programme_id=None, from_member_id=sender, to_member_id=receiver, points=points, reason="birthday", at=AT
    )


def lots_of(member_id: UUID) -> list[tuple[int, datetime | None]]:
    found = Lot.objects.filter(account__member_id=member_id, remaining__gt=0).order_by("expires_at")
    return list(found.values_list("remaining", "expires_at"))


def test_lots_keep_their_ends_in_the_receivers_account(me: UUID, other: UUID) -> None:
    give(me, 20, expires_at=AT + DAY)
    give(me, 50, expires_at=AT + 9 * DAY)

    made = transfer(me, other, 30)

    assert lots_of(me) == [(40, AT + 9 * DAY)]
    assert lots_of(other) == [(20, AT + DAY), (10, AT + 9 * DAY)]
    assert made.sent.reference == made.received.reference == f"transfer:{made.id}"
    assert (made.sent.change, made.received.change) == (-30, 30)
    found = read(made.received.id)
    assert found
    assert [(part.points, part.expires_at) for part in found.lots] == [(20, AT + DAY), (10, AT + 9 * DAY)]
    prove()


def test_both_sides_are_published_and_the_day_adds_up(me: UUID, other: UUID) -> None:
    give(me, 50)

    made = transfer(me, other, 30)

    (sent,), (received,) = published(PointsSent), published(PointsReceived)
    assert (sent.member_id, sent.points, sent.change, sent.balance) == (me, 30, -30, 20)
    assert (received.member_id, received.points, received.change, received.balance) == (other, 30, 30, 30)
    assert sent.reference == received.reference == f"transfer:{made.id}"
    assert [(total.kind, total.total) for total in day_totals(AT.date())] == [
        ("earned", 50), ("received", 30), ("sent", -30),
    ]  # fmt: skip


def test_what_the_receiver_owes_is_paid_by_what_ends_first(me: UUID, other: UUID) -> None:
    earned = give(other, 25)
    spend(other, 25)
    operations.reverse_transaction(earned.id, reason="", actor_id=new_id(), at=AT)
    give(me, 20, expires_at=AT + DAY)
    give(me, 50, expires_at=AT + 9 * DAY)

    transfer(me, other, 30)

    assert points_of(other) == (5, 0)
    assert lots_of(other) == [(5, AT + 9 * DAY)]
    assert [message.change for message in published(PointsReceived)] == [5]
    prove()


@pytest.mark.parametrize("points", [101, 10**12])
def test_more_than_there_is_is_refused_on_both_sides(me: UUID, other: UUID, points: int) -> None:
    give(me, 100)
    with nothing_written(), pytest.raises(InsufficientPoints), transaction.atomic():
        transfer(me, other, points)


def test_nobody_transfers_to_themselves(me: UUID) -> None:
    give(me, 100)
    with nothing_written(), pytest.raises(TransferToOneself), transaction.atomic():
        transfer(me, me, 1)


def test_a_closed_programme_transfers_nothing(me: UUID, other: UUID) -> None:
    give(me, 100)
    change_programme(default_programme().id, changes={"status": "closed"}, at=AT)
    with nothing_written(), pytest.raises(ProgrammeClosed), transaction.atomic():
        transfer(me, other, 1)


def test_a_transfer_is_not_reversible_as_the_points_are_somebody_elses_now(me: UUID, other: UUID) -> None:
    give(me, 100)
    made = transfer(me, other, 10)
    for side in (made.sent, made.received):
        with nothing_written(), pytest.raises(NotReversible), transaction.atomic():
            operations.reverse_transaction(side.id, reason="", actor_id=new_id(), at=AT)
