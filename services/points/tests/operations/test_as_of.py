"""The balance at a past instant is the balance that was read at that instant."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.adjustments import operations as adjustments
from points.expiry import operations as expiry
from points.ledger import operations
from points.ledger.history import balance_at
from points.ledger.models import Hold
from points.ledger.queries import Balance, balance
from points.ledger.rules.earnings import Wait
from points.ledger.rules.values import Expiring
from points.programmes.queries import default_programme
from points.statements.queries.explanations import explain_balance
from shared.errors import DomainError
from shared.ids import new_id
from tests.factories import AT, give, hold, make_programme, spend

pytestmark = pytest.mark.django_db
ME = UUID(int=7)
SECOND = timedelta(seconds=1)


def now(at: Any) -> Balance:
    return balance(programme_id=default_programme().id, member_id=ME, at=at)


def then(at: Any) -> Balance:
    return balance_at(programme_id=default_programme().id, member_id=ME, at=at)


def test_a_balance_is_exact_at_the_microsecond_of_its_posting() -> None:
    make_programme(lot_days=None)
    give(ME, 100, at=AT)
    spend(ME, 30, at=AT + SECOND)

    instants = [AT - timedelta(microseconds=1), AT, AT + SECOND - timedelta(microseconds=1), AT + SECOND]

    assert [then(at).available for at in instants] == [0, 100, 100, 70]


def test_what_was_to_expire_then_is_told_though_it_was_spent_or_has_ended_since() -> None:
    make_programme()
    ends_at = AT + timedelta(days=2)
    give(ME, 40, expires_at=ends_at)
    give(ME, 60, expires_at=ends_at + timedelta(days=1))
    spend(ME, 50, at=AT + SECOND)
    expiry.expire_all(at=AT + timedelta(days=9))

    found = then(AT)

    assert found.expiring == (Expiring(ends_at, 40), Expiring(ends_at + timedelta(days=1), 60))
    assert then(AT + SECOND).expiring == (Expiring(ends_at + timedelta(days=1), 50),)
    assert (then(AT + timedelta(days=5)).available, then(AT + timedelta(days=9)).available) == (0, 0)


def test_a_lot_that_had_ended_counts_no_more_before_the_job_booked_it_out() -> None:
    make_programme()
    give(ME, 40, expires_at=AT + timedelta(days=1))

    assert then(AT + timedelta(days=1) - timedelta(microseconds=1)).available == 40
    assert then(AT + timedelta(days=1)).available == 0


def test_a_hold_that_was_over_counts_as_given_back_though_it_was_only_later() -> None:
    make_programme()
    over, ends_at = AT + timedelta(hours=1), AT + timedelta(hours=3)
    give(ME, 40, expires_at=ends_at)
    hold(ME, 30, expires_at=over)

    read = [now(over - SECOND), now(over), now(ends_at)]
    give(ME, 1, at=ends_at + SECOND)

    assert [(one.available, one.held) for one in read] == [(10, 30), (40, 0), (0, 0)]
    assert [then(one.as_of) for one in read] == read


def test_pending_points_that_were_due_count_as_activated_or_cancelled_though_they_were_only_later() -> None:
    make_programme(lot_days=2)
    due = AT + timedelta(hours=1)
    give(ME, 40, wait=Wait(at=due))
    give(ME, 7, wait=Wait(on_event="delivered", deadline=due + timedelta(hours=1)))

    read = [now(due), now(due + timedelta(hours=1)), now(due + timedelta(days=5))]
    give(ME, 1, at=due + timedelta(days=6))

    assert [(one.available, one.pending) for one in read] == [(40, 7), (40, 0), (0, 0)]
    assert [then(one.as_of) for one in read] == [replace(one, next_activation=None) for one in read]


STEPS = st.tuples(
    st.sampled_from(["earn", "spend", "adjust", "reverse", "expire", "hold", "wait", "void"]),
    st.integers(1, 60),
    st.sampled_from([1, 999_999, 3_600_000_000, 86_400_000_000]),
)


@given(steps=st.lists(STEPS, min_size=1, max_size=15))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_as_of_any_step_is_what_was_read_at_that_step(steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        make_programme(lot_days=2)
        at, read, posted = AT, [], []
        for what, points, microseconds in steps:
            at += timedelta(microseconds=microseconds)
            posted.append(_do(what, points, posted, at))
            read.append(now(at))

        assert [then(one.as_of) for one in read] == [replace(one, next_activation=None) for one in read]
        for one in read:
            provenance = explain_balance(programme_id=one.programme, member_id=ME, at=one.as_of)
            assert sum(change for _, _, change in provenance.kinds) == provenance.account.available
            assert sum(lot.lot.remaining for lot in provenance.lots) == provenance.account.available
            assert all(
                one_lot.lot.points - sum(t.points for t in one_lot.taken) == one_lot.lot.remaining
                for one_lot in provenance.lots
            )
            # The provenance is of what was posted: what was due and not yet posted comes on top of it.
            if not (provenance.account.held or provenance.account.pending):
                assert provenance.account.available - provenance.ended == one.available
        transaction.set_rollback(True)


def _do(what: str, points: int, posted: list[Any], at: Any) -> Any:
    actor = new_id()
    try:
        with transaction.atomic():
            if what == "earn":
                return give(ME, points, at=at)
            if what == "spend":
                return spend(ME, points, at=at)
            if what == "hold":
                return hold(ME, points, expires_at=at + timedelta(hours=points), at=at) and None
            if what == "wait":
                return give(ME, points, wait=Wait(at=at + timedelta(hours=points)), at=at)
            if what == "void":
                return _void(points, at)
            if what == "adjust":
                return adjustments.adjust_points(
                    programme_id=None, member_id=ME, points=points, reason="r", actor_id=actor, at=at
                )
            if what == "expire":
                return expiry.expire_all(at=at) and None
            done = [fact for fact in posted if fact is not None]
            if done:
                operations.reverse_transaction(done[points % len(done)].id, reason="r", actor_id=actor, at=at)
    except DomainError:
        pass
    return None


def _void(number: int, at: Any) -> None:
    if found := Hold.objects.order_by("created_at", "id").values_list("id", flat=True):
        operations.void_hold(found[number % len(found)], at=at)
