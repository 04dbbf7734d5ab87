from datetime import timedelta
from typing import Any

import pytest

from points.ledger.models import Transaction
from shared import clock
from shared.testing.proofs import nothing_written
from tests.factories import make_programme, prove

PATH = "/api/v1/points/earnings"
BALANCE = "/api/v1/points/balance"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def test_gives_a_member_points_in_a_lot(operator: Any, member: Any, programme: Any) -> None:
    answer = operator.post(PATH, {"member_id": str(member.id), "points": 120, "reason": "gift", "reference": "r"})

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["kind"], body["points"], body["balance_after"]) == ("earned", 120, 120)
    assert body["programme"] == str(programme.id)
    (lot,) = body["lots"]
    assert (lot["lot_id"], lot["points"]) == (body["id"], 120)
    balance = member.get(BALANCE).json()
    assert (balance["available"], balance["held"], balance["pending"], balance["deficit"]) == (120, 0, 0, 0)
    assert balance["expiring"] == [{"points": 120, "expires_at": lot["expires_at"], "expires_on": "2027-03-04"}]
    assert Transaction.objects.get().actor_id == operator.id
    prove()


def test_takes_the_instants_it_is_given(operator: Any, member: Any) -> None:
    at = clock.now()
    ends_at, occurred_at = at + timedelta(days=3), at - timedelta(days=2)
    given = {"occurred_at": occurred_at.isoformat(), "expires_at": ends_at.isoformat()}

    body = operator.post(PATH, {"member_id": str(member.id), "points": 1, "reason": "gift"} | given).json()

    assert body["occurred_at"] == clock.iso(occurred_at)
    assert body["lots"][0]["expires_at"] == clock.iso(ends_at)
    assert member.get("/api/v1/points/lots").json()["results"][0]["active_from"] == clock.iso(occurred_at)


def test_the_same_key_earns_once(operator: Any, member: Any) -> None:
    body = {"member_id": str(member.id), "points": 120, "reason": "gift"}
    first = operator.post(PATH, body, key="k")

    with nothing_written():
        assert operator.post(PATH, body, key="k").content == first.content


def test_a_closed_programme_gives_no_points(operator: Any, member: Any, programme: Any) -> None:
    operator.patch(f"/api/v1/programmes/{programme.id}", {"status": "closed"})

    with nothing_written():
        answer = operator.post(PATH, {"member_id": str(member.id), "points": 1, "reason": "gift"})

    assert (answer.status_code, answer.json()["code"]) == (409, "programmes.closed")


def test_a_service_that_may_only_earn_reads_nothing(operator: Any) -> None:
    assert operator.get(PATH).status_code == 405
