"""Lists of many postings are written in pieces."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from msgspec import structs

from points.ledger import operations
from points.ledger.operations import engine
from points.ledger.rules.values import Decided, Kind, Posted, Posting
from shared.ids import new_id
from tests.factories import AT, give, make_programme, points_of, posting, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


@pytest.mark.usefixtures("me")
def test_a_list_in_pieces_becomes_what_it_becomes_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = ([told(outcome) for outcome in _mixed(size, monkeypatch)] for size in (7, 1000))

    assert first == second
    assert len(first) == 120
    prove()


def _mixed(piece: int, monkeypatch: pytest.MonkeyPatch) -> list[engine.Outcome]:
    """Post a list in which members earn, spend too much, spend all, and say some things twice."""
    monkeypatch.setattr(engine, "PIECE", piece)
    some = [new_id() for _ in range(5)]
    wishes = []
    for turn in range(60):
        member = some[turn % 5]
        wishes.append(posting(Kind.EARNED, member, 3, source_key=f"{piece}:{turn // 2}:{turn % 5}"))
        wishes.append(posting(Kind.REDEEMED, member, 2 + turn % 7))
    return operations.post(wishes, at=AT)


def told(outcome: engine.Outcome) -> tuple[object, ...]:
    if isinstance(outcome, Posted):
        whole = outcome.kind, outcome.points, outcome.balance_after, outcome.is_repeated
        return *whole, outcome.entries, [lot.points for lot in outcome.lots]
    return type(outcome).__name__, outcome.members


def test_what_the_database_refuses_of_a_piece_undoes_all(me: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    give(me, 100)
    monkeypatch.setattr(engine, "PIECE", 3)
    decided = engine.posted

    def nothing_moved(one: Decided, *, at: datetime) -> Posted:
        return structs.replace(decided(one, at=at), entries=())

    wishes = [posting(Kind.EARNED, me, 1) for _ in range(20)]
    with monkeypatch.context() as wrong:
        wrong.setattr(engine, "posted", nothing_moved)
        with pytest.raises(IntegrityError, match="a transaction has its entries"):
            _post_in_a_transaction(wishes)

    assert points_of(me) == (100, 0)
    operations.post(wishes, at=AT)
    assert points_of(me) == (120, 0)
    prove()


def _post_in_a_transaction(wishes: list[Posting]) -> None:
    with transaction.atomic():
        operations.post(wishes, at=AT)
