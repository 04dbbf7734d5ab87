"""Events that are refused write nothing, alone and in a list."""

import json
from datetime import timedelta
from typing import Any

import pytest

from points.events.models import Event
from points.ledger.rules.postings import LARGEST_BALANCE
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from shared.testing.roles import MEMBER
from tests.api.event_requests import GOOD, PATH, became, books_are_right, refused, results, tell
from tests.event_factories import REVIEW, let_earn, on
from tests.factories import AT, UNKNOWN_ID, give

__all__ = ["books_are_right"]  # fixtures
pytestmark = pytest.mark.django_db


def test_half_a_character_is_none_of_an_events_data(merchant: Actor) -> None:
    half = json.dumps(GOOD | {"data": {"stars": 1, "text": "\ud800"}}).encode()
    with nothing_written():
        refused(merchant.post_raw(PATH, half), 400, "points.event_invalid")
    tell(merchant)
    with nothing_written():
        refused(merchant.post_raw(PATH, half), 409, "points.event_id_reused")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"event_id": 1, "event_id": 2}', b'{"data": NaN}', b'{"data": ' + b"[" * 40 + b"]" * 40 + b"}"],
)
@pytest.mark.parametrize("path", [PATH, f"{PATH}/batches"])
def test_bodies_that_are_no_proper_json(merchant: Actor, path: str, body: bytes) -> None:
    with nothing_written():
        answer = merchant.post_raw(path, body)

    assert (answer.status_code, answer.json()["code"]) in [(400, "request.malformed"), (400, "request.invalid")]


WRONG: dict[str, tuple[int, Any]] = {
    "points.event_invalid": (400, lambda: {"data": {"stars": "many"}}),
    "points.event_invalid name": (400, lambda: {"name": "sale"}),
    "points.too_old": (409, lambda: {"occurred_at": "2001-01-01T00:00:00Z"}),
    "points.too_many": (409, lambda: _bounded(max_points_per_purchase=34)),
    "programmes.closed": (409, lambda: _bounded(status="closed")),
    "programmes.merchant_not_listed": (409, lambda: _bounded(merchants=[new_id()])),
    "programmes.not_found": (404, lambda: {"programme": str(UNKNOWN_ID)}),
    "members.unknown": (409, lambda: _bounded(unknown_members="refuse") | {"member_id": str(UNKNOWN_ID)}),
    "points.balance_too_large": (409, lambda: _as_much_as_there_is()),
    "request.invalid": (400, lambda: {"surprise": 1}),
    "request.invalid future": (400, lambda: {"occurred_at": clock.iso(clock.now() + timedelta(minutes=6))}),
    "request.invalid offset": (400, lambda: {"occurred_at": "2026-03-01T12:00:00"}),
    "request.invalid data": (400, lambda: {"data": []}),
    "request.invalid id": (400, lambda: {"event_id": "a\u200b"}),
    "request.invalid long id": (400, lambda: {"event_id": "a" * 101}),
    "request.invalid name": (400, lambda: {"name": 7}),
    "request.invalid member": (400, lambda: {"member_id": "me"}),
}


def _bounded(**changes: Any) -> dict[str, Any]:
    change_programme(default_programme().id, changes=changes, at=clock.now())
    return {}


def _as_much_as_there_is() -> dict[str, Any]:
    give(MEMBER.id, LARGEST_BALANCE - 10)
    return {}


@pytest.mark.parametrize("code", WRONG)
def test_one_that_is_refused_writes_nothing_and_leaves_others_of_a_list(
    merchant: Actor, other_member: Actor, code: str
) -> None:
    status, make = WRONG[code]
    wrong = GOOD | make()
    with nothing_written():
        alone = refused(merchant.post(PATH, wrong), status, code.split()[0])

    other = GOOD | {"member_id": str(other_member.id), "name": "visit", "data": {}}
    found = results(merchant, other | {"event_id": "a"}, wrong, other | {"event_id": "b"})

    is_whole = code in ("programmes.closed", "programmes.merchant_not_listed")
    assert became(found) == ([code.split()[0]] * 3 if is_whole else ["recorded", code.split()[0], "recorded"])
    of_the_request = {"type", "status", "request_id", "earliest"}
    assert {name: value for name, value in alone.items() if name not in of_the_request}.items() <= found[1][
        "error"
    ].items()
    assert [found[1][name] for name in ("status", "id", "points", "transaction_id")] == ["refused", None, None, None]
    assert Event.objects.count() == (0 if is_whole else 2)


def test_what_does_not_fit_the_schema_is_named_by_pointers(merchant: Actor) -> None:
    with nothing_written():
        problem = refused(merchant.post(PATH, GOOD | {"data": {"size": "xl", "a/b": 1}}), 400, "points.event_invalid")

    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [
        ("/data/a~1b", "unknown_member"),
        ("/data", "member_missing"),
        ("/data/size", "wrong_value"),
    ]


def test_five_minutes_ahead_of_the_clock_is_taken(merchant: Actor) -> None:
    ahead = clock.iso(clock.now() + timedelta(minutes=4))

    assert tell(merchant, occurred_at=ahead)["points"] == 35


@pytest.mark.parametrize("role", ["member", "analyst"])
def test_who_may_not_tell_writes_nothing(role: str, request: pytest.FixtureRequest) -> None:
    actor = request.getfixturevalue(role)
    with nothing_written():
        refused(actor.post(PATH, GOOD), 403, "auth.insufficient_scope")
        refused(actor.post(f"{PATH}/batches", {"events": [GOOD]}), 403, "auth.insufficient_scope")


def test_where_the_ledger_cannot_count_a_part_all_of_it_is_refused(merchant: Actor, member: Actor) -> None:
    let_earn(REVIEW, on("many", 1_000_000, lifetime={"kind": "never"}), at=AT - timedelta(hours=1))
    change_programme(default_programme().id, changes={"max_points_per_purchase": 2_000_000}, at=clock.now())
    give(member.id, LARGEST_BALANCE - 100)

    with nothing_written():
        refused(merchant.post(PATH, GOOD), 409, "points.balance_too_large")
