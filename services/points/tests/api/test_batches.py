import json
from typing import Any

import pytest

from points.ledger.models import PendingPoints, Transaction
from shared.callers import Caller
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from shared.testing.texts import TEXTS, UNSEEN
from tests.factories import give, make_programme, points_of, prove

PATH = "/api/v1/points/batches"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def line(member_id: Any, points: Any, kind: str = "earn", **more: Any) -> dict[str, Any]:
    return {"key": str(new_id()), "kind": kind, "member_id": str(member_id), "points": points, "reason": "r"} | more


def results(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_posts_each_line_in_order_and_refuses_one_alone(operator: Any, member: Any) -> None:
    lines = [
        line(member.id, 100),
        line(member.id, 30, "redeem"),
        line(member.id, 71, "redeem"),
        line(member.id, -20, "adjust"),
    ]

    found = results(operator.post(PATH, {"postings": lines}))

    assert [(one["index"], one["status"]) for one in found] == [
        (0, "posted"),
        (1, "posted"),
        (2, "refused"),
        (3, "posted"),
    ]
    assert found[2]["transaction_id"] is None
    assert (found[2]["error"]["code"], found[2]["error"]["available"]) == ("points.insufficient", 70)
    assert points_of(member.id) == (50, 0)
    prove()


def test_a_line_whose_key_was_posted_before_is_repeated(operator: Any, member: Any) -> None:
    lines = [line(member.id, 100, key="a"), line(member.id, 5, key="b")]
    first = results(operator.post(PATH, {"postings": lines[:1]}))

    second = results(operator.post(PATH, {"postings": lines}))

    assert [one["status"] for one in second] == ["repeated", "posted"]
    assert second[0]["transaction_id"] == first[0]["transaction_id"]
    assert points_of(member.id) == (105, 0)


def test_a_key_with_another_posting_is_refused(operator: Any, member: Any) -> None:
    operator.post(PATH, {"postings": [line(member.id, 100, key="a")]})

    (found,) = results(operator.post(PATH, {"postings": [line(member.id, 101, key="a")]}))

    assert found["error"]["code"] == "points.key_reused"


def test_the_same_request_again_gives_the_same_answer(operator: Any, member: Any) -> None:
    body = {"postings": [line(member.id, 100)]}
    first = operator.post(PATH, body, key="k")

    with nothing_written():
        assert operator.post(PATH, body, key="k").content == first.content


@pytest.mark.parametrize(
    "change",
    [
        {"points": 0},
        {"points": -1},
        {"points": 10**12 + 1},
        {"points": 10**40},
        {"points": 1.0},
        {"points": "1"},
        {"points": True},
        {"points": None},
        {"kind": "steal"},
        {"key": ""},
        {"key": "x" * 256},
        {"key": "a\nb"},
        {"member_id": "x"},
        {"member_id": 5},
        {"reason": ""},
        {"reason": "x" * 201},
        {"reason": "\x00"},
        {"reason": "\ud800"},
        {"kind": "\ud800"},
        {"member_id": "\ud800"},
        {"points": "\ud800"},
        {"programme": "\ud800"},
        {"occurred_at": "\ud800"},
        {"reference": "\x00"},
        {"programme": "x"},
        {"occurred_at": "9999-01-01T00:00:00Z"},
        {"occurred_at": "2026-01-01T00:00:00"},
        {"expires_at": "2001-01-01T00:00:00Z"},
        {"surprise": 1},
    ],
)
def test_a_wrong_line_is_refused_and_the_others_are_posted(operator: Any, member: Any, change: dict[str, Any]) -> None:
    lines = [line(member.id, 5) | change, line(member.id, 7)]

    found = results(operator.post_raw(PATH, json.dumps({"postings": lines}).encode()))

    assert [(one["status"], (one["error"] or {}).get("code")) for one in found] == [
        ("refused", "request.invalid"),
        ("posted", None),
    ]
    assert points_of(member.id) == (7, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"occurred_at": "2026-01-01T00:00:00"},
        {"occurred_at": "2026-01-01T00:00:00+99:00"},
        {"occurred_at": "2999-01-01T00:00:00Z"},
        {"occurred_at": "1999-01-01T00:00:00Z"},
        {"expires_at": "soon"},
        {"expires_at": "2001-01-01T00:00:00Z"},
        {"expires_at": "2999-01-01T00:00:00Z"},
        {"activates": {"at": "2001-01-01T00:00:00Z"}},
        {"activates": {"on_event": "e", "deadline": "2001-01-01T00:00:00Z"}},
        {"activates": {"on_event": "a\x00b", "deadline": "2100-01-01T00:00:00Z"}},
        {"activates": {"on_event": "a\u200bb", "deadline": "2100-01-01T00:00:00Z"}},
        {"reference": "a\u00adb"},
        {"activates": {"at": "2026-12-31"}},
        {"activates": {"in_days": -1}},
        {"points": "1"},
        {"member_id": "x"},
        {"reason": "\x00"},
        {"surprise": 1},
    ],
)
def test_a_line_that_cannot_be_read_is_refused_in_the_words_of_a_single_request(
    operator: Any, member: Any, change: dict[str, Any]
) -> None:
    said = {"member_id": str(member.id), "points": 5, "reason": "r"} | change
    single = operator.post("/api/v1/points/earnings", said).json()

    (found,) = results(operator.post(PATH, {"postings": [said | {"key": "k", "kind": "earn"}]}))

    assert found["error"]["code"] == single["code"] == "request.invalid"
    assert found["error"]["errors"] == single["errors"]


def test_an_instant_without_seconds_is_taken_as_single_requests_take_it(operator: Any, member: Any) -> None:
    (found,) = results(operator.post(PATH, {"postings": [line(member.id, 5, occurred_at="2026-01-01T00:00Z")]}))

    assert (found["status"], points_of(member.id)) == ("posted", (5, 0))


def test_a_key_that_is_no_name_says_what_is_one(operator: Any, member: Any) -> None:
    found = results(operator.post(PATH, {"postings": [line(member.id, 5, key=key) for key in (" a", "\u00e9")]}))

    assert [one["error"]["errors"][0]["field"] for one in found] == ["key", "key"]
    assert all("Printable ASCII" in one["error"]["errors"][0]["detail"] for one in found)


@pytest.mark.parametrize("wrong", [5, None, "line", "\ud800", []])
def test_a_line_that_is_no_object_is_refused(operator: Any, member: Any, wrong: Any) -> None:
    found = results(operator.post_raw(PATH, json.dumps({"postings": [wrong, line(member.id, 7)]}).encode()))

    assert [one["status"] for one in found] == ["refused", "posted"]


def test_an_unknown_programme_refuses_its_line_alone(operator: Any, member: Any) -> None:
    lines = [line(member.id, 5, programme=str(new_id())), line(member.id, 7)]

    found = results(operator.post(PATH, {"postings": lines}))

    assert found[0]["error"]["code"] == "programmes.not_found"
    assert found[1]["status"] == "posted"


def test_each_kind_needs_its_own_scope(member: Any) -> None:
    give(member.id, 10)
    client = Actor(Caller(new_id(), frozenset({"points:earn"})))

    found = results(client.post(PATH, {"postings": [line(member.id, 5), line(member.id, 5, "redeem")]}))

    assert [(one["error"] or {}).get("code") for one in found] == [None, "auth.insufficient_scope"]


@pytest.mark.parametrize("body", [{}, {"postings": []}, {"postings": {}}, {"postings": [{}], "more": 1}, {"x": []}])
def test_a_batch_of_the_wrong_shape_is_refused(operator: Any, body: dict[str, Any]) -> None:
    with nothing_written():
        answer = operator.post(PATH, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


def test_more_than_ten_thousand_lines_are_refused(operator: Any, member: Any) -> None:
    with nothing_written():
        answer = operator.post(PATH, {"postings": [1] * 10_001})

    assert answer.status_code == 400


def test_the_number_of_statements_does_not_grow(operator: Any, django_assert_num_queries: Any) -> None:
    operator.post(PATH, {"postings": [line(new_id(), 5)]})
    counts = []
    for size in (2, 500):
        with django_assert_num_queries(4):
            operator.post(PATH, {"postings": [line(new_id(), 5) for _ in range(size)]})
        counts.append(Transaction.objects.count())

    assert counts == [3, 503]


def test_what_a_line_earns_may_wait(member: Any, operator: Any) -> None:
    line = {"kind": "earn", "member_id": str(member.id), "points": 5, "reason": "r"}
    waits = [
        {"in_days": 3},
        {"in_days": 0},
        {"at": "2026-04-01T00:00:00Z"},
        {"on_event": "delivered", "deadline": "2026-04-01T00:00:00Z"},
    ]
    postings = [line | {"key": str(number), "activates": wait} for number, wait in enumerate(waits)]

    answer = operator.post(PATH, {"postings": postings})

    assert [one["status"] for one in answer.json()["results"]] == ["posted"] * 4
    found = member.get("/api/v1/points/balance").json()
    assert (found["available"], found["pending"]) == (5, 15)
    prove()


@pytest.mark.parametrize(
    "change",
    [
        {"activates": {}},
        {"activates": {"in_days": -1}},
        {"activates": {"in_days": 3651}},
        {"activates": {"in_days": 3, "at": "2026-04-01T00:00:00Z"}},
        {"activates": {"at": "2026-03-01T00:00:00Z"}},
        {"activates": {"at": "2999-03-01T00:00:00Z"}},
        {"activates": {"on_event": "delivered"}},
        {"activates": {"on_event": "", "deadline": "2026-04-01T00:00:00Z"}},
        {"activates": {"surprise": 1}},
        {"activates": {"in_days": 3}, "kind": "redeem"},
        {"activates": {"in_days": 3}, "kind": "adjust"},
    ],
)
def test_a_line_whose_wait_is_none_is_refused(member: Any, operator: Any, change: dict[str, Any]) -> None:
    line = {"key": "k", "kind": "earn", "member_id": str(member.id), "points": 5, "reason": "r"} | change

    (result,) = operator.post(PATH, {"postings": [line]}).json()["results"]

    assert (result["status"], result["error"]["code"]) == ("refused", "request.invalid")


@pytest.mark.parametrize(
    "wrong",
    [
        *({"points": value} for value in ("5", 5.0, True)),
        *({"reason": f"a{char}b"} for char in ("\x00", "\n", "\x85", "\ud800", "\u0378")),
        *({"reference": f"a{char}b"} for char in ("\x00", "\x1b", "\ud800")),
        *({"reference": text} for text in UNSEEN),
        {"activates": {"on_event": "a\nb", "deadline": "2199-01-01T00:00:00Z"}},
        *({"expires_at": text} for text in ("2100-12-31", "2100-12-31T10:00:00", "21001231T100000Z", "2100-W01-1")),
        {"occurred_at": 1767225600},
    ],
    ids=ascii,
)
def test_nothing_of_a_line_is_taken_for_what_it_is_not(operator: Any, member: Any, wrong: dict[str, Any]) -> None:
    lines = [line(member.id, 5) | wrong]

    with nothing_written():
        [found] = results(operator.post_raw(PATH, json.dumps({"postings": lines}).encode()))

    assert (found["status"], found["error"]["code"]) == ("refused", "request.invalid")


def test_a_line_may_have_words_of_all_languages_and_a_uuid_in_capitals(operator: Any, member: Any) -> None:
    lines = [line(str(member.id).upper(), 5, reason=text) for text in TEXTS]

    assert [one["status"] for one in results(operator.post(PATH, {"postings": lines}))] == ["posted"] * len(TEXTS)
    assert points_of(member.id) == (5 * len(TEXTS), 0)


def test_the_ids_of_a_line_are_composed_as_those_of_a_single_request(operator: Any, member: Any) -> None:
    wait = {"on_event": "A\u030a", "deadline": "2100-01-01T00:00:00Z"}
    results(operator.post(PATH, {"postings": [line(member.id, 5, reference="A\u030a-1", activates=wait)]}))

    found = PendingPoints.objects.get()
    assert (found.reference, found.on_event) == ("\u00c5-1", "\u00c5")
