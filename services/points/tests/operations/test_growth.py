"""What people and jobs read of the ledger does not grow with it, whatever the statistics say.

A bound is what is read of each table for one member, transaction or place in a list; it is the same at each size.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from msgspec import structs

from points.expiry.queries import lots_due
from points.expiry.rows import notices
from points.ledger import holds, operations, pending
from points.ledger.history import account_at, balance_at
from points.ledger.proofs import differences, walks
from points.ledger.queries import (
    accounts_of,
    all_lots,
    all_pending,
    all_transactions,
    balance,
    lots_of,
    pending_of,
    transactions_of,
    with_details,
)
from points.ledger.queries import transaction as read_transaction
from points.ledger.rules.values import Kind, Posted, Posting
from points.ledger.spendable import standings
from points.programmes.queries import default_programme
from points.programmes.rules import Programme
from points.programmes.rules.notices import Window
from points.seals.queries import documents
from points.statements.queries.explanations import explain_balance, explain_transaction
from points.statements.queries.forecasts import expiry_forecast
from points.statements.queries.statements import statement
from points.statements.rules import Period
from shared.testing.fillings import NONE, OF_FEW, TRUE, Filling, at_any_size
from shared.testing.reads import rows_read
from tests.factories import AT, give, posting, prove, spend
from tests.ledger_filling import AWAITED, DAY, ENDS, HELD, SPENT, TABLES, fill_ledger, of_member

pytestmark = pytest.mark.django_db
NOW = AT + DAY / 2
MINE = 3
ME = of_member(MINE)
LISTED = 100
# So many rows are read at most of any table: for one member, for a place in a list, for a posting.
OF_ONE, OF_LISTED, OF_MOVED = 60, 9, 6


def whose() -> dict[str, UUID]:
    return {"programme_id": default_programme().id, "member_id": ME}


def explained() -> object:
    fact = read_transaction(of_member(MINE, SPENT))
    return explain_transaction(fact, at=NOW) if fact else None


def of_listed(what: int = 0) -> list[UUID]:
    return [of_member(number, what) for number in range(1, LISTED + 1)]


def notices_due() -> list[notices.Notice]:
    """A page from the middle of all that end at the same instant."""
    window = Window(1, (AT + DAY).date(), (AT + DAY).date())
    after = notices.Place(AT + DAY, of_member(MINE, ENDS))
    return notices.due(default_programme(), window, longest_grace=0, after=after, at=AT, limit=LISTED)[0]


READS: dict[str, Callable[[], Any]] = {
    "a balance": lambda: balance(**whose(), at=NOW),
    "a balance of the past": lambda: balance_at(**whose(), at=AT),
    "an account of the past": lambda: account_at(**whose(), at=NOW),
    "a page of transactions": lambda: with_details(
        list(transactions_of(**whose()).order_by("-version").values_list("id", flat=True)[:50])
    ),
    "lots": lambda: list(lots_of(**whose(), at=NOW)),
    "an explained balance": lambda: explain_balance(**whose(), at=NOW),
    "an explained transaction": explained,
    "a statement": lambda: statement(
        default_programme(), member_id=ME, period=Period(AT.date(), NOW.date(), "UTC"), at=NOW
    ),
    "a member's forecast": lambda: expiry_forecast(default_programme(), at=NOW, member_id=ME),
    "pending points by name": lambda: pending.read(named=[of_member(MINE, AWAITED)], accounts=[MINE], at=AT),
    "holds by name": lambda: [holds.read(named=[of_member(MINE, HELD)], accounts=[MINE], at=AT)],
    "what is over or due of an account": lambda: [
        holds.read(accounts=[MINE], at=AT + 99 * DAY),
        pending.read(accounts=[MINE], at=AT + 99 * DAY),
    ],
    "the next activation": lambda: pending.next_activation(MINE, at=AT),
    "pending points behind a transaction": lambda: pending.behind(of_member(MINE, AWAITED)),
    "pending points that wait for an event": lambda: pending.waiting_for("delivered", **whose(), reference=None, at=AT),
    "a member's list of pending points": lambda: list(
        pending_of(**whose(), state="pending", at=AT).order_by("id")[:51]
    ),
    "a page of everybody's transactions": lambda: list(all_transactions().order_by("-id")[:51]),
    "those of a programme": lambda: list(all_transactions(programme_id=default_programme().id).order_by("-id")[:51]),
    "those of one kind": lambda: list(all_transactions(kind="held").order_by("-id")[:51]),
    "a page of everybody's lots": lambda: accounts_of(list(all_lots(at=NOW).order_by("-id")[:51])),
    "lots of a programme": lambda: list(all_lots(programme_id=default_programme().id, at=NOW).order_by("-id")[:51]),
    "a page of everybody's pending points": lambda: list(all_pending(state="pending", at=AT).order_by("-id")[:51]),
    "the proof of one member": lambda: [differences(ME)],
}
LISTS: dict[str, Callable[[], Any]] = {
    "transactions of many members": lambda: with_details(of_listed(SPENT)),
    "what many can spend": lambda: standings(default_programme().id, of_listed(), at=NOW),
    "what is sealed of a block": lambda: documents(of_listed(SPENT)),
    "pending points that are due": lambda: pending.due(at=AT + 99 * DAY, limit=LISTED),
    "holds that are over": lambda: holds.due(at=AT + 99 * DAY, limit=LISTED),
    "lots that have ended": lambda: lots_due(as_of=AT + 2 * DAY, limit=LISTED),
    "lots of a programme that have ended": lambda: lots_due(
        as_of=AT + 2 * DAY, programme_id=default_programme().id, limit=LISTED
    ),
    "notices of one instant": notices_due,
}


def expiries() -> list[Posting]:
    lots = zip(of_listed(), of_listed(ENDS), strict=True)
    return [structs.replace(posting(Kind.EXPIRED, member, 0), lots=(lot,)) for member, lot in lots]


POSTED: dict[str, Callable[[], list[Posting]]] = {
    "giving": lambda: [posting(Kind.EARNED, member, 3) for member in of_listed()],
    "spending": lambda: [posting(Kind.REDEEMED, member, 3) for member in of_listed()],
    "both": lambda: [posting(Kind.ADJUSTED, member, 3 * (-1) ** at) for at, member in enumerate(of_listed())],
    "expiring": expiries,
}


# Moves: how many commands there are, and what is done.
MOVES: dict[str, tuple[int, Callable[[], Any]]] = {
    "giving": (1, lambda: give(ME, 3, at=NOW)),
    "spending": (1, lambda: spend(ME, 3, at=NOW)),
    **{f"a list of {name}": (LISTED, lambda make=make: post(make())) for name, make in POSTED.items()},
}


def post(commands: list[Posting]) -> list[Any]:
    """Post commands with causes, which are looked up, when all lots that end have ended."""
    caused = [structs.replace(command, source_key=f"cause {command.id}") for command in commands]
    return operations.post(caused, at=AT + 2 * DAY)


def use_all(_: Programme) -> None:
    """Do all once, so that plans are made and kept, and let nothing of it stay."""
    for ask in (*READS.values(), *LISTS.values()):
        ask()
    for _, move in MOVES.values():
        with transaction.atomic():
            give(ME, 10)
            move()
            transaction.set_rollback(True)


class Bounds:
    """How many rows are read at most of any table, and by what more were."""

    def __init__(self) -> None:
        self.passed: dict[str, dict[str, int]] = {}

    def read(self, name: str, bound: int, ask: Callable[[], Any]) -> Any:
        with rows_read(*TABLES) as read:
            answer = ask()
        assert read() > 0, name
        if beyond := {table: count for table, count in read.by_table().items() if count > bound}:
            self.passed[name] = beyond
        return answer


@at_any_size
def test_what_is_asked_and_moved_reads_what_it_is_about(filling: Filling) -> None:
    fill_ledger(Filling(filling.size // 5, filling.statistics), use=use_all)
    bounds = Bounds()

    for name, ask in READS.items():
        assert bounds.read(name, OF_ONE, ask), name
    for name, ask in LISTS.items():
        assert len(bounds.read(name, OF_LISTED * LISTED, ask)) == LISTED, name
    for name, (count, move) in MOVES.items():
        answer = bounds.read(name, OF_MOVED * count, move)
        assert all(isinstance(one, Posted) for one in (answer if count > 1 else [answer])), name

    assert bounds.passed == {}
    prove()


@pytest.mark.parametrize("known", [NONE, OF_FEW, TRUE])
def test_the_proof_reads_as_much_of_each_member(known: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "STEP", 200)
    taken = []
    for size in (100, 1_000):
        fill_ledger(Filling(size, known), use=lambda _: prove())
        with rows_read(*TABLES) as read:
            prove()
        taken.append(read() / size)

    assert 0 < taken[1] <= 1.2 * taken[0]
