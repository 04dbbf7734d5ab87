"""A programme that is not there: every operation that takes one says so, whether it is named or meant."""

from typing import Any

import pytest

from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from shared.testing.roles import OTHER_MEMBER
from tests.factories import give, make_programme

pytestmark = pytest.mark.django_db
POINTS = "/api/v1/points"
MEMBER = "00000000-0000-7000-8000-000000000001"
READS = [
    f"{POINTS}/balance",
    f"{POINTS}/members/{MEMBER}/balance",
    f"{POINTS}/transactions",
    f"{POINTS}/lots",
    f"{POINTS}/pending",
    f"{POINTS}/expiry-forecast",
    f"{POINTS}/statement",
    f"{POINTS}/balance/explanation",
]
WRITES = [
    ("earnings", {"member_id": MEMBER, "points": 5, "reason": "gift"}),
    ("redemptions", {"member_id": MEMBER, "points": 5, "reason": "reward"}),
    ("transfers", {"from_member_id": MEMBER, "to_member_id": str(OTHER_MEMBER.id), "points": 5, "reason": "gift"}),
    ("adjustments", {"member_id": MEMBER, "points": 5, "reason": "ticket 7"}),
    ("holds", {"member_id": MEMBER, "points": 5, "reference": "order-1"}),
    ("purchases", {"member_id": MEMBER, "purchase_id": "order-7", "amount": {"amount": 500, "currency": "EUR"}}),
    ("pending/activations", {"member_id": MEMBER, "event": "delivered"}),
]


def refused(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (404, "programmes.not_found"), answer.content


@pytest.mark.parametrize("path", READS)
def test_nothing_is_read_of_it(member: Actor, path: str) -> None:
    refused(member.get(path))
    make_programme()

    refused(member.get(path, programme=str(new_id())))
    assert member.get(path).status_code == 200


@pytest.mark.parametrize(("path", "body"), WRITES)
def test_nothing_is_posted_in_it(operator: Actor, member: Actor, path: str, body: dict[str, Any]) -> None:
    with nothing_written():
        refused(operator.post(f"{POINTS}/{path}", body))
    make_programme()
    give(member.id, 5)

    with nothing_written():
        refused(operator.post(f"{POINTS}/{path}", body | {"programme": str(new_id())}))
    assert operator.post(f"{POINTS}/{path}", body).status_code in (200, 201)
