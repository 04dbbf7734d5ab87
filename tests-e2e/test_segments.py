"""A programme knows its members, puts them in segments, and gives what its rules say of these."""

from uuid import uuid4

import pytest
from clients.api import ok, refused
from clients.ledger import purchase
from clients.points import POINTS
from clients.rules import rule, rule_set
from clients.segments import attributes_of, segments_of
from people import Merchant, Person, new_program

LOCAL = {"field": "member.attributes.city", "op": "eq", "value": "Köln"}
IN_ANY = {"field": "member.segments", "op": "has_any", "value": ["vip", "local"]}
pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture
def programme(operator: Person) -> str:
    """A programme that knows a member's city and birthday."""
    made = str(operator.points.make_programme(f"Segments {uuid4()}")["id"])
    operator.rules.say_types(made, attributes={"city": {"type": "text"}, "birthday": {"type": "date"}})
    return made


def test_rules_ask_what_a_programme_knows_and_the_explanation_shows_it(
    url: str, operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    segments = operator.segments
    segments.make(programme, "local", LOCAL)
    segments.make(programme, "vip")
    document = rule_set(rule("friends", {"kind": "fixed", "points": 30}, condition=IN_ANY))
    operator.rules.activate(programme, operator.rules.draft(programme, document)["version"])
    till = new_program(url, operator, merchant.id, scopes=["members:write"])

    said = till.segments.know(member.id, programme, city="Köln", birthday="1984-02-29")

    assert (said["version"], member.segments.known(member.id, programme=programme)) == (1, said)
    assert (segments.members(programme, "local"), segments.count(programme, "local")) == ([member.id], 1)
    bought = merchant.system.ledger.record(purchase(member.id, ("book", 1, 1_000), programme=programme))
    till.segments.know(member.id, programme)
    explained = ok(member.api.get(f"{POINTS}/transactions/{bought['transaction_id']}/explanation"))
    asked = explained["by_rules"]["rules"][0]["condition"]
    assert (bought["points"], asked["found"], explained["attributes_version"]) == (30, ["local"], None)
    again = merchant.system.ledger.record(purchase(member.id, ("book", 1, 1_000), programme=programme))
    assert (again["points"], segments.of_member(member.id, programme)) == (0, [])
    assert [one["attributes"] for one in segments.versions(member.id, programme=programme)] == [{}, said["attributes"]]


def test_a_list_changes_and_stays_while_rules_ask_for_it(
    operator: Person, member: Person, other_member: Person, programme: str
) -> None:
    segments, both = operator.segments, sorted([member.id, other_member.id])
    path = f"{segments_of(programme)}/vip"
    refused(operator.api.post(f"/api/v1/programmes/{programme}/rules", _asking()), 400, "rules.invalid")
    made = segments.make(programme, "vip")
    assert (made["kind"], segments.all(programme), segments.one(programme, "vip")) == ("list", [made], made)

    assert segments.change(programme, "vip", add=both) == {"added": 2, "removed": 0, "members": 2}

    assert segments.members(programme, "vip") == both
    assert segments.of_member(member.id, programme) == ["vip"]
    assert segments.change(programme, "vip", remove=both[:1])["members"] == segments.count(programme, "vip") == 1
    assert segments.replace(programme, "vip", name="Friends")["name"] == "Friends"
    draft = operator.rules.draft(programme, _asking()["document"])
    in_use = refused(operator.api.send("DELETE", path), 409, "segments.in_use")
    assert in_use["errors"] == [{"version": draft["version"], "rule_id": "friends"}]
    operator.rules.retire(programme, draft["version"])
    segments.delete(programme, "vip")
    refused(operator.api.get(path), 404, "segments.not_found")


def _asking() -> dict[str, object]:
    asked = {"field": "member.segments", "op": "has", "value": "vip"}
    return {"document": rule_set(rule("friends", {"kind": "fixed", "points": 30}, condition=asked))}


def test_what_is_wrong_is_told_where_it_is_and_who_may_not_says_nothing(
    url: str, operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    body = {"programme": programme, "attributes": {"city": 1, "town": "Köln"}}

    problem = refused(operator.api.send("PUT", attributes_of(member.id), json=body), 400, "attributes.invalid")

    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [
        ("/attributes/city", "wrong_value"),
        ("/attributes/town", "unknown_key"),
    ]
    for other in (member, merchant.system):
        refused(other.api.send("PUT", attributes_of(member.id), json={**body, "attributes": {}}), 403)
        refused(other.api.get(segments_of(programme)), 403)
    assert operator.segments.known(member.id, programme=programme)["version"] == 0
