from typing import Any

import pytest

from shared.contracts.points import ProgrammeChanged
from shared.ids import new_id
from shared.testing.actors import anonymous
from shared.testing.messages import told
from shared.testing.proofs import nothing_written

PATH = "/api/v1/programmes"
NEW = {"name": "Plaza", "currency": "EUR", "timezone": "Europe/Berlin", "lot_days": 365}
pytestmark = pytest.mark.django_db


def test_operator_makes_the_default_programme_and_everybody_reads_it(operator: Any, member: Any) -> None:
    made = operator.post(PATH, NEW)

    assert made.status_code == 201, made.content
    programme = made.json()
    assert (programme["earn_points"], programme["earn_amount"], programme["is_default"]) == (1, 100, True)
    assert member.get(f"{PATH}/{programme['id']}").json() == programme
    assert member.get(PATH).json()["results"] == [programme]
    assert [message.name for message in told(ProgrammeChanged)] == ["Plaza"]


def test_the_same_key_makes_one(operator: Any) -> None:
    first = operator.post(PATH, NEW, key="k")

    with nothing_written():
        assert operator.post(PATH, NEW, key="k").content == first.content


def test_the_second_is_not_the_default_until_it_is_made_so(operator: Any) -> None:
    first, second = operator.post(PATH, NEW).json(), operator.post(PATH, NEW).json()
    assert second["is_default"] is False

    changed = operator.patch(f"{PATH}/{second['id']}", {"is_default": True}).json()

    assert changed["is_default"] is True
    assert operator.get(f"{PATH}/{first['id']}").json()["is_default"] is False


def test_operator_changes_what_a_programme_says(operator: Any) -> None:
    made = operator.post(PATH, NEW).json()

    changed = operator.patch(f"{PATH}/{made['id']}", {"name": "Piazza", "lot_days": None})

    assert changed.status_code == 200
    assert changed.json() == made | {"name": "Piazza", "lot_days": None}
    assert [message.name for message in told(ProgrammeChanged)] == ["Plaza", "Piazza"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "\x00"},
        {"currency": "XXX"},
        {"currency": "eur"},
        {"timezone": "Mars/Olympus"},
        {"timezone": "../../etc/passwd"},
        {"lot_days": 0},
        {"lot_days": -1},
        {"lot_days": 1.5},
        {"lot_days": 10**9},
        {"earn_points": 0},
        {"earn_amount": 0},
        {"value_points": -1},
        {"value_amount": "1"},
        {"rounding": "up"},
        {"surprise": True},
    ],
)
def test_wrong_fields_are_refused(operator: Any, change: dict[str, Any]) -> None:
    made = operator.post(PATH, NEW).json()

    with nothing_written():
        answers = [operator.post(PATH, NEW | change), operator.patch(f"{PATH}/{made['id']}", change)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "request.invalid")] * 2


def test_nothing_to_change_is_refused(operator: Any) -> None:
    made = operator.post(PATH, NEW).json()

    assert operator.patch(f"{PATH}/{made['id']}", {}).status_code == 400


def test_an_unknown_programme_is_not_found(operator: Any) -> None:
    path = f"{PATH}/{new_id()}"

    assert operator.get(path).json()["code"] == "programmes.not_found"
    assert operator.patch(path, {"name": "x"}).json()["code"] == "programmes.not_found"


def test_members_cannot_make_or_change_programmes(operator: Any, member: Any) -> None:
    made = operator.post(PATH, NEW).json()

    with nothing_written():
        answers = [member.post(PATH, NEW), member.patch(f"{PATH}/{made['id']}", {"name": "mine"})]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_nothing_is_read_without_a_token() -> None:
    assert anonymous().get(PATH).status_code == 401
