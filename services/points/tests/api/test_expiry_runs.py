"""Expiry as a job: asked for, watched and cancelled by operators."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from points.expiry.models import ExpiryRun
from points.expiry.operations import expiry_runs as runs
from points.ledger.models import Lot
from shared.clock import iso
from shared.contracts.points import ExpireLots
from shared.ids import new_id
from shared.testing.actors import Actor, anonymous
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.expiry_factories import NOW, give_dead, start, work
from tests.factories import UNKNOWN_ID, make_programme, points_of, prove

PATH = "/api/v1/points/expiry-runs"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(runs, "CHUNK", 2)
    return make_programme()


def ask(operator: Actor, **body: Any) -> dict[str, Any]:
    answer = operator.post(PATH, body)
    assert answer.status_code == 202, answer.content
    found: dict[str, Any] = answer.json()
    return found


def code(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return answer.status_code, answer.json()["code"]


def test_a_run_is_taken_and_reports_its_progress_to_its_end(operator: Actor) -> None:
    give_dead(1, 2, 3, 4, 5)
    with time_machine.travel(NOW, tick=False):
        run = ask(operator)
    assert run == {
        "id": run["id"], "state": "queued", "as_of": iso(NOW), "programme": None, "done": 0, "total": 5, "points": 0,
        "rate": 0, "eta_seconds": None, "error": None, "requested_by": str(operator.id), "created_at": iso(NOW),
        "started_at": None, "finished_at": None,
    }  # fmt: skip
    with time_machine.travel(NOW + timedelta(seconds=10), tick=False):
        deliver(*published(ExpireLots))
    with time_machine.travel(NOW + timedelta(seconds=11), tick=False):
        deliver(published(ExpireLots)[-1])
    with time_machine.travel(NOW + timedelta(seconds=12), tick=False):
        now = operator.get(f"{PATH}/{run['id']}").json()
        work()

    assert {name: now[name] for name in ("state", "done", "points", "rate", "eta_seconds")} == {
        "state": "running", "done": 4, "points": 10, "rate": 2, "eta_seconds": 0,
    }  # fmt: skip
    done = operator.get(f"{PATH}/{run['id']}").json()
    assert (done["state"], done["done"], done["points"], done["eta_seconds"]) == ("done", 5, 15, None)
    assert done["started_at"] == iso(NOW + timedelta(seconds=10))
    # The last chunk takes its time too.
    took = datetime.fromisoformat(done["finished_at"]) - NOW
    assert timedelta(seconds=12) < took < timedelta(minutes=5)
    assert done["rate"] <= 3
    prove()


def test_a_run_is_of_a_past_instant_and_of_one_programme(operator: Actor) -> None:
    other = make_programme(name="Arcade")
    give_dead(1, 2, 3)
    give_dead(10, 20, 30, programme_id=other.id)

    run = ask(operator, as_of="2026-03-03T12:01:00Z", programme=str(other.id))
    work()

    found = operator.get(f"{PATH}/{run['id']}").json()
    assert (found["as_of"], found["programme"]) == ("2026-03-03T12:01:00Z", str(other.id))
    assert (found["done"], found["total"], found["points"]) == (2, 2, 30)
    assert Lot.objects.filter(is_open=True).count() == 4


def test_an_instant_to_come_is_refused_so_that_no_points_die_early(operator: Actor, member: Actor) -> None:
    give_dead(5)
    with time_machine.travel(NOW, tick=False), nothing_written():
        answer = operator.post(PATH, {"as_of": iso(NOW + timedelta(seconds=1))})

    assert code(answer) == (422, "points.expiry_in_future")
    assert (answer.json()["as_of"], answer.json()["now"]) == (iso(NOW + timedelta(seconds=1)), iso(NOW))
    with time_machine.travel(NOW, tick=False):
        assert ask(operator, as_of=iso(NOW))["total"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"as_of": "2026-03-01"},
        {"as_of": "2026-03-01T12:00:00"},
        {"as_of": "1999-12-31T23:59:59Z"},
        {"as_of": "9999-12-31T23:59:59Z"},
        {"as_of": "2026-02-30T00:00:00Z"},
        {"as_of": "now\x00"},
        {"as_of": ""},
        {"as_of": None},
        {"as_of": 1_700_000_000},
        {"as_of": 10**400},
        {"as_of": ["2026-03-01T12:00:00Z"]},
        {"programme": None},
        {"programme": "default"},
        {"programme": 1},
        {"limit": 5},
        {"surprise": 1},
        [],
        "text",
    ],
)
def test_a_bad_body_is_refused(operator: Actor, body: Any) -> None:
    give_dead(1)
    with nothing_written():
        assert code(operator.post(PATH, body)) == (400, "request.invalid")


def test_a_programme_that_is_not_there_is_not_found(operator: Actor) -> None:
    with nothing_written():
        assert code(operator.post(PATH, {"programme": str(UNKNOWN_ID)})) == (404, "programmes.not_found")


@pytest.mark.django_db(transaction=True)
def test_the_same_key_asks_for_one_run(operator: Actor) -> None:
    give_dead(1)
    first = operator.post(PATH, {}, key="k1")
    with nothing_written():
        again = operator.post(PATH, {}, key="k1")
        other = operator.post(PATH, {"as_of": "2026-03-01T12:00:00Z"}, key="k1")
        without = operator.post(PATH, {}, key=None)

    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (202, first.content, "true")
    assert code(other) == (422, "idempotency.key_reused")
    assert code(without) == (400, "idempotency.key_required")
    assert ExpiryRun.objects.count() == len(published(ExpireLots)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_run_is_cancelled_in_the_middle_and_what_has_expired_stays_so(operator: Actor) -> None:
    members = give_dead(1, 2, 3, 4, 5)
    run = ask(operator)["id"]
    deliver(published(ExpireLots)[0])

    cancelled = operator.post(f"{PATH}/{run}/cancel", key=None)

    assert (cancelled.status_code, cancelled.json()["state"], cancelled.json()["done"]) == (200, "cancelled", 2)
    with nothing_written():
        assert operator.post(f"{PATH}/{run}/cancel", key=None).json() == cancelled.json()
    work()
    found = operator.get(f"{PATH}/{run}").json()
    assert (found["state"], found["done"], found["total"], found["points"]) == ("cancelled", 2, 5, 3)
    assert Lot.objects.filter(is_open=True).count() == 3
    # What is left is dead all the same.
    assert points_of(members[4], at=NOW) == (0, 0)
    prove()


@pytest.mark.django_db(transaction=True)
def test_a_finished_run_is_not_cancelled(operator: Actor) -> None:
    give_dead(1)
    run = ask(operator)["id"]
    work()

    with nothing_written():
        answer = operator.post(f"{PATH}/{run}/cancel")

    assert code(answer) == (409, "points.expiry_run_finished")
    assert answer.json()["state"] == "done"


def test_runs_are_listed_the_newest_first_by_cursor(operator: Actor) -> None:
    made = [str(start(at=NOW + timedelta(seconds=number)).id) for number in range(3)]
    nobodys = str(start(at=NOW + timedelta(seconds=9), requested_by=None).id)

    first = operator.get(PATH, page_size=3).json()
    rest = operator.get(first["next"]).json()

    assert [run["id"] for run in first["results"]] == [nobodys, made[2], made[1]]
    assert first["results"][0]["requested_by"] is None
    assert ([run["id"] for run in rest["results"]], rest["next"]) == ([made[0]], None)


def test_runs_are_listed_by_their_state(operator: Actor) -> None:
    done = str(start().id)
    work()
    queued = str(start().id)

    found = {state: operator.get(PATH, state=state).json()["results"] for state in ("done", "queued", "failed")}

    assert {state: [run["id"] for run in those] for state, those in found.items()} == {
        "done": [done], "queued": [queued], "failed": [],
    }  # fmt: skip
    for query in ({"state": "paused"}, {"state": ""}, {"page_size": "0"}, {"page_size": "201"}, {"surprise": "1"}):
        assert code(operator.get(PATH, **query)) == (400, "request.invalid")


def test_runs_are_for_operators(operator: Actor, member: Actor, merchant: Actor, analyst: Actor) -> None:
    give_dead(1)
    run = ask(operator)["id"]

    with nothing_written():
        for actor in (member, merchant, analyst):
            answers = [
                actor.post(PATH), actor.get(PATH), actor.get(f"{PATH}/{run}"), actor.post(f"{PATH}/{run}/cancel"),
            ]  # fmt: skip
            assert [code(answer) for answer in answers] == [(403, "auth.insufficient_scope")] * 4
        nobody = anonymous()
        answers = [
            nobody.post(PATH),
            nobody.get(PATH),
            nobody.get(f"{PATH}/{run}"),
            nobody.post(f"{PATH}/{run}/cancel"),
        ]
        assert [answer.status_code for answer in answers] == [401] * 4


def test_a_run_that_is_not_there_is_not_found(operator: Actor) -> None:
    for answer in (operator.get(f"{PATH}/{new_id()}"), operator.post(f"{PATH}/{new_id()}/cancel")):
        assert code(answer) == (404, "points.expiry_run_not_found")
