"""What undoes transactions reads what these are about, however many lots and transactions their members have."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from points.expiry import operations as expiry
from points.ledger import operations
from points.ledger.rules.values import Kind, Posted
from points.programmes.queries import default_programme
from shared.ids import new_id
from shared.testing.reads import rows_read
from tests.factories import AT, make_programme, posting, prove
from tests.ledger_filling import DAY

pytestmark = pytest.mark.django_db
TABLES = ("points_transaction", "lot", "allocation", "entry", "account", "purchase_spend", "reinstatement")
UNDONE = 20
SIZES = (200, 2_000)
# What was done, as the kinds of postings, and what became of its points before it is undone.
DONE = {
    "earned": ([Kind.EARNED] * UNDONE, ""),
    "earned and spent": ([Kind.EARNED, Kind.REDEEMED] * (UNDONE // 2), ""),
    "earned and over": ([Kind.EARNED] * UNDONE, "over"),
    "earned and expired": ([Kind.EARNED] * UNDONE, "expired"),
}
# More than the first lots that are read can cover, of one point each.
POINTS = 3


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def post(member: UUID, kinds: Sequence[Kind], points: int, **more: Any) -> list[UUID]:
    facts = operations.post([posting(kind, member, points, **more) for kind in kinds], at=AT)
    assert all(isinstance(fact, Posted) for fact in facts)
    return [fact.id for fact in facts if isinstance(fact, Posted)]


def undo(ids: Sequence[UUID], actor: UUID) -> list[Any]:
    now = AT + 2 * DAY
    return operations.undo_transactions(default_programme().id, ids[::-1], reason="r", actor_id=actor, at=now)


def read_of(size: int, kinds: Sequence[Kind], *, then: str) -> dict[str, int]:
    """Return the rows read where so much was done by one member before what is undone, and as much after it."""
    member = new_id()
    post(member, [Kind.EARNED] * size, 1)
    asked = post(member, kinds, POINTS, **({"expires_at": AT + DAY} if then else {}))
    post(member, [Kind.EARNED] * size, 1)
    if then == "expired":
        assert expiry.expire_all(at=AT + 2 * DAY)[1] == POINTS * len(asked)
    with rows_read(*TABLES) as read:
        outcomes = undo(asked, member)
    assert all(isinstance(one, Posted) for one in outcomes)
    return read.by_table()


@pytest.mark.parametrize(("kinds", "then"), DONE.values(), ids=DONE)
def test_it_reads_as_much_of_one_member_with_many_lots(kinds: Sequence[Kind], then: str) -> None:
    few, many = (read_of(size, kinds, then=then) for size in SIZES)

    assert sum(few.values()) > 0
    assert {table: count for table, count in many.items() if count > 1.2 * few[table] + UNDONE} == {}
    prove()
