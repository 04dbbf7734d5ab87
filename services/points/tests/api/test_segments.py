"""Segments of a programme, over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from points.earning.rules import Type
from points.ledger.operations import merge_members
from points.segments.models import Segment, SegmentMember
from points.segments.tasks import purge
from shared.ids import new_id
from shared.testing.actors import Actor, path_of
from shared.testing.proofs import nothing_written
from tests.factories import AT, UNKNOWN_ID, make_programme
from tests.rule_factories import activate, draft, retire
from tests.rules.earning.factories import fixed, rule, rule_set
from tests.segment_factories import CITY, TYPES, know, make_segment, name_attributes

pytestmark = pytest.mark.django_db
VIP = {"field": "member.segments", "op": "has", "value": "vip"}
ANY = {"field": "member.segments", "op": "has_any", "value": ["vip", "staff"]}


@pytest.fixture(autouse=True)
def programme() -> Any:
    made = make_programme()
    name_attributes()
    return made


@pytest.fixture
def segments(programme: Any) -> str:
    return f"/api/v1/programmes/{programme.id}/segments"


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    return answer.json().get("errors")


def members(actor: Actor, path: str, **query: Any) -> list[str]:
    return [one["member_id"] for one in actor.get(f"{path}/members", **query).json()["results"]]


def asking(condition: dict[str, Any]) -> dict[str, Any]:
    return rule_set(rule("welcome", fixed(5)), rule("vips", fixed(100), condition=condition))


def test_a_list_has_whom_it_was_given(operator: Actor, segments: str, member: Actor, other_member: Actor) -> None:
    made = operator.post(segments, {"code": "vip", "name": "Best customers"})
    assert made.status_code == 201, made.content
    assert {name: made.json()[name] for name in ("code", "name", "kind", "condition", "created_by")} == {
        "code": "vip", "name": "Best customers", "kind": "list", "condition": None, "created_by": str(operator.id),
    }  # fmt: skip
    path, both = f"{segments}/vip", sorted([str(member.id), str(other_member.id)])

    assert operator.post(f"{path}/members", {"add": [*both, both[0]]}).json() == {
        "added": 2, "removed": 0, "members": 2,
    }  # fmt: skip
    assert operator.post(f"{path}/members", {"add": both}).json()["added"] == 0
    assert members(operator, path) == both
    first = operator.get(f"{path}/members", page_size=1).json()
    assert [one["member_id"] for one in operator.get(path_of(first["next"])).json()["results"]] == both[1:]
    assert operator.get(f"/api/v1/points/members/{member.id}/segments").json()["results"] == [
        {"code": "vip", "name": "Best customers", "kind": "list"}
    ]
    assert operator.post(f"{path}/members", {"remove": [both[0], str(UNKNOWN_ID)]}).json() == {
        "added": 0, "removed": 1, "members": 1,
    }  # fmt: skip
    assert (members(operator, path), operator.get(f"{path}/count").json()["members"]) == (both[1:], 1)


def test_a_condition_has_who_meets_it(operator: Actor, segments: str, member: Actor, other_member: Actor) -> None:
    know(member.id, city="Köln", children=2)
    know(other_member.id, children=2)
    made = operator.post(segments, {"code": "local", "name": "Local", "condition": CITY})
    assert (made.json()["kind"], made.json()["condition"]) == ("condition", CITY)
    path = f"{segments}/local"

    assert (members(operator, path), operator.get(f"{path}/count").json()["members"]) == ([str(member.id)], 1)
    stranger = {"not": CITY}
    changed = operator.put(path, {"name": "Strangers", "condition": stranger})
    assert (changed.json()["name"], changed.json()["condition"]) == ("Strangers", stranger)
    assert operator.get(path).json() == changed.json()
    assert members(operator, path) == [str(other_member.id)]
    assert operator.get(f"/api/v1/points/members/{member.id}/segments").json()["results"] == []
    # Of whom nothing was ever said meets no condition, not even that something is unknown.
    assert operator.get(f"/api/v1/points/members/{UNKNOWN_ID}/segments").json()["results"] == []


def test_a_merged_member_is_nobody_in_a_condition_and_another_on_a_list(
    operator: Actor, segments: str, member: Actor, other_member: Actor
) -> None:
    know(member.id, city="Köln")
    make_segment("local", CITY)
    make_segment("vip")
    merge_members(
        from_member_id=member.id, into_member_id=other_member.id, reason="same", actor_id=new_id(), at=AT
    )  # fmt: skip

    operator.post(f"{segments}/vip/members", {"add": [str(member.id)]})

    assert (members(operator, f"{segments}/local"), members(operator, f"{segments}/vip")) == (
        [],
        [str(other_member.id)],
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("condition", "pointer", "code"),
    [
        (VIP, "/condition/field", "unknown_field"),
        ({"field": "member.is_first_purchase", "op": "eq", "value": True}, "/condition/field", "unknown_field"),
        ({"field": "purchase.amount", "op": "gt", "value": 1}, "/condition/field", "field_not_here"),
        (
            {"all": [CITY, {"field": "member.attributes.citi", "op": "eq", "value": "x"}]},
            "/condition/all/1/field",
            "unknown_field",
        ),
        ({"any_line": CITY}, "/condition/any_line", "no_lines_here"),
        ({"field": "member.attributes.size", "op": "eq", "value": "xl"}, "/condition/value", "wrong_value"),
        ({}, "/condition", "no_node"),
    ],
)
def test_a_condition_that_is_none_is_told_where_it_is(
    operator: Actor, segments: str, condition: dict[str, Any], pointer: str, code: str
) -> None:
    make_segment("local", CITY)
    with nothing_written():
        made = operator.post(segments, {"code": "new", "name": "New", "condition": condition})
        changed = operator.put(f"{segments}/local", {"name": "Local", "condition": condition})
        errors = [refused(answer, 400, "segments.invalid") for answer in (made, changed)]

    assert [[(one["pointer"], one["code"]) for one in found] for found in errors] == [[(pointer, code)]] * 2


@pytest.mark.django_db(transaction=True)
def test_a_segment_that_is_there_is_not_made_again_nor_made_another(operator: Actor, segments: str) -> None:
    make_segment("vip")
    make_segment("local", CITY)
    with nothing_written():
        refused(operator.post(segments, {"code": "vip", "name": "More"}), 409, "segments.exists")
        refused(operator.put(f"{segments}/vip", {"name": "x", "condition": CITY}), 409, "segments.kind_fixed")
        refused(operator.put(f"{segments}/local", {"name": "x"}), 409, "segments.kind_fixed")
        refused(operator.post(f"{segments}/local/members", {"add": [str(UNKNOWN_ID)]}), 409, "segments.kind_fixed")
    assert [one["code"] for one in operator.get(segments).json()["results"]] == ["local", "vip"]


def test_there_are_a_hundred_segments_at_most(operator: Actor, segments: str) -> None:
    for number in range(100):
        make_segment(f"s{number}")
    with nothing_written():
        refused(operator.post(segments, {"code": "more", "name": "More"}), 409, "segments.too_many")


def everywhere(actor: Actor, path: str) -> Iterator[Any]:
    yield actor.get(path)
    yield actor.put(path, {"name": "x"})
    yield actor.delete(path)
    yield actor.get(f"{path}/members")
    yield actor.post(f"{path}/members", {"add": [str(UNKNOWN_ID)]})
    yield actor.get(f"{path}/count")


@pytest.mark.django_db(transaction=True)
def test_what_is_not_there_is_not_found(operator: Actor, segments: str) -> None:
    with nothing_written():
        for answer in everywhere(operator, f"{segments}/none"):
            refused(answer, 404, "segments.not_found")
        nowhere = f"/api/v1/programmes/{UNKNOWN_ID}/segments"
        for answer in [*everywhere(operator, f"{nowhere}/vip"), operator.get(nowhere)]:
            refused(answer, 404, "programmes.not_found")
        refused(operator.post(nowhere, {"code": "vip", "name": "x"}), 404, "programmes.not_found")
        other = operator.get(f"/api/v1/points/members/{UNKNOWN_ID}/segments", programme=str(UNKNOWN_ID))
        refused(other, 404, "programmes.not_found")


def test_neither_members_nor_merchants_see_segments(member: Actor, merchant: Actor, segments: str) -> None:
    make_segment("vip", None, member.id)
    with nothing_written():
        for actor in (member, merchant):
            answers = [*everywhere(actor, f"{segments}/vip"), actor.get(segments), actor.post(segments, {})]
            answers.append(actor.get(f"/api/v1/points/members/{member.id}/segments"))
            assert {answer.status_code for answer in answers} == {403}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"add": [], "remove": []},
        {"add": ["x"]},
        {"add": [str(UNKNOWN_ID)], "remove": [str(UNKNOWN_ID)]},
        {"add": 1},
    ],
)
def test_members_who_are_none_are_refused(operator: Actor, segments: str, said: Any) -> None:
    make_segment("vip")
    with nothing_written():
        refused(operator.post(f"{segments}/vip/members", said), 400, "request.invalid")
        refused(
            operator.post(f"{segments}/vip/members", {"add": [str(new_id()) for _ in range(1_001)]}),
            400, "request.invalid",
        )  # fmt: skip


@pytest.mark.parametrize("code", ["", "VIP", "-vip", "a b", "ü", "x" * 65])
def test_a_code_is_small_letters_and_digits(operator: Actor, segments: str, code: str) -> None:
    with nothing_written():
        refused(operator.post(segments, {"code": code, "name": "x"}), 400, "request.invalid")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("condition", [VIP, ANY, {"not": VIP}])
def test_a_rule_names_segments_that_there_are(
    operator: Actor, programme: Any, segments: str, condition: dict[str, Any]
) -> None:
    rules, document = f"/api/v1/programmes/{programme.id}/rules", asking(condition)
    make_segment("staff")
    kept = draft(programme)
    pointer = "/rules/1/condition/not/value" if "not" in condition else "/rules/1/condition/value"

    with nothing_written():
        for answer in (
            operator.post(rules, {"document": document}),
            operator.put(f"{rules}/{kept.version}", {"document": document}),
        ):
            errors = refused(answer, 400, "rules.invalid")
            assert [(one["pointer"], one["code"]) for one in errors] == [(pointer, "unknown_segment")]

    make_segment("vip")
    assert operator.put(f"{rules}/{kept.version}", {"document": document}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_segment_that_rules_ask_for_stays_until_they_are_retired(
    operator: Actor, programme: Any, segments: str, member: Actor
) -> None:
    make_segment("vip", None, member.id)
    make_segment("staff")
    used = draft(programme, asking(ANY))
    path = f"{segments}/vip"

    with nothing_written():
        assert refused(operator.delete(path), 409, "segments.in_use") == [{"version": 1, "rule_id": "vips"}]
    retire(activate(used), at=AT + timedelta(days=1))

    assert operator.delete(path).status_code == 204
    refused(operator.get(path), 404, "segments.not_found")
    assert operator.get(f"/api/v1/points/members/{member.id}/segments").json()["results"] == []
    assert operator.post(segments, {"code": "vip", "name": "Anew"}).status_code == 201
    assert (members(operator, path), purge(), SegmentMember.objects.count()) == ([], 1, 0)
    assert list(Segment.objects.values_list("code", flat=True).order_by("code")) == ["staff", "vip"]


@pytest.mark.django_db(transaction=True)
def test_a_schema_that_a_segment_asks_stays(operator: Actor, programme: Any) -> None:
    make_segment("local", {"all": [CITY]})
    schema = f"/api/v1/programmes/{programme.id}/rule-schema"
    with nothing_written():
        errors = refused(
            operator.put(schema, {"attributes": {"city": {"type": "integer"}}}), 409, "rules.schema_in_use"
        )
    assert [(one["segment"], one["pointer"], one["code"]) for one in errors] == [
        ("local", "/condition/all/0/value", "wrong_value")
    ]
    name_attributes({**TYPES, "city": Type.TEXT})
