"""Replies whose numbers only the server knows."""

from operator import add, ge, gt, le, lt, mul, neg, sub
from typing import Any

import msgspec
import pytest
from django.db import DatabaseError, transaction

from shared.db import execute
from shared.idempotency.models import IdempotencyRecord
from shared.postgres.optimistic import OptimisticConflict, attempt, conflicts, is_open
from shared.postgres.render import NUMBERS, ROWS, has_placeholders, in_json
from shared.testing.proofs import nothing_written, race
from tests.project.notes.models import Note

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("is_part", [True, False], ids=["of another transaction", "by itself"])
def test_the_reply_that_is_kept_is_the_one_that_was_given(request: Any, is_part: bool) -> None:
    request.getfixturevalue("db" if is_part else "transactional_db")
    member = request.getfixturevalue("member")
    member.post("/optimistic", {"text": "a \u200d 'quote' \\ %s ü"}, key="k-1")

    given = member.post("/optimistic", {"text": "a \u200d 'quote' \\ %s ü"}, key="k-2")
    again = member.post("/optimistic", {"text": "a \u200d 'quote' \\ %s ü"}, key="k-2")

    assert (given.status_code, given.json()["notes"], given.json()["seven"]) == (201, 2, 7)
    assert given.json()["text"] == "a \u200d 'quote' \\ %s ü"
    assert again.content == given.content
    assert again["Idempotent-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_each_of_many_at_once_gets_numbers_of_its_own(member: Any) -> None:
    answers = race(8, lambda n: member.post("/optimistic", {"text": f"text {n}"}, key=f"k-{n}"))

    assert [answer.json()["text"] for answer in answers] == [f"text {n}" for n in range(8)]
    kept = {bytes(one.body) for one in IdempotencyRecord.objects.all()}
    assert {answer.content for answer in answers} == kept
    assert Note.objects.count() == 8


@pytest.mark.parametrize("is_part", [True, False], ids=["of another transaction", "by itself"])
def test_a_conflict_is_followed_by_a_run_that_reads_first(request: Any, is_part: bool) -> None:
    request.getfixturevalue("db" if is_part else "transactional_db")
    member = request.getfixturevalue("member")

    before = conflicts()

    given = member.post("/optimistic", {"text": "first"}, key="k-1")
    again = member.post("/optimistic", {"text": "first"}, key="k-1")
    after = member.post("/optimistic", {"text": "second"}, key="k-2")

    assert given.json() == {"id": Note.objects.earliest("id").pk, "text": "first", "notes": 1}
    assert again.content == given.content
    assert (Note.objects.count(), after.json()["notes"]) == (2, 2)
    assert conflicts() == before + 1


@pytest.mark.django_db(transaction=True)
def test_what_was_asked_and_read_before_the_commit_is_not_answered_later(member: Any) -> None:
    with transaction.atomic():
        member.post("/optimistic", {"text": "one"}, key="k-1")
    with transaction.atomic():
        given = member.post("/optimistic", {"text": "two"}, key="k-2")

    assert given.json()["notes"] == 2


def test_an_attempt_that_is_refused_keeps_its_refusal(member: Any) -> None:
    with nothing_written():
        first = member.post("/optimistic", {"text": "forbidden"}, key="k-1")
        again = member.post("/optimistic", {"text": "forbidden"}, key="k-1")

    assert (first.status_code, first.json()["code"]) == (409, "tests.text_forbidden")
    assert again.content == first.content


def test_no_other_error_is_a_conflict() -> None:
    with pytest.raises(DatabaseError), attempt():
        execute("SELECT 1 / 0")


def test_a_conflict_says_so() -> None:
    with pytest.raises(OptimisticConflict), attempt():
        execute("SELECT tests_conflict()")


@pytest.mark.parametrize("reckon", [add, sub, mul, lt, le, gt, ge])
def test_a_placeholder_refuses_arithmetic(reckon: Any) -> None:
    with pytest.raises(TypeError):
        reckon(NUMBERS[0], 1)
    with pytest.raises(TypeError):
        reckon(1, NUMBERS[0])


@pytest.mark.parametrize("reckon", [neg, abs, bool, sum])
def test_a_placeholder_is_no_number_of_ours(reckon: Any) -> None:
    with pytest.raises(TypeError):
        reckon([NUMBERS[0]] if reckon is sum else NUMBERS[0])


def test_no_text_of_a_caller_is_taken_for_a_placeholder() -> None:
    assert not has_placeholders(msgspec.json.encode({"\x01": "\x01\x02\x03", "n": "\\u0001"}).decode())


@pytest.mark.parametrize("placeholder", [*NUMBERS, ROWS], ids=["number", "other number", "list"])
def test_a_placeholder_in_json_is_found(placeholder: Any) -> None:
    assert has_placeholders(msgspec.json.encode({"n": in_json(placeholder)}).decode())


@pytest.mark.parametrize("look", [list, len, bool, lambda rows: rows[0], lambda rows: 1 in rows, lambda rows: (*rows,)])
def test_nobody_looks_into_a_list_that_is_a_placeholder(look: Any) -> None:
    with pytest.raises(TypeError, match="only the server knows"):
        look(ROWS)


def test_what_is_neither_json_nor_a_placeholder_is_refused() -> None:
    with pytest.raises(NotImplementedError):
        msgspec.json.encode(object(), enc_hook=in_json)


def test_a_run_after_a_conflict_is_no_attempt(member: Any) -> None:
    """The view asks for a conflict wherever an attempt is open, so a second attempt would be one too."""
    given = member.post("/optimistic", {"text": "first"}, key="k-1")

    assert given.status_code == 201
    assert not is_open()


def test_conflicts_are_counted_for_whoever_watches(member: Any) -> None:
    before = conflicts()
    member.post("/optimistic", {"text": "first"}, key="k-1")

    assert f"optimistic_conflicts_total {before + 1}.0" in member.get("/metrics").content.decode()
