"""What people and jobs read of the ledger is the same in one ten times as large, whatever the statistics say."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from points.ledger import operations
from points.ledger.history import balance_at
from points.ledger.proofs import differences, walks
from points.ledger.queries import balance, lots_of, transaction, transactions_of, with_details
from points.ledger.rules.values import Kind, Posted
from points.ledger.spendable import spendable
from points.programmes.queries import default_programme
from points.seals.queries import documents
from points.statements.queries.explanations import explain_balance, explain_transaction
from points.statements.queries.forecasts import expiry_forecast
from points.statements.queries.statements import statement
from points.statements.rules import Period
from shared.db import execute
from shared.ids import new_id
from shared.testing.reads import rows_read
from tests.factories import AT, make_programme, posting

pytestmark = pytest.mark.django_db
TABLES = ("account", "points_transaction", "entry", "lot", "allocation", "purchase", "hold", "pending_points")
FEW, MANY, LISTED = 100, 1_000, 50
DAY = timedelta(days=1)
NOW = AT + DAY
NOTHING, OLD, TRUE = "nothing", "what was true of few rows", "the truth"


@pytest.fixture
def members() -> list[UUID]:
    make_programme()
    return []


def grow(members: list[UUID], size: int) -> None:
    """Add members until there are so many; each earns twice and spends once."""
    new = [new_id() for _ in range(size - len(members))]
    for kind, points in ((Kind.EARNED, 10), (Kind.EARNED, 5), (Kind.REDEEMED, 3)):
        operations.post([posting(kind, one, points) for one in new], at=AT)
    members += new


def whose(member_id: UUID) -> dict[str, UUID]:
    return {"programme_id": default_programme().id, "member_id": member_id}


def newest(members: list[UUID], count: int = LISTED) -> list[UUID]:
    found: list[UUID] = []
    for one in members[:count]:
        found += transactions_of(**whose(one)).order_by("-version").values_list("id", flat=True)[:1]
    return found


def known(members: list[UUID]) -> Posted:
    fact = transaction(newest(members, 1)[0])
    assert fact is not None
    return fact


READS: dict[str, Callable[[list[UUID]], Any]] = {
    "a balance": lambda members: balance(**whose(members[0]), at=NOW),
    "a balance of the past": lambda members: balance_at(**whose(members[0]), at=AT),
    "a page of transactions": lambda members: with_details(newest(members, 1)),
    "transactions of many members": lambda members: with_details(newest(members)),
    "lots": lambda members: list(lots_of(**whose(members[0]), at=NOW)),
    "an explained balance": lambda members: explain_balance(**whose(members[0]), at=NOW),
    "an explained transaction": lambda members: explain_transaction(known(members), at=NOW),
    "a statement": lambda members: statement(
        default_programme(), member_id=members[0], period=Period(AT.date(), NOW.date(), "UTC"), at=NOW
    ),
    "a member's forecast": lambda members: expiry_forecast(default_programme(), at=NOW, member_id=members[0]),
    "what many can spend": lambda members: spendable(default_programme().id, members[:LISTED], at=NOW),
    "what is sealed of a block": lambda members: documents(newest(members)),
    "the proof of one member": lambda members: differences(members[0]),
}


def read_by(name: str, members: list[UUID]) -> int:
    with rows_read(*TABLES) as read:
        assert READS[name](members) is not None
    return read()


@pytest.mark.parametrize("statistics", [NOTHING, OLD, TRUE])
@pytest.mark.parametrize("name", READS)
def test_is_read_at_the_same_cost_of_ten_times_as_many_members(name: str, statistics: str, members: list[UUID]) -> None:
    analyze = "; ".join(f"ANALYZE {table}" for table in TABLES)
    grow(members, FEW)
    if statistics != NOTHING:
        execute(analyze)
    few = read_by(name, members)
    grow(members, MANY)
    if statistics == TRUE:
        execute(analyze)

    assert 0 < read_by(name, members) <= 1.2 * few


@pytest.mark.parametrize("statistics", [NOTHING, OLD, TRUE])
def test_the_proof_reads_as_much_of_each_member(
    statistics: str, members: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walks, "STEP", 50)
    analyze = "; ".join(f"ANALYZE {table}" for table in TABLES)
    taken = []
    for size in (FEW, MANY):
        grow(members, size)
        if statistics != NOTHING and (statistics == TRUE or size == FEW):
            execute(analyze)
        with rows_read(*TABLES) as read:
            assert differences() == []
        taken.append(read() / size)

    assert taken[1] <= 1.2 * taken[0]
