from datetime import timedelta
from typing import Any

import pytest
import time_machine

from points.ledger.models import Hold
from shared import clock
from shared.ids import new_id
from shared.testing.proofs import nothing_written
from tests.factories import give, make_programme, prove

PATH = "/api/v1/points/holds"
BALANCE = "/api/v1/points/balance"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def points(member: Any) -> None:
    make_programme()
    give(member.id, 100)


def make(actor: Any, points: int = 30, **more: Any) -> str:
    answer = actor.post(PATH, {"points": points, "reference": "order-1"} | more)
    assert answer.status_code == 201, answer.content
    made: str = answer.json()["id"]
    return made


def test_sets_the_callers_own_points_aside_for_a_quarter_of_an_hour(member: Any) -> None:
    with time_machine.travel("2026-03-04T12:00:00Z", tick=False):
        answer = member.post(PATH, {"points": 30, "reference": "order-1"})

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["state"], body["points"], body["captured"], body["reference"]) == ("held", 30, 0, "order-1")
    assert (body["member_id"], body["closed_at"], body["capture_id"]) == (str(member.id), None, None)
    assert (body["created_at"], body["expires_at"]) == ("2026-03-04T12:00:00Z", "2026-03-04T12:15:00Z")
    found = member.get(BALANCE).json()
    assert (found["available"], found["held"]) == (70, 30)
    prove()


def test_the_same_key_gives_the_same_answer_and_holds_once(member: Any) -> None:
    body = {"points": 30, "reference": "order-1"}
    first = member.post(PATH, body, key="k")

    with nothing_written():
        second = member.post(PATH, body, key="k")

    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second["Idempotent-Replayed"] == "true"


def test_refuses_more_than_there_is(member: Any) -> None:
    with nothing_written():
        answer = member.post(PATH, {"points": 101, "reference": "order-1"})

    assert (answer.status_code, answer.json()["code"]) == (409, "points.insufficient")


def test_captures_in_part(member: Any) -> None:
    made = make(member)

    answer = member.post(f"{PATH}/{made}/capture", {"points": 20})

    assert answer.status_code == 200, answer.content
    assert (answer.json()["state"], answer.json()["captured"]) == ("captured", 20)
    spent = member.get(f"/api/v1/points/transactions/{answer.json()['capture_id']}").json()
    assert (spent["kind"], spent["points"], spent["change"], spent["reference"]) == ("redeemed", 20, 0, "order-1")
    assert member.get(BALANCE).json()["available"] == 80
    prove()


def test_captures_nothing_beyond_the_hold(member: Any) -> None:
    made = make(member)
    with nothing_written():
        answer = member.post(f"{PATH}/{made}/capture", {"points": 31})

    assert (answer.status_code, answer.json()["code"]) == (409, "points.capture_too_large")
    assert (answer.json()["requested"], answer.json()["held"]) == (31, 30)


def test_voids(member: Any) -> None:
    answer = member.post(f"{PATH}/{make(member)}/void")

    assert (answer.status_code, answer.json()["state"]) == (200, "voided")
    assert member.get(BALANCE).json()["available"] == 100


def test_extends(member: Any) -> None:
    made = make(member, expires_in=60)

    answer = member.post(f"{PATH}/{made}/extend", {"expires_in": 3600})

    assert answer.status_code == 200, answer.content
    assert Hold.objects.get().expires_at > clock.now() + timedelta(minutes=59)


@pytest.mark.parametrize("move", ["capture", "void", "extend"])
def test_a_closed_hold_is_refused_and_says_how_it_was_closed(member: Any, move: str) -> None:
    made = make(member)
    member.post(f"{PATH}/{made}/void")

    with nothing_written():
        answer = member.post(f"{PATH}/{made}/{move}", {"expires_in": 5} if move == "extend" else {})

    assert (answer.status_code, answer.json()["code"]) == (409, "points.hold_not_open")
    assert answer.json()["state"] == "voided"


def test_a_hold_reads_as_expired_before_the_job_has_run(member: Any) -> None:
    made = make(member, expires_in=60)

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        found, balance = member.get(f"{PATH}/{made}").json(), member.get(BALANCE).json()

    assert (found["state"], balance["available"], balance["held"]) == ("expired", 100, 0)


@pytest.mark.parametrize("move", ["capture", "void", "extend"])
def test_somebody_elses_hold_is_not_there(member: Any, other_member: Any, operator: Any, move: str) -> None:
    made, body = make(member), {"expires_in": 5} if move == "extend" else {}

    with nothing_written():
        foreign, unknown = (
            other_member.post(f"{PATH}/{made}/{move}", body),
            member.post(f"{PATH}/{new_id()}/{move}", body),
        )

    for answer in (foreign, unknown):
        assert (answer.status_code, answer.json()["code"]) == (404, "points.hold_not_found")
    assert other_member.get(f"{PATH}/{made}").status_code == 404
    assert operator.post(f"{PATH}/{made}/{move}", body).status_code == 200


def test_a_member_holds_nobody_elses_points(member: Any, other_member: Any, operator: Any) -> None:
    body = {"member_id": str(member.id), "points": 5, "reference": "order-1"}
    with nothing_written():
        assert other_member.post(PATH, body).status_code == 404

    assert operator.post(PATH, body).json()["member_id"] == str(member.id)


@pytest.mark.parametrize("move", ["", "/capture", "/void", "/extend"])
def test_without_the_scope_nothing_is_held_or_moved(member: Any, analyst: Any, move: str) -> None:
    path = f"{PATH}/{make(member)}{move}" if move else PATH
    body = {"": {"points": 1, "reference": "r"}, "/extend": {"expires_in": 5}}.get(move, {})
    with nothing_written():
        assert analyst.post(path, body).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"expires_in": 0},
        {"expires_in": -1},
        {"expires_in": 2_592_001},
        {"expires_in": 1.5},
        {"expires_in": "60"},
        {"expires_in": None},
        {"expires_in": True},
        {"points": 0},
        {"points": -1},
        {"points": 2**63},
        {"points": "10"},
        {"reference": ""},
        {"reference": "x" * 101},
        {"reference": "a\x00b"},
        {"reason": "no such field"},
    ],
)
def test_fields_that_are_wrong_or_unknown(member: Any, change: dict[str, Any]) -> None:
    with nothing_written():
        answer = member.post(PATH, {"points": 10, "reference": "order-1"} | change)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize(
    ("move", "body"),
    [
        ("capture", {"points": 0}),
        ("capture", {"points": None}),
        ("capture", {"points": 10**400}),
        ("capture", {"surprise": 1}),
        ("capture", []),
        ("void", {"points": 1}),
        ("void", []),
        ("extend", {}),
        ("extend", {"expires_in": 0}),
        ("extend", {"expires_in": 10**30}),
    ],
)
def test_moves_that_are_no_proper_request(member: Any, move: str, body: Any) -> None:
    made = make(member)
    with nothing_written():
        answer = member.post(f"{PATH}/{made}/{move}", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
