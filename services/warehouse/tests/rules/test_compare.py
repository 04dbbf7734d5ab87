from datetime import UTC, date, datetime, timedelta

import pytest

from warehouse.reconciliation.rules import Movement, Ours, Sum, compare

DAY = date(2026, 11, 23)
EARNED = Movement(DAY, "points", "p1", "earned")
COUNTED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = COUNTED_AT + timedelta(seconds=60)


def _verdict(ours, theirs, *, at=LATER, is_counted=True):
    counted = {("points", DAY): COUNTED_AT} if is_counted else {}
    mine = {EARNED: Ours(counted=ours, whole=ours)} if ours else {}
    [verdict] = compare(mine, {EARNED: theirs} if theirs else {}, counted, at=at)
    return verdict


@pytest.mark.parametrize(
    ("ours", "theirs", "status"),
    [
        (Sum(2, 120), Sum(2, 120), "matched"),
        (Sum(2, 120), Sum(2, 119), "different"),
        (Sum(1, 120), Sum(2, 120), "different"),
        (None, Sum(2, 120), "different"),
        (Sum(2, 120), None, "different"),
    ],
)
def test_counts_and_sums_must_both_be_equal(ours, theirs, status):
    assert _verdict(ours, theirs).status == status


def test_for_a_minute_after_a_count_messages_may_be_on_their_way():
    verdict = _verdict(Sum(1, 60), Sum(2, 120), at=LATER - timedelta(microseconds=1))

    assert verdict.status == "waiting"


def test_nothing_is_held_against_a_service_that_has_not_counted_yet():
    verdict = _verdict(Sum(1, 60), None, is_counted=False)

    assert (verdict.status, verdict.ours, verdict.theirs) == ("waiting", Sum(1, 60), None)


@pytest.mark.parametrize("theirs", [Sum(1, 60), Sum(2, 120)])
def test_what_was_posted_while_the_service_counted_may_be_in_its_count_or_not(theirs):
    ours = {EARNED: Ours(counted=Sum(1, 60), whole=Sum(2, 120))}

    [verdict] = compare(ours, {EARNED: theirs}, {("points", DAY): COUNTED_AT}, at=LATER)

    assert (verdict.status, verdict.ours) == ("matched", theirs)
