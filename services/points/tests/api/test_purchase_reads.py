"""Purchases are read by those whose they are, alone and in lists."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.ledger.operations import merge_members
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor, path_of
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from tests.api.purchase_requests import MEMBER, PATH, give_back, other_till, programme, record, till
from tests.messages.test_payments import captured

__all__ = ["other_till", "programme", "till"]  # fixtures
pytestmark = pytest.mark.django_db


def test_each_sees_its_own_purchases_in_lists(
    till: Actor, other_till: Actor, member: Actor, other_member: Actor, operator: Actor
) -> None:
    first, second = record(till), record(till, purchase_id="order-8", member_id=str(other_member.id))
    third = record(other_till)
    give_back(till, first, lines=[{"line_id": "1", "quantity": 1}])
    first = operator.get(f"{PATH}/{first['id']}").json()

    assert operator.get(PATH).json() == {"results": [third, second, first], "next": None, "previous": None}
    assert till.get(PATH).json()["results"] == [second, first]
    assert other_till.get(PATH).json()["results"] == [third]
    assert member.get(PATH).json()["results"] == [third, first]
    assert other_member.get(PATH).json()["results"] == [second]
    assert till.get(PATH, purchase_id="order-7").json()["results"] == [first]
    assert operator.get(PATH, member_id=MEMBER, purchase_id="order-7").json()["results"] == [third, first]
    assert operator.get(PATH, purchase_id="order-9").json()["results"] == []
    assert member.get(PATH, member_id=str(other_member.id)).status_code == 404


def test_whose_the_points_are_now_sees_the_purchases_of_who_was_merged(
    till: Actor, member: Actor, other_member: Actor, operator: Actor
) -> None:
    recorded = record(till)
    assert other_member.get(f"{PATH}/{recorded['id']}").status_code == 404
    merge_members(
        from_member_id=member.id, into_member_id=other_member.id, reason="m", actor_id=operator.id, at=clock.now()
    )

    assert other_member.get(PATH).json()["results"] == [recorded]
    assert member.get(PATH).json()["results"] == [recorded]
    assert other_member.get(f"{PATH}/{recorded['id']}").json() == recorded
    assert operator.get(PATH, member_id=str(other_member.id)).json()["results"] == [recorded]


def test_a_merchant_sees_no_payments_in_the_list(till: Actor, member: Actor, operator: Actor) -> None:
    deliver(captured(member.id, {"1": 1_000}))

    assert till.get(PATH).json()["results"] == []
    assert [one["purchase_id"] for one in operator.get(PATH).json()["results"]] == [None]


def test_a_page_of_purchases_takes_as_many_statements_as_one(till: Actor, django_assert_num_queries: Any) -> None:
    record(till)
    with CaptureQueriesContext(connection) as one:
        till.get(PATH)
    statements = len(one)
    for number in range(4):
        record(till, purchase_id=f"more-{number}")

    with django_assert_num_queries(statements):
        assert len(till.get(PATH).json()["results"]) == 5
    page = till.get(PATH, page_size=2).json()
    assert len(page["results"]) == 2
    assert till.get(path_of(page["next"])).json()["previous"]


@pytest.mark.parametrize("query", [{"member_id": "me"}, {"purchase_id": "a\x00"}, {"cursor": "x"}, {"colour": "red"}])
def test_a_list_of_purchases_that_cannot_be_is_refused(till: Actor, query: dict[str, str]) -> None:
    answer = till.get(PATH, **query)

    assert (answer.status_code, answer.json()["code"][:8]) == (400, "request.")


def test_somebody_elses_purchase_is_not_there(
    till: Actor, other_till: Actor, member: Actor, other_member: Actor, operator: Actor
) -> None:
    recorded = record(till)
    path = f"{PATH}/{recorded['id']}"
    with nothing_written():
        answers = [
            other_till.get(path),
            other_member.get(path),
            till.get(f"{PATH}/{new_id()}"),
            give_back(other_till, recorded),
            give_back(other_till, recorded, preview=True),
            give_back(till, {"id": new_id()}),
        ]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(404, "points.purchase_not_found")}
    assert member.get(path).status_code == 200
    assert give_back(operator, recorded).status_code == 201
