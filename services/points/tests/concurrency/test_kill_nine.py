"""Each operation is killed (SIGKILL) before each of its messages to the database in turn: afterwards nothing of it is
there or all, the proof holds, and the same request sent again has one effect."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest

from points.adjustments import operations as adjustments
from points.adjustments.rows import Adjustment
from points.earning.models import RuleSet
from points.expiry import operations
from points.imports import operations as imports
from points.imports.models import Import
from points.imports.operations import reading
from points.ledger.models import Transaction
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared import clock
from shared.contracts.auth import UserRegistered
from shared.contracts.points import ExpireLots, ImportRows
from shared.db import rows
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from shared.testing.proofs import contents
from tests.concurrency.crowd import EXPIRY, Crowd, Work, delivery, posting
from tests.event_factories import let_earn, on, registering, tell
from tests.factories import give, hold, make_programme, prove, register, spend
from tests.import_factories import make_import
from tests.judging_factories import PAPER, activate, buy_lines
from tests.messages.test_payments import captured, refunded

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def key() -> str:
    return str(new_id())


def earning(me: UUID) -> Work:
    return posting("operator", "earnings", {"member_id": me, "points": 10, "reason": "gift"}, key())


def redemption(me: UUID) -> Work:
    return posting("member", "redemptions", {"points": 1, "reason": "coffee"}, key())


def adjustment(me: UUID) -> Work:
    return posting("operator", "adjustments", {"member_id": me, "points": -1, "reason": "wrong"}, key())


def approval(me: UUID) -> Work:
    change_programme(default_programme().id, changes={"adjustment_limit": 10}, at=clock.now())
    asked = adjustments.ask_for_adjustment(
        programme_id=None, member_id=me, points=11, reason="r", actor_id=new_id(), at=clock.now()
    )
    assert isinstance(asked, Adjustment)
    return posting("operator", f"adjustments/{asked.id}/approve", {}, key())


def setting_aside(me: UUID) -> Work:
    return posting("member", "holds", {"points": 1, "reference": "order-1"}, key())


def capture(me: UUID) -> Work:
    made = hold(me, 5, at=clock.now())
    return posting("member", f"holds/{made.id}/capture", {"points": 2}, key())


def void(me: UUID) -> Work:
    return posting("member", f"holds/{hold(me, 5, at=clock.now()).id}/void", {}, key())


def transfer(me: UUID) -> Work:
    register(other := new_id())
    return posting("member", "transfers", {"to_member_id": other, "points": 2, "reason": "birthday"}, key())


def reversal(me: UUID) -> Work:
    spent = spend(me, 3, at=clock.now())
    return posting("operator", f"transactions/{spent.id}/reversal", {"reason": "wrong"}, key())


def batch(me: UUID) -> Work:
    lines = [
        {"key": key(), "kind": kind, "member_id": who, "points": 2, "reason": "b"}
        for kind, who in (("earn", me), ("redeem", me), ("earn", new_id()))
    ]
    return posting("operator", "batches", {"postings": lines}, key())


def payment(me: UUID) -> Work:
    return delivery(captured(me, {"1": 500}))


def refund(me: UUID) -> Work:
    paid = captured(me, {"1": 500, "2": 700})
    deliver(paid)
    return delivery(refunded(paid, 700, {"2": 700}))


def _by_rules() -> None:
    if not RuleSet.objects.exists():
        activate(PAPER)


def payment_by_rules(me: UUID) -> Work:
    _by_rules()
    return payment(me)


def purchase_by_rules(me: UUID) -> Work:
    _by_rules()
    body = {"member_id": me, "purchase_id": key(), "amount": {"amount": 5_000, "currency": "EUR"}}
    return posting("merchant", "purchases", body, key())


def return_by_rules(me: UUID) -> Work:
    _by_rules()
    bought = buy_lines(me, at=clock.now())
    return posting("operator", f"purchases/{bought.payment_id}/returns", {"return_id": key()}, key())


def _told(me: UUID) -> dict[str, object]:
    if not RuleSet.objects.exists():
        let_earn(on("review", 5, limits=[{"of": "points", "most": 1_000, "per": "year"}]), registering(7))
    said = {"occurred_at": clock.iso(clock.now()), "data": {"stars": 3}}
    return {"event_id": key(), "member_id": me, "name": "review", **said}


def event(me: UUID) -> Work:
    return posting("merchant", "events", _told(me), key())


def list_of_events(me: UUID) -> Work:
    return posting("merchant", "events/batches", {"events": [_told(me), _told(new_id())]}, key())


def reversal_of_an_event(me: UUID) -> Work:
    _told(me)
    return posting("operator", f"events/{tell(me, at=clock.now()).id}/reversal", {"reason": "wrong"}, key())


def registration(me: UUID) -> Work:
    _told(me)
    said = UserRegistered(user_id=new_id(), roles=["member"], merchant_id=None, registered_at=clock.now())
    return delivery(said)


def end_of_a_lot(me: UUID) -> Work:
    give(me, 5, at=clock.now() - 2 * DAY, expires_at=clock.now() - DAY)
    return EXPIRY


def end_of_a_hold(me: UUID) -> Work:
    hold(me, 5, at=clock.now() - 2 * DAY, expires_at=clock.now() - DAY)
    return EXPIRY


def chunk_of_an_import(me: UUID) -> Work:
    return _next_chunk(_committing(me, chunk=3))


def chunk_that_meets_a_conflict(me: UUID) -> Work:
    # Whoever is killed reads chunks as long as they come: two rows in place of one.
    import_id = _committing(me, chunk=1)
    _work(import_id, chunks=1, of=1)
    return _next_chunk(import_id)


def chunk_of_a_reversal(me: UUID) -> Work:
    import_id = _committing(me, chunk=1)
    _work(import_id, chunks=2, of=1)
    imports.IMPORTS.cancel(import_id, at=clock.now())
    return _next_chunk(import_id)


def _committing(me: UUID, *, chunk: int) -> UUID:
    """Make an import of three rows, and rehearse its commit in chunks of so many."""
    lines = "".join(f"{me},{key()},{points}\n" for points in (5, 6, 7))
    import_id = make_import("Card,No,Points\n" + lines).id
    imports.validate_import(import_id, at=clock.now())
    _work(import_id, chunks=3 // chunk, of=chunk)
    imports.commit_import(import_id, rows=3, points=18, committed_by=new_id(), at=clock.now())
    _work(import_id, chunks=3 // chunk, of=chunk)
    return import_id


def _work(import_id: UUID, *, chunks: int, of: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "CHUNK", of)
        for _ in range(chunks):
            imports.IMPORTS.run_chunk(import_id, chunk=Import.objects.get(id=import_id).chunk, at=clock.now())


def _next_chunk(import_id: UUID) -> Work:
    return delivery(ImportRows(import_id=import_id, step=Import.objects.get(id=import_id).chunk))


def chunk_of_a_run(me: UUID) -> Work:
    give(me, 5, at=clock.now() - 2 * DAY, expires_at=clock.now() - DAY)
    run = operations.start_expiry_run(requested_by=new_id(), at=clock.now())
    return delivery(ExpireLots(run_id=run.id, chunk=0))


# What is killed, and how many transactions it comes to.
KILLED: list[tuple[Callable[[UUID], Work], int]] = [
    (earning, 1),
    (redemption, 1),
    (adjustment, 1),
    (approval, 1),
    (setting_aside, 1),
    (capture, 2),
    (void, 1),
    (transfer, 2),
    (reversal, 1),
    (batch, 3),
    (payment, 1),
    (refund, 1),
    (payment_by_rules, 1),
    (purchase_by_rules, 1),
    (return_by_rules, 1),
    (event, 1),
    (list_of_events, 2),
    (reversal_of_an_event, 1),
    (registration, 1),
    (end_of_a_lot, 1),
    (end_of_a_hold, 1),
    (chunk_of_a_run, 1),
    (chunk_of_an_import, 3),
    (chunk_that_meets_a_conflict, 0),
    (chunk_of_a_reversal, 1),
]
_UNTOLD = """
SELECT (SELECT coalesce(sum(available + held), 0) FROM account)
     - (SELECT coalesce(sum((payload->>'change')::bigint), 0) FROM published_message WHERE starts_with(name, 'points_'))
"""


@pytest.fixture(autouse=True)
def _ledger(member: Actor) -> None:
    make_programme()
    give(member.id, 1000, at=clock.now() - 3 * DAY)


@pytest.mark.parametrize(("make", "transactions"), KILLED, ids=lambda one: getattr(one, "__name__", None))
def test_killed_at_any_step_there_is_nothing_or_all_of(
    workers: Crowd, member: Actor, make: Callable[[UUID], Work], transactions: int
) -> None:
    for dies_at in count(1):
        work, before, rows_before = make(member.id), Transaction.objects.count(), contents()

        (dead,) = workers.run([work], dies_at=dies_at)
        # The proof is of rows: where these are as they were, it was made before.
        if contents() != rows_before:
            assert_all_or_nothing(before, {0, transactions})
        (again,) = workers.run([work])

        assert_all_or_nothing(before, {transactions})
        assert [answer.get("status", 200) // 100 for answer in again.answers] == [2]
        if dead.exit == 0:
            break
    assert dies_at > 3  # what makes a connection ready, and a transaction that may be one message


def assert_all_or_nothing(before: int, expected: set[int]) -> None:
    assert Transaction.objects.count() - before in expected
    assert rows(_UNTOLD) == [(0,)]
    prove()
