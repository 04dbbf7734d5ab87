"""What programmes know of members, over HTTP."""

from typing import Any
from uuid import UUID

import pytest

from points.earning.rules import Type
from points.ledger.operations import merge_members
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared.callers import Caller
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from shared.testing.roles import MERCHANT_ID
from tests.factories import AT, UNKNOWN_ID, make_programme
from tests.segment_factories import TYPES, know, name_attributes

pytestmark = pytest.mark.django_db
SAID = {
    "size": "m",
    "birthday": "1984-02-29",
    "children": 0,
    "city": "Köln",
    "newsletter": False,
    "seen": "2026-01-31T18:00:00Z",
    "tags": ["a", "b"],
}


@pytest.fixture(autouse=True)
def programme() -> Any:
    made = make_programme()
    name_attributes()
    return made


@pytest.fixture
def till() -> Actor:
    """A program of the merchant."""
    return Actor(Caller(new_id(), frozenset({"members:write"}), ("service",), MERCHANT_ID))


def path(member_id: object) -> str:
    return f"/api/v1/points/members/{member_id}/attributes"


def put(actor: Actor, member_id: object, attributes: Any, **more: Any) -> Any:
    return actor.put(path(member_id), {"attributes": attributes} | more)


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    return answer.json().get("errors")


def test_what_is_said_of_a_member_is_all_that_is_known(operator: Actor, member: Actor, programme: Any) -> None:
    assert member.get(path(member.id)).json() == {
        "member_id": str(member.id), "programme": str(programme.id), "version": 0, "attributes": {}, "unfit": [],
        "changed_at": None, "changed_by": None,
    }  # fmt: skip

    answer = put(operator, member.id, SAID)

    assert answer.status_code == 200, answer.content
    assert (answer.json()["version"], answer.json()["attributes"]) == (1, SAID)
    assert answer.json()["changed_by"] == str(operator.id)
    assert member.get(path(member.id)).json() == answer.json()
    assert answer["Cache-Control"] == "no-store"
    assert put(operator, member.id, {"city": "Bonn"}).json()["attributes"] == {"city": "Bonn"}


def test_the_same_again_changes_nothing_and_each_change_is_told_for_ever(operator: Actor, member: Actor) -> None:
    put(operator, member.id, {"city": "Köln"})
    with nothing_written():
        assert put(operator, member.id, {"city": "Köln"}).json()["version"] == 1
    put(operator, member.id, {})

    found = member.get(f"{path(member.id)}/versions").json()

    assert [(one["version"], one["attributes"], one["changed_by"]) for one in found["results"]] == [
        (2, {}, str(operator.id)),
        (1, {"city": "Köln"}, str(operator.id)),
    ]


@pytest.mark.parametrize(
    ("attributes", "faults"),
    [
        ({"Size": "m"}, [("/attributes/Size", "unknown_key")]),
        ({"a/b~": 1}, [("/attributes/a~1b~0", "unknown_key")]),
        ({"size": "xl"}, [("/attributes/size", "wrong_value")]),
        ({"children": "2"}, [("/attributes/children", "wrong_value")]),
        ({"children": True}, [("/attributes/children", "wrong_value")]),
        ({"children": 2.0}, [("/attributes/children", "wrong_value")]),
        ({"children": 2**63}, [("/attributes/children", "wrong_value")]),
        ({"birthday": "1985-02-29"}, [("/attributes/birthday", "wrong_value")]),
        ({"birthday": "1899-12-31"}, [("/attributes/birthday", "wrong_value")]),
        ({"seen": "2026-01-31T18:00:00"}, [("/attributes/seen", "wrong_value")]),
        ({"city": None}, [("/attributes/city", "wrong_value")]),
        ({"city": ""}, [("/attributes/city", "wrong_value")]),
        (
            {"tags": ["a", 1], "newsletter": 0},
            [(f"/attributes/{key}", "wrong_value") for key in ("tags", "newsletter")],
        ),
    ],
)
def test_what_is_unknown_or_of_another_type_is_told_where_it_is(
    operator: Actor, member: Actor, attributes: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    with nothing_written():
        errors = refused(put(operator, member.id, attributes), 400, "attributes.invalid")

    assert [(one["pointer"], one["code"]) for one in errors] == faults


def test_a_value_that_the_schema_takes_no_more_counts_as_missing(operator: Actor, member: Actor) -> None:
    put(operator, member.id, SAID)
    types = TYPES | {"size": ("s", "l"), "birthday": Type.TEXT, "city": ("Bonn", "Köln"), "children": Type.DATE}
    del types["tags"]

    name_attributes(types)

    found = member.get(path(member.id)).json()
    assert found["attributes"] == {"city": "Köln", "newsletter": False, "seen": "2026-01-31T18:00:00Z"}
    assert found["unfit"] == [
        {"key": "birthday", "code": "other_type"},
        {"key": "children", "code": "other_type"},
        {"key": "size", "code": "other_values"},
        {"key": "tags", "code": "unknown_key"},
    ]
    name_attributes()
    assert member.get(path(member.id)).json()["attributes"] == SAID


def test_members_read_their_own_and_say_nothing(member: Actor, other_member: Actor, merchant: Actor) -> None:
    know(member.id, city="Köln")

    for asked in (path(member.id), f"{path(member.id)}/versions"):
        refused(other_member.get(asked), 404, "not_found")
        assert merchant.get(asked).status_code == 403
    with nothing_written():
        assert put(member, member.id, {}).status_code == 403
        assert put(merchant, member.id, {}).status_code == 403


def test_a_merchants_program_speaks_in_programmes_that_list_it(till: Actor, member: Actor) -> None:
    assert put(till, member.id, {"city": "Köln"}).json()["changed_by"] == str(till.id)
    change_programme(default_programme().id, changes={"merchants": [new_id()]}, actor_id=new_id(), at=AT)

    with nothing_written():
        refused(put(till, member.id, {}), 409, "programmes.merchant_not_listed")
        for asked in (path(member.id), f"{path(member.id)}/versions"):
            refused(till.get(asked), 409, "programmes.merchant_not_listed")


def test_of_whom_and_where_there_is_nothing_nothing_is_said(operator: Actor, member: Actor) -> None:
    change_programme(default_programme().id, changes={"unknown_members": "refuse"}, actor_id=new_id(), at=AT)
    with nothing_written():
        refused(put(operator, UNKNOWN_ID, {}), 409, "members.unknown")
        for answer in (
            put(operator, member.id, {}, programme=str(UNKNOWN_ID)),
            operator.get(path(member.id), programme=str(UNKNOWN_ID)),
            operator.get(f"{path(member.id)}/versions", programme=str(UNKNOWN_ID)),
        ):
            refused(answer, 404, "programmes.not_found")


def test_who_was_merged_is_another_member_now(operator: Actor, member: Actor, other_member: Actor) -> None:
    know(member.id, city="Köln")
    merge(member.id, other_member.id)

    with nothing_written():
        refused(put(operator, member.id, {}), 409, "points.member_merged")
    assert operator.get(path(other_member.id)).json()["attributes"] == {}


def merge(from_id: UUID, into_id: UUID) -> None:
    merge_members(from_member_id=from_id, into_member_id=into_id, reason="same", actor_id=new_id(), at=AT)
