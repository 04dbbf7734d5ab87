"""What one person may move by hand on a day of a programme; beyond it a second one approves, whatever the door."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from points.adjustments.models import AdjustmentRequest
from points.expiry.operations import expire_all
from points.ledger.models import PersonDayTotal, Transaction
from points.programmes.queries import default_programme
from shared import clock
from shared.contracts.points import PointsEarned
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.api.import_requests import upload
from tests.factories import give, make_programme, points_of, prove
from tests.import_factories import work

EARNINGS, ADJUSTMENTS = "/api/v1/points/earnings", "/api/v1/points/adjustments"
BATCHES, IMPORTS = "/api/v1/points/batches", "/api/v1/points/imports"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme(member: Any) -> Any:
    return make_programme(adjustment_limit=100)


@pytest.fixture
def second(operator: Actor) -> Actor:
    return Actor(replace(operator.caller, id=new_id()))


@pytest.fixture
def program(operator: Actor) -> Actor:
    return Actor(replace(operator.caller, id=new_id(), roles=("service",)))


def body_of(member: Any, points: int, **more: Any) -> dict[str, Any]:
    return {"member_id": str(member.id), "points": points, "reason": "ticket 7"} | more


def now_of(member: Any) -> int:
    return points_of(member.id, at=clock.now())[0]


def waits(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 202, answer.content
    found: dict[str, Any] = answer.json()
    assert found["state"] == "pending"
    return found


def test_an_earning_above_the_limit_waits_for_a_second_person(operator: Actor, second: Actor, member: Actor) -> None:
    asked = waits(operator.post(EARNINGS, body_of(member, 101, reference="r-1")))

    assert (asked["kind"], asked["points"], asked["reference"], asked["requested_by"]) == (
        "earned", 101, "r-1", str(operator.id),
    )  # fmt: skip
    assert now_of(member) == 0
    assert operator.get(ADJUSTMENTS, state="pending").json()["results"] == [asked]
    own = operator.post(f"{ADJUSTMENTS}/{asked['id']}/approve")
    assert (own.status_code, own.json()["code"]) == (409, "points.same_person")

    done = second.post(f"{ADJUSTMENTS}/{asked['id']}/approve", {"reason": "seen"}).json()

    assert (done["state"], done["decided_by"]) == ("approved", str(second.id))
    kept = Transaction.objects.get(id=done["transaction_id"])
    assert (kept.kind, kept.points, kept.actor_id, kept.reference) == ("earned", 101, operator.id, "r-1")
    assert [message.points for message in published(PointsEarned)] == [101]
    assert now_of(member) == 101
    prove()


def test_an_earning_that_is_rejected_never_moves(operator: Actor, second: Actor, member: Actor) -> None:
    asked = waits(operator.post(EARNINGS, body_of(member, 101)))

    done = second.post(f"{ADJUSTMENTS}/{asked['id']}/reject", {"reason": "no"}).json()

    assert (done["state"], done["transaction_id"], now_of(member)) == ("rejected", None, 0)


def test_what_an_earning_says_of_instants_is_kept_until_it_is_approved(
    operator: Actor, second: Actor, member: Actor
) -> None:
    at = clock.now()
    occurred_at, ends_at = clock.iso(at - timedelta(days=2)), clock.iso(at + timedelta(days=90))
    deadline = clock.iso(at + timedelta(days=9))
    said = {
        "occurred_at": occurred_at,
        "expires_at": ends_at,
        "activates": {"on_event": "delivered", "deadline": deadline},
    }
    asked = waits(operator.post(EARNINGS, body_of(member, 101, **said)))
    assert {name: asked[name] for name in said} == said

    done = second.post(f"{ADJUSTMENTS}/{asked['id']}/approve").json()

    pending = operator.get(f"/api/v1/points/pending/{done['transaction_id']}").json()
    assert (pending["points"], pending["on_event"], pending["deadline"], pending["expires_at"]) == (
        101, "delivered", deadline, ends_at,
    )  # fmt: skip
    assert Transaction.objects.get().occurred_at == at - timedelta(days=2)


def test_five_just_below_the_limit_do_not_pass_whatever_they_are(operator: Actor, member: Actor) -> None:
    assert operator.post(EARNINGS, body_of(member, 99)).status_code == 201

    for path, points in ((EARNINGS, 99), (ADJUSTMENTS, 99), (ADJUSTMENTS, -2), (EARNINGS, 2)):
        waits(operator.post(path, body_of(member, points)))
    assert operator.post(ADJUSTMENTS, body_of(member, -1)).status_code == 201
    waits(operator.post(ADJUSTMENTS, body_of(member, 1)))

    assert now_of(member) == 98
    assert PersonDayTotal.objects.get().points == 100


def test_the_sum_is_a_persons_and_a_programmes(operator: Actor, second: Actor, member: Actor) -> None:
    other = str(make_programme(adjustment_limit=50).id)
    for who, points, more in ((operator, 100, {}), (second, 100, {}), (operator, 50, {"programme": other})):
        assert who.post(EARNINGS, body_of(member, points, **more)).status_code == 201

    for who, more in ((operator, {}), (second, {}), (operator, {"programme": other})):
        waits(who.post(EARNINGS, body_of(member, 1, **more)))


def test_a_new_day_of_the_programmes_zone_begins_anew(operator: Actor, member: Actor) -> None:
    # 23:59 and 00:01 in Berlin, on one day of UTC.
    with time_machine.travel("2026-03-05T22:59:00+00:00", tick=False):
        assert operator.post(EARNINGS, body_of(member, 100)).status_code == 201
        waits(operator.post(EARNINGS, body_of(member, 1)))
    with time_machine.travel("2026-03-05T23:01:00+00:00", tick=False):
        assert operator.post(EARNINGS, body_of(member, 100)).status_code == 201
        waits(operator.post(EARNINGS, body_of(member, 1)))


def test_what_is_refused_or_approved_or_repeated_does_not_count(operator: Actor, second: Actor, member: Actor) -> None:
    assert operator.post(ADJUSTMENTS, body_of(member, -100)).json()["code"] == "points.insufficient"
    asked = waits(operator.post(EARNINGS, body_of(member, 101)))
    second.post(f"{ADJUSTMENTS}/{asked['id']}/approve")
    for _ in range(3):
        assert operator.post(EARNINGS, body_of(member, 100), key="k").status_code == 201

    assert PersonDayTotal.objects.get().points == 100
    assert now_of(member) == 201


def test_without_a_limit_nothing_waits_and_nothing_is_counted(operator: Actor, second: Actor, member: Actor) -> None:
    second.patch(f"/api/v1/programmes/{default_programme().id}", {"adjustment_limit": None})

    assert operator.post(EARNINGS, body_of(member, 100_000)).status_code == 201
    assert not PersonDayTotal.objects.exists()


def test_programs_are_no_persons(program: Actor, member: Actor) -> None:
    for _ in range(3):
        assert program.post(EARNINGS, body_of(member, 101)).status_code == 201
        assert program.post(ADJUSTMENTS, body_of(member, 100)).status_code == 201
    waits(program.post(ADJUSTMENTS, body_of(member, 101)))
    line = body_of(member, 101, key="1", kind="adjust")
    (result,) = program.post(BATCHES, {"postings": [line]}).json()["results"]

    assert (result["status"], result["error"]["code"]) == ("refused", "points.approval_needed")
    assert now_of(member) == 603


def test_lines_of_a_batch_count_and_those_beyond_the_limit_are_refused(operator: Actor, member: Actor) -> None:
    operator.post(EARNINGS, body_of(member, 40))
    said = [("1", "earn", 30), ("2", "earn", 40), ("3", "adjust", -20), ("4", "adjust", 11), ("5", "redeem", 51)]
    lines = [body_of(member, points, key=key, kind=kind) for key, kind, points in said]

    first = operator.post(BATCHES, {"postings": lines}).json()["results"]
    again = operator.post(BATCHES, {"postings": lines}).json()["results"]

    assert [one["status"] for one in first] == ["posted", "refused", "posted", "refused", "refused"]
    assert [one["status"] for one in again] == ["repeated", "refused", "repeated", "refused", "refused"]
    assert {one["error"]["code"] for one in (first[1], first[3])} == {"points.approval_needed"}
    assert first[4]["error"]["code"] == "points.insufficient"
    assert PersonDayTotal.objects.get().points == 90
    assert now_of(member) == 50
    waits(operator.post(EARNINGS, body_of(member, 11)))


def test_a_line_that_the_ledger_refuses_does_not_count(operator: Actor, member: Actor) -> None:
    line = body_of(member, -100, key="1", kind="adjust")

    (result,) = operator.post(BATCHES, {"postings": [line]}).json()["results"]

    assert result["error"]["code"] == "points.insufficient"
    assert operator.post(EARNINGS, body_of(member, 100)).status_code == 201


def test_purchases_of_no_merchant_that_a_person_records_count(operator: Actor, program: Actor, member: Actor) -> None:
    body = {"member_id": str(member.id), "purchase_id": "1", "amount": {"amount": 6_000, "currency": "EUR"}}
    path = "/api/v1/points/purchases"
    assert operator.post(path, body).status_code == 201
    assert operator.post(path, body).status_code == 201

    with nothing_written():
        answer = operator.post(path, body | {"purchase_id": "2"})

    assert (answer.status_code, answer.json()["code"]) == (409, "points.approval_needed")
    assert program.post(path, body | {"purchase_id": "2"}).status_code == 201
    assert PersonDayTotal.objects.get().points == 60


def test_reinstatements_count(operator: Actor, member: Actor) -> None:
    give(member.id, 60, expires_at=clock.now() + timedelta(seconds=1))
    with time_machine.travel(clock.now() + timedelta(days=1)):
        expire_all(as_of=clock.now(), at=clock.now())
        body = {"member_id": str(member.id), "reason": "goodwill"}
        body["transaction_id"] = str(Transaction.objects.get(kind="expired").id)
        operator.post(EARNINGS, body_of(member, 50))
        answer = operator.post("/api/v1/points/reinstatements", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "points.approval_needed")
        assert operator.post("/api/v1/points/reinstatements", body | {"points": 50}).status_code == 201


def test_an_import_above_the_limit_is_committed_by_another_person(
    operator: Actor, second: Actor, program: Actor, member: Actor
) -> None:
    operator.post(EARNINGS, body_of(member, 40))
    import_id = upload(operator, f"Card,Points\n{member.id},30\n{member.id},31\n".encode())
    path = f"{IMPORTS}/{import_id}"
    operator.post(f"{path}/validate")
    work()

    for nobody_else in (operator, program):
        with nothing_written():
            answer = nobody_else.post(f"{path}/commit")

        assert (answer.status_code, answer.json()["code"]) == (409, "points.approval_needed")
        assert answer.json()["limit"] == 100
    assert second.post(f"{path}/commit").status_code == 202
    work()
    assert second.get(path).json()["state"] == "done"
    assert now_of(member) == 101
    assert PersonDayTotal.objects.get().points == 40


def test_a_programs_own_import_has_no_day(program: Actor, member: Actor) -> None:
    import_id = upload(program, f"Card,Points\n{member.id},101\n".encode())
    program.post(f"{IMPORTS}/{import_id}/validate")
    work()

    assert program.post(f"{IMPORTS}/{import_id}/commit").status_code == 202
    work()
    assert (now_of(member), PersonDayTotal.objects.count()) == (101, 0)


def test_an_import_within_the_limit_counts_and_is_posted_as_it_was_seen(operator: Actor, member: Actor) -> None:
    import_id = upload(operator, f"Card,Points\n{member.id},30\n{member.id},31\n".encode())
    operator.post(f"{IMPORTS}/{import_id}/validate")
    work()

    assert operator.post(f"{IMPORTS}/{import_id}/commit").status_code == 202
    work()

    found = operator.get(f"{IMPORTS}/{import_id}").json()
    assert (found["state"], found["rehearsal"]["points"], PersonDayTotal.objects.get().points) == ("done", 61, 61)
    waits(operator.post(EARNINGS, body_of(member, 40)))


def test_nobody_uploads_into_another_persons_import(operator: Actor, second: Actor, member: Actor) -> None:
    import_id = upload(operator, b"Card,Points\n")

    answer = second._client().generic(
        "PUT", f"{IMPORTS}/{import_id}/content?offset=12", b"x", content_type="application/octet-stream"
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "imports.not_found")


@pytest.mark.parametrize(
    ("changes", "said", "code"),
    [
        ({"status": "closed"}, {}, "programmes.closed"),
        ({"unknown_members": "refuse"}, {}, "members.unknown"),
    ],
)
def test_an_approval_that_the_programme_refuses_by_then_goes_on_waiting(
    operator: Actor, second: Actor, changes: Any, said: Any, code: str
) -> None:
    path = f"/api/v1/programmes/{default_programme().id}"
    stranger = Actor(replace(operator.caller, id=new_id()))
    asked = waits(operator.post(EARNINGS, body_of(stranger, 101, **said)))
    operator.patch(path, changes)

    with nothing_written():
        answer = second.post(f"{ADJUSTMENTS}/{asked['id']}/approve")

    assert answer.json()["code"] == code
    operator.patch(path, {"status": "active", "unknown_members": "accept"})
    assert second.post(f"{ADJUSTMENTS}/{asked['id']}/approve").status_code == 200


def test_an_earning_whose_points_would_have_ended_before_they_come_is_not_approved(
    operator: Actor, second: Actor, member: Actor
) -> None:
    said = {"activates": {"in_days": 3}, "expires_at": clock.iso(clock.now() + timedelta(days=5))}
    asked = waits(operator.post(EARNINGS, body_of(member, 101, **said)))

    with time_machine.travel(clock.now() + timedelta(days=3)), nothing_written():
        answer = second.post(f"{ADJUSTMENTS}/{asked['id']}/approve")

    assert (answer.status_code, answer.json()["code"]) == (409, "points.ends_before_activation")
    assert AdjustmentRequest.objects.count() == 1
