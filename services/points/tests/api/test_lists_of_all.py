"""Lists without a member: an operator sees everybody's, by cursor; members see their own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils.dateparse import parse_datetime

from points.ledger.rules.earnings import Wait
from shared import clock
from shared.testing.actors import Actor, path_of
from tests.factories import give, make_programme, spend
from tests.voucher_factories import claim, make_campaign, redeem

TRANSACTIONS, LOTS, PENDING = (f"/api/v1/points/{name}" for name in ("transactions", "lots", "pending"))
VOUCHERS, REDEMPTIONS = "/api/v1/vouchers", "/api/v1/vouchers/redemptions"
pytestmark = pytest.mark.django_db


def earned(member_id: UUID) -> str:
    return str(give(member_id, 5, at=clock.now()).id)


def waiting(member_id: UUID) -> str:
    return str(give(member_id, 5, wait=Wait(in_days=9), at=clock.now()).id)


def taken(member_id: UUID) -> str:
    return str(claim(make_campaign(codes=1), member_id, at=clock.now()).id)


def redeemed(member_id: UUID) -> str:
    return str(redeem(claim(make_campaign(codes=1), member_id)).id)


LISTS = [(TRANSACTIONS, earned), (LOTS, earned), (PENDING, waiting), (VOUCHERS, taken), (REDEMPTIONS, redeemed)]


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def pages(actor: Actor, path: str) -> list[list[str]]:
    found, following = [], f"{path}?page_size=2"
    while following:
        page = actor.get(following).json()
        found.append([one["id"] for one in page["results"]])
        following = page["next"] and path_of(page["next"])
    return found


@pytest.mark.parametrize(("path", "make"), LISTS)
def test_an_operator_pages_through_everybodys_the_newest_first_each_once(
    path: str, make: Callable[[UUID], str], operator: Actor, member: Actor, other_member: Actor
) -> None:
    made = [make((member, other_member)[turn % 2].id) for turn in range(5)]

    assert pages(operator, path) == [[made[4], made[3]], [made[2], made[1]], [made[0]]]


@pytest.mark.parametrize(("path", "make"), LISTS)
def test_members_see_their_own_and_an_operator_those_of_whom_they_name(
    path: str, make: Callable[[UUID], str], operator: Actor, member: Actor, other_member: Actor
) -> None:
    mine, theirs = make(member.id), make(other_member.id)

    def ids(actor: Actor, **query: str) -> list[str]:
        return [one["id"] for one in actor.get(path, **query).json()["results"]]

    assert (ids(member), ids(other_member)) == ([mine], [theirs])
    assert ids(operator, member_id=str(other_member.id)) == [theirs]
    assert member.get(path, member_id=str(other_member.id)).status_code == 404


@pytest.mark.parametrize(("path", "make"), LISTS)
def test_each_of_everybodys_says_whose_it_is(
    path: str, make: Callable[[UUID], str], operator: Actor, other_member: Actor
) -> None:
    make(other_member.id)

    assert [one["member_id"] for one in operator.get(path).json()["results"]] == [str(other_member.id)]


@pytest.mark.parametrize(("path", "make"), LISTS[:3])
def test_everybodys_are_of_all_programmes_unless_one_is_named(
    path: str, make: Callable[[UUID], str], operator: Actor, member: Actor, programme: Any
) -> None:
    first = make(member.id)
    second = make_programme(name="Second")
    wait = Wait(in_days=9) if path == PENDING else None
    other = str(give(member.id, 7, programme_id=second.id, wait=wait, at=clock.now()).id)

    def ids(**query: str) -> list[str]:
        return [one["id"] for one in operator.get(path, **query).json()["results"]]

    assert ids() == [other, first]
    assert (ids(programme=str(programme.id)), ids(programme=str(second.id))) == ([first], [other])
    assert operator.get(path, programme=str(member.id)).json()["code"] == "programmes.not_found"


def test_everybodys_transactions_are_filtered_by_kind_and_time(
    operator: Actor, member: Actor, other_member: Actor
) -> None:
    at = clock.now()
    for who in (member, other_member):
        give(who.id, 10, at=at)
        spend(who.id, 4, at=at)

    def points(**query: Any) -> list[int]:
        return [one["points"] for one in operator.get(TRANSACTIONS, **query).json()["results"]]

    assert points(kind="redeemed") == [4, 4]
    later, earlier = (at + timedelta(milliseconds=1)).isoformat(), (at - timedelta(milliseconds=1)).isoformat()
    assert points(**{"from": at.isoformat(), "to": later}) == [4, 10, 4, 10]
    assert (points(**{"from": later}), points(to=earlier)) == ([], [])


def test_times_are_those_of_the_posting_also_where_its_id_was_made_hours_later(operator: Actor, member: Actor) -> None:
    at = clock.now() - timedelta(hours=20)
    give(member.id, 10, at=at)

    (found,) = operator.get(TRANSACTIONS, to=(at + timedelta(seconds=1)).isoformat()).json()["results"]

    assert parse_datetime(found["created_at"]) == at


def test_a_reference_is_looked_for_among_one_members_transactions(operator: Actor, member: Actor) -> None:
    give(member.id, 10, reference="order-1", at=clock.now())

    answer = operator.get(TRANSACTIONS, reference="order-1")

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("member_id", "required")]
    assert len(operator.get(TRANSACTIONS, reference="order-1", member_id=str(member.id)).json()["results"]) == 1


def test_vouchers_that_nobody_took_are_not_listed(operator: Actor) -> None:
    make_campaign(codes=2)

    assert operator.get(VOUCHERS).json()["results"] == []
