from datetime import timedelta
from typing import Any

import pytest
import time_machine

from points.ledger.models import PendingPoints, Transaction
from shared import clock
from shared.ids import new_id
from shared.testing.proofs import nothing_written
from tests.factories import make_programme, prove

EARNINGS = "/api/v1/points/earnings"
PATH = "/api/v1/points/pending"
BALANCE = "/api/v1/points/balance"
NOW = "2026-03-04T12:00:00Z"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> None:
    make_programme()


def earn(operator: Any, member: Any, activates: Any, points: int = 30, **more: Any) -> Any:
    body = {"member_id": str(member.id), "points": points, "reason": "order", "activates": activates} | more
    return operator.post(EARNINGS, body)


def made(operator: Any, member: Any, activates: Any, points: int = 30, **more: Any) -> str:
    answer = earn(operator, member, activates, points, **more)
    assert answer.status_code == 201, answer.content
    found: str = answer.json()["id"]
    return found


IN_3_DAYS = {"in_days": 3}
ON_DELIVERY = {"on_event": "delivered", "deadline": "2026-04-01T00:00:00Z"}


def test_an_earning_waits_and_the_member_sees_until_when(member: Any, operator: Any) -> None:
    with time_machine.travel(NOW, tick=False):
        answer = earn(operator, member, IN_3_DAYS, reference="order-1")
        (waiting,) = member.get(PATH).json()["results"]
        found = member.get(BALANCE).json()

    body = answer.json()
    assert (body["kind"], body["points"], body["change"], body["lots"]) == ("earned", 30, 0, [])
    assert body["entries"][0] == {"bucket": "pending", "points": 30, "balance_after": 30}
    assert waiting == {
        "id": body["id"],
        "state": "pending",
        "member_id": str(member.id),
        "programme": found["programme"],
        "points": 30,
        "remaining": 30,
        "activated": 0,
        "reference": "order-1",
        "activates_at": "2026-03-07T23:00:00Z",
        "on_event": None,
        "deadline": None,
        "expires_at": None,
        "created_at": NOW,
        "closed_at": None,
        "closed_by": None,
    }
    assert (found["available"], found["pending"]) == (0, 30)
    assert found["next_activation"] == {"points": 30, "activates_at": "2026-03-07T23:00:00Z"}
    prove()


def test_points_that_are_due_read_as_activated_before_the_job_has_run(member: Any, operator: Any) -> None:
    pending = made(operator, member, IN_3_DAYS)

    with time_machine.travel("2026-03-08T00:00:00Z", tick=False):
        found, balance = member.get(f"{PATH}/{pending}").json(), member.get(BALANCE).json()
        lists = [len(member.get(PATH, state=state).json()["results"]) for state in ("pending", "activated")]

    assert (found["state"], found["activated"], found["remaining"]) == ("activated", 30, 0)
    assert found["closed_at"] == "2026-03-07T23:00:00Z"
    assert (balance["available"], balance["pending"], balance["next_activation"]) == (30, 0, None)
    assert lists == [0, 1]


def test_points_that_waited_in_vain_read_as_cancelled_before_the_job_has_run(member: Any, operator: Any) -> None:
    pending = made(operator, member, ON_DELIVERY)

    with time_machine.travel("2026-04-01T00:00:00Z", tick=False):
        found, balance = member.get(f"{PATH}/{pending}").json(), member.get(BALANCE).json()
        (listed,) = member.get(PATH, state="cancelled").json()["results"]

    assert (found["state"], found["activated"], found["remaining"]) == ("cancelled", 0, 0)
    assert listed == found
    assert (balance["available"], balance["pending"]) == (0, 0)


def test_an_event_activates_what_waits_for_it(member: Any, operator: Any) -> None:
    pending = made(operator, member, ON_DELIVERY, reference="order-1")
    body = {"member_id": str(member.id), "event": "delivered", "reference": "order-1"}
    waiting = member.get(f"{PATH}/{pending}").json()
    assert (waiting["on_event"], waiting["deadline"], waiting["activates_at"]) == (
        "delivered", "2026-04-01T00:00:00Z", None,
    )  # fmt: skip

    answer = operator.post(f"{PATH}/activations", body)
    again = operator.post(f"{PATH}/activations", body)

    assert answer.status_code == 200, answer.content
    (activated,) = answer.json()["activated"]
    assert (activated["kind"], activated["points"], activated["change"]) == ("activated", 30, 30)
    assert again.json() == {"activated": []}
    assert member.get(BALANCE).json()["available"] == 30
    prove()


def test_the_same_key_gives_the_same_answer_and_activates_once(member: Any, operator: Any) -> None:
    made(operator, member, ON_DELIVERY)
    body = {"member_id": str(member.id), "event": "delivered"}
    first = operator.post(f"{PATH}/activations", body, key="k")

    with nothing_written():
        second = operator.post(f"{PATH}/activations", body, key="k")

    assert (second.status_code, second.content) == (200, first.content)
    assert second["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(("move", "state", "available"), [("activate", "activated", 30), ("cancel", "cancelled", 0)])
def test_an_operator_closes_pending_points_once(
    member: Any, operator: Any, move: str, state: str, available: int
) -> None:
    pending = made(operator, member, IN_3_DAYS)

    answer = operator.post(f"{PATH}/{pending}/{move}", {"reason": "goodwill"}, key="k")
    replayed = operator.post(f"{PATH}/{pending}/{move}", {"reason": "goodwill"}, key="k")

    assert answer.status_code == 200, answer.content
    assert replayed.content == answer.content
    assert answer.json()["state"] == state
    closed_by = Transaction.objects.get(id=answer.json()["closed_by"])
    assert (closed_by.kind, closed_by.reason, closed_by.actor_id) == (state, "goodwill", operator.id)
    assert member.get(BALANCE).json()["available"] == available
    for other in ("activate", "cancel"):
        with nothing_written():
            refused = operator.post(f"{PATH}/{pending}/{other}")
        assert (refused.status_code, refused.json()["code"]) == (409, "points.pending_not_open")
        assert refused.json()["state"] == state
    prove()


@pytest.mark.parametrize("move", ["activate", "cancel"])
def test_nobody_moves_points_whose_time_has_come_or_that_are_unknown(member: Any, operator: Any, move: str) -> None:
    pending = made(operator, member, IN_3_DAYS)

    with time_machine.travel(clock.now() + timedelta(days=9)), nothing_written():
        due, unknown = operator.post(f"{PATH}/{pending}/{move}"), operator.post(f"{PATH}/{new_id()}/{move}")

    assert (due.status_code, due.json()["code"], due.json()["state"]) == (409, "points.pending_not_open", "activated")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "points.pending_not_found")


def test_somebody_elses_pending_points_are_not_there(member: Any, other_member: Any, operator: Any) -> None:
    pending = made(operator, member, IN_3_DAYS)

    for answer in (other_member.get(f"{PATH}/{pending}"), member.get(f"{PATH}/{new_id()}")):
        assert (answer.status_code, answer.json()["code"]) == (404, "points.pending_not_found")
    assert other_member.get(PATH, member_id=str(member.id)).status_code == 404
    assert other_member.get(PATH).json()["results"] == []
    assert operator.get(f"{PATH}/{pending}").status_code == 200
    assert len(operator.get(PATH, member_id=str(member.id)).json()["results"]) == 1


@pytest.mark.parametrize("path", ["/activations", "/{}/activate", "/{}/cancel"])
def test_without_the_scope_nothing_is_moved(member: Any, operator: Any, path: str) -> None:
    path = PATH + path.format(made(operator, member, ON_DELIVERY))
    body = {"member_id": str(member.id), "event": "delivered"} if path.endswith("s") else {}
    with nothing_written():
        assert member.post(path, body).status_code == 403


def test_without_the_scope_nothing_is_read(member: Any, merchant: Any, operator: Any) -> None:
    pending = made(operator, member, IN_3_DAYS)
    for path in (PATH, f"{PATH}/{pending}"):
        assert merchant.get(path).status_code == 403


def test_points_that_would_end_before_they_are_activated_are_refused(member: Any, operator: Any) -> None:
    with nothing_written():
        answer = earn(operator, member, IN_3_DAYS, expires_at="2026-03-05T00:00:00Z")

    assert (answer.status_code, answer.json()["code"]) == (409, "points.ends_before_activation")
    assert answer.json()["activates_at"] == "2026-03-07T23:00:00Z"


def test_a_programme_says_how_long_what_is_earned_waits(member: Any, operator: Any) -> None:
    (programme,) = operator.get("/api/v1/programmes").json()["results"]
    changed = operator.patch(f"/api/v1/programmes/{programme['id']}", {"pending_days": 14})
    assert (programme["pending_days"], changed.json()["pending_days"]) == (None, 14)
    line = {"key": "1", "kind": "earn", "member_id": str(member.id), "points": 5, "reason": "r"}

    operator.post(EARNINGS, {"member_id": str(member.id), "points": 30, "reason": "order"})
    operator.post("/api/v1/points/batches", {"postings": [line, line | {"key": "2", "kind": "adjust"}]})

    assert sorted(PendingPoints.objects.values_list("points", flat=True)) == [5, 30]
    found = member.get(BALANCE).json()
    assert (found["available"], found["pending"]) == (5, 35)


@pytest.mark.parametrize("days", [0, -1, 3651, 1.5, "14", True])
def test_a_wait_that_no_programme_has(operator: Any, days: Any) -> None:
    (programme,) = operator.get("/api/v1/programmes").json()["results"]
    with nothing_written():
        answer = operator.patch(f"/api/v1/programmes/{programme['id']}", {"pending_days": days})

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize(
    "activates",
    [
        None,
        [],
        "tomorrow",
        {},
        {"in_days": -1},
        {"in_days": 3651},
        {"in_days": 1.5},
        {"in_days": "3"},
        {"in_days": True},
        {"in_days": 10**30},
        {"at": "2026-03-01T00:00:00Z"},
        {"at": "2026-04-01"},
        {"at": "2201-01-01T00:00:00Z"},
        {"on_event": "delivered"},
        {"deadline": "2026-04-01T00:00:00Z"},
        {"on_event": "", "deadline": "2026-04-01T00:00:00Z"},
        {"on_event": "x" * 101, "deadline": "2026-04-01T00:00:00Z"},
        {"on_event": "a\x00b", "deadline": "2026-04-01T00:00:00Z"},
        {"in_days": 3, "at": "2026-04-01T00:00:00Z"},
        {"in_days": 3, "on_event": "delivered", "deadline": "2026-04-01T00:00:00Z"},
        {"in_days": 3, "surprise": 1},
    ],
)
def test_a_wait_that_is_none(member: Any, operator: Any, activates: Any) -> None:
    with nothing_written():
        answer = earn(operator, member, activates)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/activations", {}),
        ("/activations", {"member_id": str(new_id())}),
        ("/activations", {"member_id": "nobody", "event": "delivered"}),
        ("/activations", {"member_id": str(new_id()), "event": ""}),
        ("/activations", {"member_id": str(new_id()), "event": "x" * 101}),
        ("/activations", {"member_id": str(new_id()), "event": "x", "reference": "a\x00b"}),
        ("/activations", {"member_id": str(new_id()), "event": "x", "surprise": 1}),
        ("/{}/activate", {"points": 1}),
        ("/{}/activate", []),
        ("/{}/cancel", {"reason": "x" * 201}),
        ("/{}/cancel", {"reason": None}),
    ],
)
def test_moves_that_are_no_proper_request(member: Any, operator: Any, path: str, body: Any) -> None:
    pending = made(operator, member, IN_3_DAYS)
    with nothing_written():
        answer = operator.post(PATH + path.format(pending), body)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize("query", [{"state": "lost"}, {"member_id": "nobody"}, {"page_size": "0"}, {"surprise": "1"}])
def test_lists_that_are_no_proper_request(member: Any, query: dict[str, str]) -> None:
    answer = member.get(PATH, **query)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


def test_the_list_comes_in_pages_the_oldest_first(member: Any, operator: Any) -> None:
    ids = [made(operator, member, IN_3_DAYS, points) for points in (1, 2, 3)]

    first = member.get(PATH, page_size="2").json()

    assert [one["id"] for one in first["results"]] == ids[:2]
    assert first["next"]
