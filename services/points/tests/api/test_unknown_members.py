"""A programme says whether members earn who never registered; they do unless it refuses."""

from typing import Any
from uuid import UUID

import pytest

from points.ledger.models import Account
from points.members.queries import unknown_of
from points.programmes.models import Programme
from points.purchases.models import Purchase
from shared.ids import new_id
from shared.testing.actors import anonymous
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from tests.factories import make_programme, points_of, prove, register
from tests.import_factories import validated
from tests.messages.test_payments import captured

POINTS = "/api/v1/points"
pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger() -> UUID:
    return new_id()


@pytest.fixture
def refusing() -> None:
    make_programme(unknown_members="refuse")


def earning(member_id: UUID) -> dict[str, Any]:
    return {"member_id": str(member_id), "points": 10, "reason": "gift"}


def purchase(member_id: UUID, amount: int = 1000) -> dict[str, Any]:
    money = {"amount": amount, "currency": "EUR"}
    lines = [{"line_id": "1", "quantity": 1, "amount": amount}]
    return {"member_id": str(member_id), "purchase_id": "till-1", "amount": money, "lines": lines}


def line(member_id: UUID, kind: str = "earn") -> dict[str, Any]:
    return {"key": f"{kind}:{member_id}", "kind": kind, **earning(member_id)}


def test_a_new_programme_accepts_them(operator: Any, stranger: UUID) -> None:
    body = {"name": "Plaza", "currency": "EUR", "timezone": "Europe/Berlin"}
    assert operator.post("/api/v1/programmes", body).json()["unknown_members"] == "accept"

    assert operator.post(f"{POINTS}/earnings", earning(stranger)).status_code == 201
    assert operator.post(f"{POINTS}/purchases", purchase(stranger)).status_code == 201
    assert operator.post(f"{POINTS}/batches", {"postings": [line(stranger)]}).json()["results"][0]["error"] is None


def test_an_operator_changes_it(operator: Any) -> None:
    path = f"/api/v1/programmes/{make_programme().id}"

    assert operator.patch(path, {"unknown_members": "refuse"}).json()["unknown_members"] == "refuse"

    assert Programme.objects.get().unknown_members == "refuse"
    for wrong in ("", "perhaps", None, True, 1):
        assert operator.patch(path, {"unknown_members": wrong}).status_code == 400


def test_an_earning_is_refused_until_they_register(operator: Any, refusing: None, stranger: UUID) -> None:
    with nothing_written():
        answer = operator.post(f"{POINTS}/earnings", earning(stranger), key="k")

    assert (answer.status_code, answer.json()["code"]) == (409, "members.unknown")
    assert (answer.json()["member_id"], answer["Retry-After"]) == (str(stranger), "1")

    register(stranger)
    assert operator.post(f"{POINTS}/earnings", earning(stranger), key="k").status_code == 201


def test_a_purchase_that_earns_is_refused(operator: Any, refusing: None, stranger: UUID) -> None:
    with nothing_written():
        answer = operator.post(f"{POINTS}/purchases", purchase(stranger))

    assert (answer.status_code, answer.json()["code"]) == (409, "members.unknown")


def test_a_purchase_that_earns_nothing_is_noted(operator: Any, refusing: None, stranger: UUID) -> None:
    assert operator.post(f"{POINTS}/purchases", purchase(stranger, 99)).status_code == 201
    assert Purchase.objects.get().points == 0


def test_of_a_batch_only_earnings_of_unknown_members_are_refused(
    operator: Any, refusing: None, member: Any, stranger: UUID
) -> None:
    lines = [line(member.id), line(stranger), line(stranger, "adjust")]

    answer = operator.post(f"{POINTS}/batches", {"postings": lines})

    results = answer.json()["results"]
    assert [one["status"] for one in results] == ["posted", "refused", "posted"]
    assert (results[1]["error"]["code"], results[1]["error"]["member_id"]) == ("members.unknown", str(stranger))
    assert points_of(stranger) == (10, 0)
    prove()


def test_a_line_that_was_posted_before_is_repeated_whatever_the_programme_says_now(
    operator: Any, stranger: UUID
) -> None:
    path = f"/api/v1/programmes/{make_programme().id}"
    body = {"postings": [line(stranger)]}
    (posted,) = operator.post(f"{POINTS}/batches", body).json()["results"]
    operator.patch(path, {"unknown_members": "refuse"})

    (again,) = operator.post(f"{POINTS}/batches", body).json()["results"]

    assert (again["status"], again["transaction_id"]) == ("repeated", posted["transaction_id"])


def test_a_payment_earns_before_the_word_of_its_members_registration(refusing: None, stranger: UUID) -> None:
    assert deliver(captured(stranger, {"1": 500})).failed == {}

    assert Account.objects.get().available == 5


def test_unknown_are_those_who_never_registered() -> None:
    known, unknown = [new_id() for _ in range(3)], [new_id() for _ in range(2)]
    register(*known)

    assert unknown_of([*known, *unknown, *unknown]) == set(unknown)
    assert unknown_of([]) == set()


@pytest.mark.usefixtures("refusing")
def test_rows_that_a_programme_refuses_are_not_among_the_unknown_of_an_import_as_its_help_says(stranger: UUID) -> None:
    run = validated(f"Card,Points\n{stranger},5\n")

    assert (run.accepted, run.unknown_members, run.refused_by_code) == (0, 0, {"members.unknown": 1})
    definitions = anonymous().get(f"{POINTS}/swagger.json").json()["definitions"]
    said = definitions["ImportPass"]["properties"]["unknown_members"]["description"]
    assert "those rows are among `refused` (`members.unknown`)" in said
