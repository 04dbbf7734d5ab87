from typing import Any

import pytest

from shared.contracts.points import ProgrammeChanged
from shared.ids import new_id
from shared.testing.messages import published
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
    # One order of members, whatever process answers; and nothing of who changed it.
    assert list(programme)[:4] == ["id", "name", "currency", "timezone"]
    assert not {"limit_raised_by", "limit_before"} & programme.keys()
    assert [message.name for message in published(ProgrammeChanged)] == ["Plaza"]


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
    assert changed.json() == made | {"name": "Piazza", "lot_days": None, "expiry": {"kind": "never"}}
    assert [message.name for message in published(ProgrammeChanged)] == ["Plaza", "Piazza"]


MONTHS = {"kind": "rolling", "count": 12, "unit": "month", "round_to": "quarter"}
DAYS = {"kind": "rolling", "count": 30, "unit": "day", "round_to": "day"}
NEVER = {"kind": "never"}


@pytest.mark.parametrize(
    ("said", "lot_days", "expiry"),
    [
        ({}, None, NEVER),
        ({"lot_days": 30}, 30, DAYS),
        ({"expiry": {"kind": "rolling", "count": 30, "unit": "day"}}, 30, DAYS),
        ({"lot_days": 30, "expiry": DAYS}, 30, DAYS),
        ({"expiry": NEVER}, None, NEVER),
        ({"expiry": MONTHS}, None, MONTHS),
        ({"lot_days": None, "expiry": MONTHS}, None, MONTHS),
        (
            {"expiry": {"kind": "dates", "dates": ["12-31"]}},
            None,
            {"kind": "dates", "dates": ["12-31"], "min_months": 0},
        ),
        (
            {"expiry": {"kind": "sliding", "count": 1, "unit": "year"}},
            None,
            {"kind": "sliding", "count": 1, "unit": "year", "round_to": "day", "activities": ["earned", "redeemed"]},
        ),
    ],
)
def test_days_are_short_for_a_policy_and_both_are_answered(
    operator: Any, said: dict[str, Any], lot_days: int | None, expiry: dict[str, Any]
) -> None:
    new = {name: value for name, value in NEW.items() if name != "lot_days"}
    made = operator.post(PATH, new | said).json()
    other = operator.post(PATH, NEW).json()
    changed = operator.patch(f"{PATH}/{other['id']}", said or {"lot_days": None}).json()

    for found in (made, changed, operator.get(f"{PATH}/{made['id']}").json(), operator.get(PATH).json()["results"][0]):
        assert (found["lot_days"], found["expiry"]) == (lot_days, expiry)
    # What was answered can be sent back as it is.
    same = {"lot_days": made["lot_days"], "expiry": made["expiry"]}
    assert operator.patch(f"{PATH}/{made['id']}", same).json() == made


def test_days_replace_a_policy_and_a_policy_days(operator: Any) -> None:
    path = f"{PATH}/{operator.post(PATH, NEW | {'lot_days': 30}).json()['id']}"

    assert operator.patch(path, {"expiry": MONTHS}).json()["lot_days"] is None
    assert operator.patch(path, {"lot_days": 30}).json()["expiry"] == DAYS


def test_grace_and_notices_are_changed(operator: Any) -> None:
    made = operator.post(PATH, NEW | {"grace_days": 14, "notice_days": [7, 30, 7]}).json()
    assert (made["grace_days"], made["notice_days"]) == (14, [30, 7])

    changed = operator.patch(f"{PATH}/{made['id']}", {"grace_days": 0, "notice_days": []}).json()

    assert (changed["grace_days"], changed["notice_days"]) == (0, [])


def test_a_policy_with_a_member_that_it_has_not_is_told_what_is_expected(operator: Any) -> None:
    wrong = {"kind": "rolling", "months": 12}

    (error,) = operator.post(PATH, NEW | {"expiry": wrong}).json()["errors"]

    assert (error["field"], error["code"]) == ("expiry", "invalid")
    assert error["detail"].startswith("A `rolling` policy has a `count`")


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
        {"lot_days": 30, "expiry": MONTHS},
        {"lot_days": 30, "expiry": NEVER},
        {"expiry": None},
        {"expiry": {"kind": "rolling", "count": 0, "unit": "day"}},
        {"expiry": {"kind": "rolling", "count": 1, "unit": "day", "surprise": 1}},
        {"expiry": "never"},
        {"grace_days": -1},
        {"grace_days": 91},
        {"grace_days": None},
        {"notice_days": [0]},
        {"notice_days": [367]},
        {"notice_days": [True]},
        {"notice_days": [1, 2, 3, 4, 5, 6]},
        {"notice_days": "7"},
        {"notice_days": None},
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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("closed_first", [True, False])
def test_a_closed_programme_cannot_become_the_default(operator: Any, closed_first: bool) -> None:
    first, second = operator.post(PATH, NEW).json(), operator.post(PATH, NEW).json()
    path, changes = f"{PATH}/{second['id']}", {"is_default": True}
    if closed_first:
        operator.patch(path, {"status": "closed"})
    else:
        changes["status"] = "closed"

    with nothing_written():
        answer = operator.patch(path, changes)

    assert (answer.status_code, answer.json()["code"]) == (409, "programmes.default_closed")
    assert [operator.get(f"{PATH}/{one['id']}").json()["is_default"] for one in (first, second)] == [True, False]


def test_a_closed_programme_that_opens_again_can_become_the_default(operator: Any) -> None:
    operator.post(PATH, NEW)
    second = operator.post(PATH, NEW).json()
    operator.patch(f"{PATH}/{second['id']}", {"status": "closed"})

    answer = operator.patch(f"{PATH}/{second['id']}", {"status": "active", "is_default": True})

    assert (answer.status_code, answer.json()["is_default"]) == (200, True)


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory", "EST5EDT", "US/Eastern", "Etc/GMT+5"])
def test_a_zone_that_depends_on_the_host_or_is_no_area_is_refused(operator: Any, name: str) -> None:
    with nothing_written():
        answer = operator.post(PATH, NEW | {"timezone": name})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown")
