import pytest

from shared.ids import new_id
from shared.testing.actors import Actor
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/audit"


def events(operator: Actor, **query: str):
    return [line["event"] for line in operator.get(PATH, **query).json()["results"]]


@pytest.fixture
def some_lines(operator, member_user, other_user):
    signed_in(member_user)
    signed_in(other_user)
    operator.post(f"/api/v1/auth/users/{member_user.id}/roles", {"role": "analyst"})


def test_lists_who_did_what_newest_first(operator, member_user, some_lines):
    answer = operator.get(PATH)

    assert events(operator) == ["role.granted", "session.opened", "session.opened"]
    line = answer.json()["results"][0]
    assert (line["actor_id"], line["subject_id"], line["details"]) == (
        str(operator.id),
        str(member_user.id),
        {"role": "analyst"},
    )
    assert (line["address"], line["request_id"]) != (None, "")


def test_filters_by_event_actor_and_subject(operator, member_user, some_lines):
    assert events(operator, event="role.granted") == ["role.granted"]
    assert events(operator, actor_id=str(operator.id)) == ["role.granted"]
    assert events(operator, subject_id=str(member_user.id)) == ["role.granted", "session.opened"]
    assert events(operator, subject_id=str(new_id())) == []


def test_pages_through_the_lines(operator, some_lines):
    first = operator.get(PATH, page_size="2").json()
    second = operator.get(first["next"]).json()

    assert [len(first["results"]), len(second["results"])] == [2, 1]


@pytest.mark.parametrize("query", [{"event": "DROP"}, {"actor_id": "x"}, {"subject_id": ""}, {"who": "me"}])
def test_a_bad_query_is_refused(operator, query):
    assert operator.get(PATH, **query).status_code == 400


def test_nobody_adds_a_line(operator):
    assert operator.post(PATH, {"event": "x"}).status_code == 405
