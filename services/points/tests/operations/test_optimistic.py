"""Postings that are written before their account is read: as those that are not, or not at all."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import example, given
from hypothesis import strategies as st

from points.ledger.api.answers.transactions import transaction_json
from points.ledger.models import Account, Allocation, Entry, Lot, Transaction
from points.ledger.operations import merge_members
from points.ledger.posting import optimistic
from points.ledger.posting.load import LOTS_AT_FIRST
from points.ledger.rules.earnings import Wait
from points.ledger.rules.postings import LARGEST_BALANCE
from points.ledger.rules.values import Kind, Posted, Take
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.programmes.rules.expiry import Sliding
from shared.db import rows
from shared.http.views import to_json
from shared.ids import new_id
from shared.messaging.models import PublishedMessage
from shared.postgres.optimistic import OptimisticConflict, attempt
from shared.testing.proofs import nothing_written
from shared.testing.reads import rows_read
from shared.testing.render import render
from tests.factories import AT, buy, give, hold, make_programme, posting, prove, set_policy, spend, take_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    give(member.id, 100)
    spend(member.id, 30)
    return member.id


def attempted(work: Callable[..., Posted], member_id: UUID, points: int = 10, **more: Any) -> Posted:
    with attempt(), transaction.atomic():
        return work(member_id, points, **more)


COMMAND = {"reference": "order", "reason": "50% \\ 'off'", "actor_id": UUID(int=7)}
ALIKE: dict[str, tuple[Callable[..., Posted], int, dict[str, Any]]] = {
    "earning": (give, 10, {"occurred_at": AT - timedelta(days=1)}),
    "earning that ends": (give, 10, {"expires_at": AT + timedelta(microseconds=1)}),
    "redemption": (spend, 10, {}),
    "redemption of two lots": (spend, 75, {}),
    "redemption of three lots": (spend, 90, {}),
    "redemption of all": (spend, 95, {}),
}


@pytest.mark.parametrize(("work", "points", "more"), ALIKE.values(), ids=ALIKE)
def test_it_is_written_published_and_answered_as_for_an_account_that_is_read(
    me: UUID, work: Callable[..., Posted], points: int, more: dict[str, Any]
) -> None:
    other = new_id()
    give(other, 100)
    spend(other, 30)
    for one in (other, me):
        give(one, 6, expires_at=AT + timedelta(days=1))
        give(one, 12, expires_at=AT + timedelta(days=2, microseconds=5))
        give(one, 7, expires_at=datetime(9999, 1, 1, tzinfo=UTC))
        give(one, 4, at=AT - timedelta(days=2), expires_at=AT)

    read = work(other, points, **COMMAND, **more)
    expected = in_json(read)
    written = attempted(work, me, points, **COMMAND, **more)

    assert in_json(written) == expected
    assert written_by(written) == written_by(read)
    assert published_for(written) == published_for(read)
    prove()


def in_json(fact: Posted) -> bytes:
    """The answer, with what names an account, lot or transaction left out."""
    text = to_json(transaction_json(fact))
    text = render(text) if "placeholder" in repr(fact) else text
    for number, name in enumerate([fact.id, fact.member_id, *lots_of(fact)]):
        text = text.replace(str(name).encode(), b"name %d" % number)
    return text


def lots_of(fact: Posted) -> list[UUID]:
    found = Lot.objects.filter(account__member_id=fact.member_id).exclude(id=fact.id)
    return list(found.order_by("number").values_list("id", flat=True))


def written_by(fact: Posted) -> list[Any]:
    whose = Account.objects.get(member_id=fact.member_id)
    found = [
        *Account.objects.filter(id=whose.id).values(),
        *Transaction.objects.filter(id=fact.id).values(),
        *Entry.objects.filter(transaction_id=fact.id).order_by("version").values(),
        *Lot.objects.filter(account=whose).order_by("number").values(),
        *Allocation.objects.filter(transaction_id=fact.id).order_by("lot__number").values(),
    ]
    assert len(found) > 8
    left_out = {"id", "account_id", "transaction_id", "member_id", "lot_id", "xid"}
    return [{name: value for name, value in row.items() if name not in left_out} for row in found]


def published_for(fact: Posted) -> dict[str, Any]:
    message = PublishedMessage.objects.get(payload__transaction_id=str(fact.id))
    return {**message.payload, "transaction_id": None, "member_id": None, "name": message.name}


_FIRST = datetime(1970, 1, 1)  # noqa: DTZ001 - the strategy adds the zone


@given(
    st.datetimes(min_value=_FIRST, timezones=st.just(UTC)) | st.none(),
    st.dates(date(1970, 1, 1)) | st.none(),
    st.integers(min_value=-(10**15), max_value=10**15),
)
@example(AT, date(2026, 3, 1), -1)
@example(AT.replace(microsecond=100), None, 1)
@example(AT.replace(second=59, microsecond=999_999), None, 0)
def test_the_server_writes_a_lot_that_paid_as_the_service_does(
    ends: datetime | None, last_day: date | None, points: int
) -> None:
    lot_id = UUID(int=5)

    found = rows("SELECT ledger_lot_in_json(%s, %s, %s, %s)", [lot_id, points, ends, last_day])

    assert found[0][0].encode() == to_json(Take(lot_id, points, ends, last_day)._asdict())


@pytest.mark.parametrize("look", [lambda one: one.balance_after + 1, lambda one: list(one.lots)])
def test_what_only_the_server_knows_is_nobodys_to_reckon_with(me: UUID, look: Callable[[Posted], Any]) -> None:
    fact = attempted(spend, me)

    with pytest.raises(TypeError, match="only the server knows"):
        look(fact)


def test_what_waits_and_is_not_due_is_no_hindrance(me: UUID) -> None:
    hold(me, 5)
    give(me, 7, wait=Wait(in_days=3))

    attempted(give, me)
    attempted(spend, me, 1)

    assert Account.objects.values_list("available", "held", "pending").get() == (74, 5, 7)
    prove()


def owe(me: UUID) -> None:
    set_policy("arrears")
    purchase = buy(me, {"coat": (1, 9000)})
    spend(me, 160)
    take_back(purchase)
    assert Account.objects.get().deficit == -90


def be_merged(me: UUID) -> None:
    merge_members(from_member_id=me, into_member_id=new_id(), reason="twice", actor_id=new_id(), at=AT)


WRONG: dict[str, tuple[Callable[..., Posted], Callable[[UUID], Any]]] = {
    "a gift to who owes points": (give, owe),
    "a gift to who was merged": (give, be_merged),
    "a gift where a hold is over": (give, lambda me: hold(me, 5, at=AT - timedelta(hours=1))),
    "a gift where pending points are due": (give, lambda me: give(me, 7, wait=Wait(at=AT), at=AT - timedelta(days=1))),
    "a gift that was made": (give, lambda me: give(me, 10, source_key="cause")),
    "a gift where there is no room": (give, lambda me: give(me, LARGEST_BALANCE - 105)),
    "a redemption of who was merged": (spend, be_merged),
    "a redemption where a hold is over": (spend, lambda me: hold(me, 5, at=AT - timedelta(hours=1))),
    "a redemption where pending points are due": (
        spend,
        lambda me: give(me, 7, wait=Wait(at=AT), at=AT - timedelta(days=1)),
    ),
    "a redemption that was made": (spend, lambda me: spend(me, 10, source_key="cause")),
    "a redemption of more than there is": (spend, lambda me: spend(me, 61)),
    "a redemption of more than is alive": (
        spend,
        lambda me: (give(me, 9, at=AT - timedelta(days=2), expires_at=AT), spend(me, 61)),
    ),
}


@pytest.mark.parametrize(("work", "happens"), WRONG.values(), ids=WRONG)
def test_the_account_is_read_first_for(me: UUID, work: Callable[..., Posted], happens: Callable[[UUID], Any]) -> None:
    happens(me)

    with nothing_written(), pytest.raises(OptimisticConflict):
        attempted(work, me, source_key="cause")


def test_a_redemption_that_takes_from_many_lots_reads_its_account(me: UUID) -> None:
    for _ in range(LOTS_AT_FIRST):
        give(me, 1, expires_at=AT + timedelta(days=1))

    with nothing_written(), pytest.raises(OptimisticConflict):
        attempted(spend, me, LOTS_AT_FIRST + 1)

    attempted(spend, me, LOTS_AT_FIRST)
    assert Account.objects.get().available == 70
    prove()


def test_a_redemption_reads_no_more_lots_than_may_pay(me: UUID) -> None:
    for _ in range(3 * LOTS_AT_FIRST):
        give(me, 1)

    with rows_read("lot") as read:
        attempted(spend, me)

    assert read() <= LOTS_AT_FIRST + 1


@pytest.mark.parametrize("work", [give, spend])
def test_a_member_without_an_account_is_a_conflict(me: UUID, work: Callable[..., Posted]) -> None:
    with nothing_written(), pytest.raises(OptimisticConflict):
        attempted(work, new_id())


def test_points_that_wait_are_given_to_an_account_that_is_read(me: UUID) -> None:
    assert attempted(give, me, wait=Wait(in_days=3)).balance_after == 70


@pytest.mark.parametrize(("work", "left"), [(give, 80), (spend, 60)])
def test_an_activity_that_moves_ends_reads_its_account(me: UUID, work: Callable[..., Posted], left: int) -> None:
    change_programme(default_programme().id, changes={"expiry": Sliding(1, "month")}, at=AT)

    assert attempted(work, me).balance_after == left


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.EARNED, Kind.REDEEMED}))
def test_no_other_posting_is_eligible(me: UUID, kind: Kind) -> None:
    assert not optimistic.is_eligible(posting(kind, me, 10))


@pytest.mark.parametrize("work", [give, spend])
def test_whoever_cannot_run_it_again_reads_the_account(me: UUID, work: Callable[..., Posted]) -> None:
    with transaction.atomic():
        fact = work(me, 10)

    assert fact.balance_after in (80, 60)
