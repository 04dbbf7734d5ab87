"""Lists of many postings: what they read does not grow with the ledger, and they are written in pieces."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from msgspec import structs

from points.ledger import operations
from points.ledger.operations import engine
from points.ledger.rules.values import Decided, Kind, Posted, Posting
from shared.db import rows
from shared.ids import new_id
from shared.testing.owner import as_owner
from shared.testing.reads import rows_read
from tests.factories import AT, give, make_programme, points_of, posting, prove

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TABLES = ("account", "points_transaction", "entry", "lot", "allocation")
EVERYBODY, LISTED = 3000, 500


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


@pytest.fixture
def members(me: UUID) -> list[UUID]:
    """Members with points in a lot that has ended, and in one that has not; the planner knows how many they are."""
    found = [me, *(new_id() for _ in range(EVERYBODY - 1))]
    operations.post([posting(Kind.EARNED, member, 10, expires_at=AT + DAY) for member in found], at=AT)
    operations.post([posting(Kind.EARNED, member, 10) for member in found], at=AT)
    as_owner(f"ANALYZE {', '.join(TABLES)}")
    return found[:LISTED]


def ended_lots() -> dict[UUID, UUID]:
    ended = "SELECT a.member_id, l.id FROM lot l JOIN account a ON a.id = l.account_id WHERE l.expires_at = %s"
    return dict(rows(ended, [AT + DAY]))


def expiries(members: list[UUID]) -> list[Posting]:
    lots = ended_lots()
    return [structs.replace(posting(Kind.EXPIRED, member, 0), lots=(lots[member],)) for member in members]


LISTS: dict[str, Callable[[list[UUID]], list[Posting]]] = {
    "giving": lambda members: [posting(Kind.EARNED, member, 3) for member in members],
    "spending": lambda members: [posting(Kind.REDEEMED, member, 3) for member in members],
    "expiring": expiries,
    "both": lambda members: [posting(Kind.ADJUSTED, member, 3 * (-1) ** at) for at, member in enumerate(members)],
}


@pytest.mark.parametrize("name", LISTS)
def test_a_long_list_reads_no_table_as_a_whole(name: str, members: list[UUID]) -> None:
    wishes = LISTS[name](members)

    with rows_read(*TABLES) as read:
        outcomes = operations.post(wishes, at=AT + 2 * DAY)

    assert all(isinstance(one, Posted) for one in outcomes)
    assert read() <= 20 * LISTED
    assert {table: count for table, count in read.by_table().items() if count > 6 * LISTED} == {}
    prove()


@pytest.mark.parametrize("name", LISTS)
def test_plans_that_were_made_while_the_tables_were_small_read_no_table_as_a_whole(name: str, me: UUID) -> None:
    few = [me, new_id()]
    as_owner(f"ANALYZE {', '.join(TABLES)}")
    # So often that a plan is kept.
    for _ in range(6):
        operations.post(with_causes([posting(Kind.EARNED, member, 10) for member in few]), at=AT)
        operations.post(with_causes([posting(Kind.REDEEMED, member, 1) for member in few]), at=AT)
    members = [new_id() for _ in range(EVERYBODY)]
    operations.post([posting(Kind.EARNED, member, 10, expires_at=AT + DAY) for member in members], at=AT)
    operations.post([posting(Kind.EARNED, member, 10) for member in members], at=AT)
    wishes = with_causes(LISTS[name](members[:LISTED]))
    operations.post(wishes[:5], at=AT + 2 * DAY)

    with rows_read(*TABLES) as read:
        operations.post(wishes, at=AT + 2 * DAY)

    assert {table: count for table, count in read.by_table().items() if count > 6 * LISTED} == {}
    prove()


def with_causes(wishes: list[Posting]) -> list[Posting]:
    return [structs.replace(wish, source_key=f"cause {wish.id}") for wish in wishes]


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
