from datetime import timedelta

import pytest

from identity.users.models import User
from shared import clock
from shared.ids import new_id
from shared.testing import roles
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/users"


def found(operator, **query):
    answer = operator.get(PATH, **query)
    assert answer.status_code == 200
    return [row["email"] for row in answer.json()["results"]]


@pytest.fixture
def three():
    make_user(email="ada@example.com", name="Ada Lovelace")
    make_user(email="grace@example.com", name="Grace Hopper", roles=("member", "analyst"))
    make_user(email="alan@example.org", name="Alan Turing", roles=("support",))


def test_lists_everybody_newest_first(operator, three):
    assert found(operator) == ["alan@example.org", "grace@example.com", "ada@example.com"]


def test_searches_by_the_beginning_of_the_address(operator, three):
    assert found(operator, search="A") == ["alan@example.org", "ada@example.com"]
    assert found(operator, search="ADA@ex") == ["ada@example.com"]


def test_searches_by_the_beginning_of_the_name(operator, three):
    assert found(operator, search="grace h") == ["grace@example.com"]
    assert found(operator, search="hopper") == []


@pytest.mark.parametrize("search", ["%", "_", "' OR 1=1 --", "\\"])
def test_a_search_has_no_magic_characters(operator, three, search):
    assert found(operator, search=search) == []


def test_filters_by_role(operator, three):
    assert found(operator, role="analyst") == ["grace@example.com"]
    assert found(operator, role="member", search="ada") == ["ada@example.com"]


@pytest.mark.parametrize("query", [{"role": "king"}, {"search": "a\x00"}, {"search": "x" * 300}, {"sort": "email"}])
def test_a_bad_query_is_refused(operator, query):
    answer = operator.get(PATH, **query)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


def test_pages_neither_lose_nor_repeat_anybody(operator):
    for number in range(7):
        make_user(email=f"m{number}@example.com")
    # All of one instant: the id decides.
    User.objects.update(created_at=clock.now() - timedelta(days=1))

    seen, path = [], f"{PATH}?page_size=3"
    while path:
        body = operator.get(path).json()
        seen += [row["email"] for row in body["results"]]
        path = body["next"]

    assert sorted(seen) == [f"m{number}@example.com" for number in range(7)]


def test_a_page_takes_as_many_statements_for_fifty_users_as_for_one(operator, django_assert_num_queries):
    make_user()
    operator.get(PATH)
    with django_assert_num_queries(2):
        operator.get(PATH)

    for _ in range(5):
        make_user()

    with django_assert_num_queries(2):
        operator.get(PATH)


def test_a_made_up_cursor_is_refused(operator, three):
    assert operator.get(PATH, cursor="nonsense").status_code == 400


def test_shows_one(operator, member_user):
    answer = operator.get(f"{PATH}/{member_user.id}")

    assert (answer.status_code, answer.json()["email"]) == (200, "member@example.com")


def test_an_unknown_user_is_not_found(operator):
    assert operator.get(f"{PATH}/{new_id()}").status_code == 404
    assert operator.get(f"{PATH}/{roles.MEMBER.id}0").status_code == 404
