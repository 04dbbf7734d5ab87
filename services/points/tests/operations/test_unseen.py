"""Earnings that are decided before their account is seen: as those that are not, or not at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.ledger.models import Account, Entry, Lot, Transaction
from points.ledger.operations import merge_members
from points.ledger.operations.engine import give_unseen
from points.ledger.rules.earnings import Wait
from points.ledger.rules.postings import LARGEST_BALANCE
from points.ledger.rules.values import Kind, Posted
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.programmes.rules.expiry import Sliding
from shared.http.views import to_json
from shared.ids import new_id
from shared.messaging.models import ToldMessage
from shared.postgres.blanks import GuessWrong, fill, guessing
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, give, hold, make_programme, posting, prove, set_policy, spend, take_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    give(member.id, 100)
    spend(member.id, 30)
    return member.id


def guess(member_id: UUID, points: int = 10, **more: Any) -> Posted:
    with guessing(), transaction.atomic():
        return give(member_id, points, unseen=True, **more)


def test_it_writes_what_an_earning_of_a_seen_account_writes(me: UUID) -> None:
    other = new_id()
    give(other, 100)
    spend(other, 30)
    wish = {"occurred_at": AT - timedelta(days=1), "reference": "order", "reason": "50% \\ 'off'", "actor_id": new_id()}

    seen, unseen = give(other, 10, **wish), guess(me, **wish)

    assert written_by(unseen) == written_by(seen)
    assert told_of(unseen) == told_of(seen)
    prove()


def written_by(fact: Posted) -> list[Any]:
    of = {"transaction_id": fact.id}
    left_out = {"id": None, "account_id": None, "transaction_id": None}
    found = [
        *Account.objects.filter(transaction=fact.id).values(),
        *Transaction.objects.filter(id=fact.id).values(),
        *Entry.objects.filter(**of).order_by("version").values(),
        *Lot.objects.filter(id=fact.id).values(),
    ]
    assert len(found) == 5
    return [row | {name: None for name in (*left_out, "member_id") if name in row} for row in found]


def told_of(fact: Posted) -> dict[str, Any]:
    told = ToldMessage.objects.get(payload__transaction_id=str(fact.id))
    return {**told.payload, "transaction_id": None, "member_id": None, "name": told.name}


def test_the_server_fills_in_what_the_account_comes_to(me: UUID) -> None:
    fact = guess(me)

    text = to_json({"left": fact.balance_after, "entries": [entry._asdict() for entry in fact.entries]})

    assert fill(text) == (
        b'{"left":80,"entries":[{"bucket":"available","points":10,"balance_after":80},'
        b'{"bucket":"issued","points":-10,"balance_after":-110}]}'
    )


def test_what_only_the_server_knows_cannot_be_reckoned_with(me: UUID) -> None:
    fact = guess(me)

    with pytest.raises(TypeError, match="only the server knows"):
        fact.balance_after + 1


def test_what_waits_and_is_not_due_is_no_hindrance(me: UUID) -> None:
    hold(me, 5)
    give(me, 7, wait=Wait(in_days=3))

    guess(me)

    assert Account.objects.values_list("available", "held", "pending").get() == (75, 5, 7)
    prove()


def owe(me: UUID) -> None:
    set_policy("arrears")
    purchase = buy(me, {"coat": (1, 9000)})
    spend(me, 160)
    take_back(purchase)
    assert Account.objects.get().deficit == -90


def be_merged(me: UUID) -> None:
    merge_members(from_member_id=me, into_member_id=new_id(), reason="twice", actor_id=new_id(), at=AT)


WRONG: dict[str, Callable[[UUID], Any]] = {
    "that owes points": owe,
    "that was merged": be_merged,
    "with a hold whose time has passed": lambda me: hold(me, 5, at=AT - timedelta(hours=1)),
    "with pending points that are due": lambda me: give(me, 7, wait=Wait(at=AT), at=AT - timedelta(days=1)),
    "that has had this cause": lambda me: give(me, 10, source_key="cause"),
    "that has no room": lambda me: give(me, LARGEST_BALANCE - 105),
}


@pytest.mark.parametrize("happens", WRONG.values(), ids=WRONG)
def test_it_is_not_guessed_of_an_account(me: UUID, happens: Callable[[UUID], Any]) -> None:
    happens(me)

    with nothing_written(), pytest.raises(GuessWrong):
        guess(me, source_key="cause")


def test_it_is_not_guessed_of_a_member_without_an_account(me: UUID) -> None:
    with nothing_written(), pytest.raises(GuessWrong):
        guess(new_id())


def test_points_that_wait_are_given_to_a_seen_account(me: UUID) -> None:
    assert guess(me, wait=Wait(in_days=3)).balance_after == 70


def test_an_activity_that_moves_ends_is_one_of_a_seen_account(me: UUID) -> None:
    change_programme(default_programme().id, changes={"expiry": Sliding(1, "month")}, at=AT)

    assert guess(me).balance_after == 80


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.EARNED}))
def test_only_an_earning_can_be_unseen(me: UUID, kind: Kind) -> None:
    with nothing_written():
        assert give_unseen(posting(kind, me, 10), at=AT) is None
