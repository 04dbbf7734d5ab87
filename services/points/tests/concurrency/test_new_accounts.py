"""Lists that make accounts which somebody else makes meanwhile."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.ledger import operations
from points.ledger.models import Account
from points.ledger.posting import statements
from points.ledger.posting.load import lock_accounts
from points.ledger.rules.values import Kind, Posted
from shared import clock
from shared.db import Prepared, Row, rows
from shared.ids import new_id
from shared.testing.proofs import race
from tests.concurrency.test_expiry_killed import until
from tests.factories import give, make_programme, posting, prove

pytestmark = pytest.mark.django_db(transaction=True)
# Whoever waits for a lock that this connection has.
WAITS_FOR_US = "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    give(member.id, 5)
    return member.id


class Paused:
    """Statements that wait at their beginning until they may go on."""

    def __init__(self, then: Prepared) -> None:
        self.then, self.is_reached, self.may_go = then, Event(), Event()

    def rows(self, parameters: Mapping[str, Any]) -> list[Row]:
        self.is_reached.set()
        assert self.may_go.wait(timeout=30)
        return self.then.rows(parameters)


def test_a_list_waits_for_who_makes_an_account_and_holds_no_other_meanwhile(
    me: UUID, other_thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = [new_id(), new_id()]
    commands = [posting(Kind.EARNED, member, 3) for member in (me, *newest)]
    paused = Paused(statements.GIVE_AFTER_OTHERS)
    monkeypatch.setattr(statements, "GIVE_AFTER_OTHERS", paused)

    with transaction.atomic():
        lock_accounts([posting(Kind.EARNED, newest[0], 1)], at=clock.now())
        posts: Future[Any] = other_thread.submit(operations.post, commands, at=clock.now())
        until(lambda: rows(WAITS_FOR_US))
        lock_now(me)
    assert paused.is_reached.wait(timeout=30)
    with transaction.atomic():
        lock_now(me)
    paused.may_go.set()

    assert all(isinstance(outcome, Posted) for outcome in posts.result(timeout=30))
    assert sorted(Account.objects.values_list("available", flat=True)) == [3, 3, 8]
    prove()


def lock_now(member: UUID) -> None:
    assert rows("SELECT FROM account WHERE member_id = %s FOR NO KEY UPDATE NOWAIT", [member])


def test_lists_of_old_and_new_members_in_any_order_do_not_deadlock(me: UUID) -> None:
    for _ in range(3):
        _race_for([me, *(new_id() for _ in range(60))])

    prove()


def _race_for(members: list[UUID]) -> None:
    """Post six lists at once, each with the first and every second or third of the others."""

    def post(turn: int) -> Any:
        some = [members[0], *members[1 :: 2 + turn % 2]]
        return operations.post([posting(Kind.EARNED, who, 1) for who in some[:: (-1) ** turn]], at=clock.now())

    results = race(6, post)

    assert [result for result in results if isinstance(result, Exception)] == []


def test_an_account_that_was_just_made_is_as_it_is_read() -> None:
    make_programme()
    commands = [posting(Kind.EARNED, new_id(), 1) for _ in range(3)]

    with transaction.atomic():
        made = lock_accounts(commands, at=clock.now())
        again = lock_accounts(commands, at=clock.now())

    assert made == again
    assert len(made) == 3
