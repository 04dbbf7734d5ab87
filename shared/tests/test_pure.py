import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.callers import Caller
from shared.clock import iso
from shared.errors import DomainError, NotFound
from shared.ids import derived_id, new_id
from shared.money import share
from shared.testing.waiting import until


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_shares_add_up_to_the_whole_and_are_fair(total, weights):
    parts = share(total, weights)

    assert sum(parts) == total
    whole = sum(weights) or len(weights)
    for part, weight in zip(parts, weights if sum(weights) else [1] * len(weights), strict=True):
        assert total * weight // whole <= part <= total * weight // whole + 1


def test_a_tie_goes_to_the_earlier_part():
    assert share(10, [1, 1, 1]) == [4, 3, 3]


def test_new_ids_are_of_version_7_and_sort_by_time():
    first, made_at = new_id(), time.time_ns() // 1_000_000
    until(lambda: time.time_ns() // 1_000_000 > made_at)  # the clock of the id has milliseconds: it must tick

    assert first.version == 7
    assert first < new_id()


def test_a_derived_id_is_the_same_for_the_same_parts_only():
    assert derived_id("a", "b") == derived_id("a", "b")
    assert derived_id("a", "b") != derived_id("ab", "")


def test_instants_leave_in_utc():
    assert iso(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == "2025-12-31T23:00:00Z"


def test_a_member_may_name_themselves_only():
    caller = Caller(new_id(), frozenset({"points:read"}))

    assert caller.member_or_self(None, any_scope="points:read-any") == caller.id
    assert caller.member_or_self(caller.id, any_scope="points:read-any") == caller.id
    with pytest.raises(NotFound):
        caller.member_or_self(new_id(), any_scope="points:read-any")


def test_the_wider_scope_may_name_anybody():
    member = new_id()
    caller = Caller(new_id(), frozenset({"points:read-any"}))

    assert caller.member_or_self(member, any_scope="points:read-any") == member


def test_an_error_code_cannot_be_declared_twice():
    with pytest.raises(TypeError, match="not_found"):
        type("Another", (DomainError,), {"code": "not_found", "title": "again"})


def test_an_instant_without_a_zone_is_not_made_up():
    assert iso(datetime(2026, 6, 1, tzinfo=UTC)) == "2026-06-01T00:00:00Z"
