"""Lists of events: each is judged after those before it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.api.event_requests import GOOD, MONTHLY, PATH, became, books_are_right, refused, results
from tests.event_factories import let_earn, on
from tests.factories import AT, points_of, register
from tests.judging_factories import ONCE, counts

__all__ = ["books_are_right"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "body", [{}, {"events": []}, {"events": {}}, {"events": [GOOD], "more": 1}, {"events": [1] * 1_001}]
)
def test_a_list_of_the_wrong_shape_is_refused(merchant: Actor, body: dict[str, Any]) -> None:
    with nothing_written():
        problem = refused(merchant.post(f"{PATH}/batches", body), 400, "request.invalid")

    assert [error["field"] for error in problem["errors"]] == ["events"]


def test_of_one_id_in_a_list_the_first_that_is_taken_is_it(merchant: Actor, member: Actor) -> None:
    found = results(
        merchant,
        GOOD | {"data": {"stars": "many"}},
        GOOD,
        7,
        GOOD,
        GOOD | {"data": {"stars": 1}},
        GOOD | {"event_id": "other"},
    )

    assert became(found) == [
        "points.event_invalid",
        "recorded",
        "request.invalid",
        "repeated",
        "points.event_id_reused",
        "recorded",
    ]
    assert found[3]["id"] == found[1]["id"]
    assert [one["points"] for one in found] == [None, 35, None, 35, None, 35]
    assert points_of(member.id) == (70, 0)


def test_of_one_id_in_a_list_the_next_is_it_where_the_first_would_earn_too_much(merchant: Actor) -> None:
    change_programme(default_programme().id, changes={"max_points_per_purchase": 30}, at=clock.now())

    found = results(merchant, GOOD, GOOD | {"data": {"stars": 1}}, GOOD | {"data": {"stars": 1}})

    assert became(found) == ["points.too_many", "recorded", "repeated"]


def test_events_of_a_list_use_limits_after_each_other_and_refused_ones_use_nothing(
    merchant: Actor, member: Actor, other_member: Actor
) -> None:
    let_earn(on("monthly", 25, limits=MONTHLY), at=AT - timedelta(hours=1))
    told = [GOOD | {"event_id": str(number)} for number in range(4)]
    wrong = GOOD | {"event_id": "wrong", "data": {}}

    found = results(
        merchant, told[0], wrong, told[0], *told, GOOD | {"event_id": "o", "member_id": str(other_member.id)}
    )

    assert [one["points"] for one in found] == [25, None, 25, 25, 25, 10, 0, 25]
    assert points_of(member.id) == (60, 0)
    assert counts(member.id) == {("monthly", "points", "2026-03"): 60}


def test_what_a_person_may_not_give_uses_nothing_of_a_limit(operator: Actor, member: Actor) -> None:
    let_earn(
        on("large", 50, {"field": "event.data.stars", "op": "eq", "value": 5}),
        on("once", 20, limits=ONCE),
        at=AT - timedelta(hours=1),
    )
    change_programme(default_programme().id, changes={"adjustment_limit": 60}, at=clock.now())

    found = results(operator, GOOD, GOOD | {"event_id": "small", "data": {"stars": 1}})

    assert became(found) == ["points.approval_needed", "recorded"]
    assert (found[1]["points"], counts(member.id)) == (20, {("once", "uses", "ever"): 1})


def some(size: int, *, prefix: str) -> list[dict[str, Any]]:
    """Return so many events of so many members, of which one in ten is refused by itself."""
    members = [new_id() for _ in range(size)]
    register(*members)
    return [
        GOOD | {"event_id": f"{prefix}-{n}", "member_id": str(who), "data": {"stars": "x" if n % 10 == 9 else n}}
        for n, who in enumerate(members)
    ]


def test_the_number_of_statements_does_not_grow(merchant: Actor) -> None:
    let_earn(on("once", 25, limits=ONCE), at=AT - timedelta(hours=1))
    results(merchant, *some(10, prefix="warm"))
    counted = []
    for size in (20, 500):
        told = some(size, prefix=str(size))
        with CaptureQueriesContext(connection) as queries:
            found = results(merchant, *told)
        assert set(became(found)) == {"recorded", "points.event_invalid"}
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 26
