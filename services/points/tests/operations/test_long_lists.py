"""Lists of many postings are written in pieces."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from msgspec import structs

from points.ledger import operations
from points.ledger.posting import engine
from points.ledger.rules.earnings import Wait
from points.ledger.rules.values import Decided, Kind, Posted, Posting
from shared.ids import new_id
from tests.factories import AT, give, hold, make_programme, points_of, posting, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


@pytest.mark.usefixtures("me")
def test_a_list_in_pieces_becomes_what_it_becomes_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = ([described(outcome) for outcome in _mixed(size, monkeypatch)] for size in (7, 1000))

    assert first == second
    assert len(first) == 120
    prove()


def _mixed(piece: int, monkeypatch: pytest.MonkeyPatch) -> list[engine.Outcome]:
    """Post a list in which members earn, spend too much, spend all, and say some things twice."""
    monkeypatch.setattr(engine, "PIECE", piece)
    some = [new_id() for _ in range(5)]
    commands = []
    for turn in range(60):
        member = some[turn % 5]
        commands.append(posting(Kind.EARNED, member, 3, source_key=f"{piece}:{turn // 2}:{turn % 5}"))
        commands.append(posting(Kind.REDEEMED, member, 2 + turn % 7))
    return operations.post(commands, at=AT)


def described(outcome: engine.Outcome) -> tuple[object, ...]:
    if isinstance(outcome, Posted):
        whole = outcome.kind, outcome.points, outcome.balance_after, outcome.is_repeated
        return *whole, outcome.entries, [lot.points for lot in outcome.lots]
    return type(outcome).__name__, outcome.members


def test_no_piece_ends_between_a_capture_in_part_and_what_comes_back(me: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    give(me, 100)
    held = hold(me, 60, expires_at=AT + timedelta(days=2))
    for points in (1, 2):
        give(me, points, wait=Wait(at=AT + timedelta(days=1)))
    monkeypatch.setattr(engine, "PIECE", 3)  # two that are due, and the capture

    closed = operations.capture_hold(held.id, points=20, at=AT + timedelta(days=1))

    assert (closed.state, closed.captured, closed.release_id is not None) == ("captured", 20, True)
    assert points_of(me, at=AT + timedelta(days=1)) == (83, 0)
    prove()


def test_what_the_database_refuses_of_a_piece_undoes_all(me: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    give(me, 100)
    monkeypatch.setattr(engine, "PIECE", 3)
    decided = engine.posted

    def nothing_moved(one: Decided, *, at: datetime) -> Posted:
        return structs.replace(decided(one, at=at), entries=())

    commands = [posting(Kind.EARNED, me, 1) for _ in range(20)]
    with monkeypatch.context() as wrong:
        wrong.setattr(engine, "posted", nothing_moved)
        with pytest.raises(IntegrityError, match="a transaction says what its entries say"):
            _post_in_a_transaction(commands)

    assert points_of(me) == (100, 0)
    operations.post(commands, at=AT)
    assert points_of(me) == (120, 0)
    prove()


def _post_in_a_transaction(commands: list[Posting]) -> None:
    with transaction.atomic():
        operations.post(commands, at=AT)
