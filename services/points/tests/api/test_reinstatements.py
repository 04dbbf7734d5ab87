"""Points that ended, given back by an operator."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from points.expiry import operations as ending
from points.ledger import operations
from points.ledger.models import Account, Lot, Reinstatement, Transaction
from points.programmes.operations import change_programme
from shared import clock
from shared.contracts.points import PointsReinstated
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, make_programme, points_of, prove, spend

PATH = "/api/v1/points/reinstatements"
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme(member: Any) -> Any:
    return make_programme()


@pytest.fixture
def expiry(member: Any) -> UUID:
    """Return the transaction that ended 100 of the member's points two days after they came."""
    give(member.id, 100, expires_at=AT + 2 * DAY)
    ending.expire_all(at=AT + 2 * DAY)
    return Transaction.objects.get(kind="expired").id


def body_of(member: Any, expiry: UUID, **more: Any) -> dict[str, Any]:
    return {"member_id": str(member.id), "transaction_id": str(expiry), "reason": "was ill"} | more


def test_all_that_expired_comes_back_with_the_programmes_end(operator: Any, member: Any, expiry: UUID) -> None:
    answer = operator.post(PATH, body_of(member, expiry))

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["kind"], body["points"], body["change"], body["reason"]) == ("reinstated", 100, 100, "was ill")
    assert (body["reference"], body["balance_after"]) == (f"expiry:{expiry}", 100)
    assert [(part["points"], part["expires_at"]) for part in body["lots"]] == [(100, "2027-03-04T23:00:00Z")]
    assert points_of(member.id, at=clock.now()) == (100, 0)
    assert Account.objects.values_list("expired", "issued").get() == (0, -100)
    kept = Transaction.objects.get(id=body["id"])
    assert (kept.actor_id, kept.reason) == (operator.id, "was ill")
    prove()


@pytest.mark.parametrize(
    ("said", "ends_at", "expires_on"),
    [
        ({"expires_in_days": 0}, "2026-03-04T23:00:00Z", "2026-03-04"),
        ({"expires_in_days": 30}, "2026-04-03T22:00:00Z", "2026-04-03"),
        ({"expires_on": "2026-03-04"}, "2026-03-04T23:00:00Z", "2026-03-04"),
        ({"expires_on": "2026-12-31"}, "2026-12-31T23:00:00Z", "2026-12-31"),
    ],
)
def test_the_new_end_is_a_day_of_the_programmes_zone(
    operator: Any, member: Any, expiry: UUID, said: dict[str, Any], ends_at: str, expires_on: str
) -> None:
    assert operator.post(PATH, body_of(member, expiry, points=40, **said)).status_code == 201

    (lot,) = member.get("/api/v1/points/lots").json()["results"]
    assert (lot["points"], lot["expires_at"], lot["expires_on"]) == (40, ends_at, expires_on)


def test_in_steps_and_never_more_than_what_expired(operator: Any, member: Any, expiry: UUID) -> None:
    for points in (30, 50):
        assert operator.post(PATH, body_of(member, expiry, points=points)).status_code == 201

    with nothing_written():
        answer = operator.post(PATH, body_of(member, expiry, points=21))
    assert (answer.status_code, answer.json()["code"]) == (409, "points.reinstatement_too_large")
    assert (answer.json()["requested"], answer.json()["reinstatable"]) == (21, 20)
    assert operator.post(PATH, body_of(member, expiry)).json()["points"] == 20
    with nothing_written():
        assert operator.post(PATH, body_of(member, expiry)).json()["code"] == "points.reinstatement_too_large"
    assert list(Reinstatement.objects.order_by("total").values_list("points", "total", "expired")) == [
        (30, 30, 100), (50, 80, 100), (20, 100, 100),
    ]  # fmt: skip
    assert points_of(member.id, at=clock.now()) == (100, 0)
    prove()


def test_what_is_owed_is_paid_first_and_the_message_tells_what_came(operator: Any, member: Any, expiry: UUID) -> None:
    earned = give(member.id, 30, at=clock.now())
    spend(member.id, 30, at=clock.now())
    operations.reverse_transaction(earned.id, reason="", actor_id=new_id(), at=clock.now())
    assert points_of(member.id, at=clock.now()) == (0, -30)

    operator.post(PATH, body_of(member, expiry, expires_on="2026-12-31"))

    assert points_of(member.id, at=clock.now()) == (70, 0)
    (message,) = published(PointsReinstated)
    assert (message.points, message.change, message.balance, message.reason) == (100, 70, 70, "was ill")
    assert (message.reference, clock.iso(message.expires_at)) == (f"expiry:{expiry}", "2026-12-31T23:00:00Z")
    prove()


def test_what_expires_again_is_reinstated_again(operator: Any, member: Any, expiry: UUID) -> None:
    operator.post(PATH, body_of(member, expiry, expires_in_days=0))
    ending.expire_all(at=clock.now() + 2 * DAY)
    again = Transaction.objects.exclude(id=expiry).get(kind="expired").id

    assert operator.post(PATH, body_of(member, again)).status_code == 201
    assert operator.post(PATH, body_of(member, expiry)).status_code == 409
    assert Lot.objects.filter(is_open=True).get().points == 100
    prove()


def test_the_same_key_reinstates_once(operator: Any, member: Any, expiry: UUID) -> None:
    first = operator.post(PATH, body_of(member, expiry, points=10), key="k")

    with nothing_written():
        assert operator.post(PATH, body_of(member, expiry, points=10), key="k").content == first.content


def test_what_did_not_expire_is_not_reinstated(operator: Any, member: Any, expiry: UUID) -> None:
    fact = give(member.id, 5)

    with nothing_written():
        answer = operator.post(PATH, body_of(member, fact.id))

    assert (answer.status_code, answer.json()["code"]) == (409, "points.not_an_expiry")
    assert answer.json()["kind"] == "earned"


def test_above_the_limit_of_adjustments_one_person_is_not_enough(
    operator: Any, member: Any, programme: Any, expiry: UUID
) -> None:
    change_programme(programme.id, changes={"adjustment_limit": 99}, at=AT)

    with nothing_written():
        answer = operator.post(PATH, body_of(member, expiry))

    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (409, "points.approval_needed", 99)
    assert operator.post(PATH, body_of(member, expiry, points=99)).status_code == 201


def test_anothers_expiry_and_another_programmes_are_not_found(
    operator: Any, member: Any, other_member: Any, expiry: UUID
) -> None:
    second = make_programme(name="Second")

    with nothing_written():
        answers = [
            operator.post(PATH, body_of(other_member, expiry)),
            operator.post(PATH, body_of(member, expiry, programme=str(second.id))),
            operator.post(PATH, body_of(member, new_id())),
        ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (404, "points.transaction_not_found")
    ] * 3


@pytest.mark.parametrize("named", ["old", "new"])
def test_of_a_merged_member_they_come_back_to_whose_the_points_are_now(
    operator: Any, member: Any, other_member: Any, expiry: UUID, named: str
) -> None:
    last = new_id()
    for old, new in ((member.id, other_member.id), (other_member.id, last)):
        operations.merge_members(from_member_id=old, into_member_id=new, reason="m", actor_id=new_id(), at=clock.now())
    whom = {"member_id": str(member.id if named == "old" else last), "points": 30}

    with nothing_written():
        between = operator.post(PATH, body_of(other_member, expiry))
    answer, too_much = (
        operator.post(PATH, body_of(member, expiry, **whom)),
        operator.post(PATH, body_of(member, expiry) | {"points": 71}),
    )

    assert (between.status_code, between.json()["code"]) == (404, "points.transaction_not_found")
    assert (answer.status_code, answer.json()["points"]) == (201, 30), answer.content
    assert (too_much.status_code, too_much.json()["reinstatable"]) == (409, 70)
    assert (points_of(member.id, at=clock.now()), points_of(last, at=clock.now())) == ((0, 0), (30, 0))
    prove()


def test_a_day_that_has_passed_is_refused(operator: Any, member: Any, expiry: UUID) -> None:
    with nothing_written():
        answer = operator.post(PATH, body_of(member, expiry, expires_on="2026-03-03"))

    assert (answer.status_code, answer.json()["code"]) == (422, "points.reinstatement_in_past")
    assert answer.json()["today"] == "2026-03-04"


@pytest.mark.parametrize(
    "change",
    [
        {"points": 0}, {"points": -1}, {"points": 1.5}, {"points": 10**13}, {"points": True}, {"reason": ""},
        {"reason": "x" * 201}, {"reason": "\x00"}, {"member_id": 1}, {"transaction_id": "x"}, {"surprise": 1},
        {"expires_on": "2026-02-30"}, {"expires_on": "9999-12-31"}, {"expires_on": 20261231},
        {"expires_in_days": -1}, {"expires_in_days": 36_501}, {"expires_on": "2026-12-31", "expires_in_days": 1},
    ],
)  # fmt: skip
def test_wrong_fields_are_refused(operator: Any, member: Any, expiry: UUID, change: dict[str, Any]) -> None:
    with nothing_written():
        answer = operator.post(PATH, body_of(member, expiry) | change)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


def test_only_operators_reinstate(member: Any, merchant: Any, operator: Any, expiry: UUID) -> None:
    with nothing_written():
        assert member.post(PATH, body_of(member, expiry)).status_code == 403
        assert merchant.post(PATH, body_of(member, expiry)).status_code == 403


def test_statement_and_explanation_name_it(operator: Any, member: Any, expiry: UUID) -> None:
    body = operator.post(PATH, body_of(member, expiry)).json()

    (provenance,) = member.get("/api/v1/points/balance/explanation").json()["lots"]
    assert (provenance["came_from"]["kind"], provenance["came_from"]["reference"]) == ("reinstated", f"expiry:{expiry}")
    lines = member.get("/api/v1/points/statement", **{"from": "2026-03-01"}).json()["lines"]
    assert (lines[-1]["transaction_id"], lines[-1]["kind"], lines[-1]["change"]) == (body["id"], "reinstated", 100)
    assert member.get("/api/v1/points/transactions", kind="reinstated").json()["results"] == [body]
