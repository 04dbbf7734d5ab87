from datetime import timedelta

import pytest

from shared import clock
from shared.idempotency.models import IdempotencyRecord
from shared.idempotency.purge import purge_records
from shared.testing.proofs import nothing_written, race
from tests.project.notes.models import Note
from tests.project.views import PhasedNotesView

pytestmark = pytest.mark.django_db


def test_a_repeat_has_no_effect_and_the_same_answer_byte_for_byte(member):
    first = member.post("/notes", {"text": "once"}, key="k-1")
    again = member.post("/notes", {"text": "once"}, key="k-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Note.objects.count() == 1


def test_the_same_body_in_another_order_is_the_same_request(member):
    first = member.post("/notes", {"text": "a", "points": 5}, key="k-1")
    again = member.post("/notes", {"points": 5, "text": "a"}, key="k-1")

    assert again.content == first.content


def test_a_key_in_quotes_is_the_same_key(member):
    member.post("/notes", {"text": "a"}, key="k-1")

    assert member.post("/notes", {"text": "a"}, key='"k-1"')["Idempotent-Replayed"] == "true"


def test_the_key_with_another_body_is_refused(member):
    member.post("/notes", {"text": "once"}, key="k-1")

    with nothing_written():
        response = member.post("/notes", {"text": "twice"}, key="k-1")

    assert (response.status_code, response.json()["code"]) == (422, "idempotency.key_reused")


def test_the_key_on_another_path_is_refused(member):
    member.post("/notes", {"text": "once"}, key="k-1")

    assert member.post("/phased", {"text": "once"}, key="k-1").status_code == 422


def test_another_caller_may_use_the_same_key(member, other_member):
    member.post("/notes", {"text": "once"}, key="k-1")

    assert other_member.post("/notes", {"text": "other"}, key="k-1").json()["text"] == "other"


def test_a_missing_key_is_refused(member):
    with nothing_written():
        response = member.post("/notes", {"text": "a"}, key=None)

    assert (response.status_code, response.json()["code"]) == (400, "idempotency.key_required")


@pytest.mark.parametrize("key", ["k" * 256, "tab\there", "ümlaut", " leading"])
def test_a_key_of_another_form_is_refused(member, key):
    with nothing_written():
        response = member.post("/notes", {"text": "a"}, key=key)

    assert (response.status_code, response.json()["code"]) == (400, "idempotency.key_invalid")


def test_a_refusal_stays_the_answer_to_its_key(member):
    with nothing_written():
        first = member.post("/notes", {"text": "forbidden"}, key="k-1")
        again = member.post("/notes", {"text": "forbidden"}, key="k-1")

    assert (first.status_code, first.json()["code"]) == (409, "tests.text_forbidden")
    assert again.content == first.content
    assert again["Content-Type"] == "application/problem+json"
    assert again["Idempotent-Replayed"] == "true"


def test_a_passing_refusal_is_not_kept(member):
    first = member.post("/notes", {"text": "unavailable"}, key="k-1")
    again = member.post("/notes", {"text": "unavailable"}, key="k-1")

    assert (first.status_code, first["Retry-After"]) == (503, "1")
    assert "Idempotent-Replayed" not in again
    assert IdempotencyRecord.objects.count() == 0


def test_a_defect_is_not_kept(member):
    member.post("/notes", {"text": "defect"}, key="k-1")

    assert IdempotencyRecord.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_have_one_effect_and_equal_answers(member):
    responses = race(50, lambda _: member.post("/notes", {"text": "race"}, key="k-1"))

    assert Note.objects.count() == 1
    answers = {response.content for response in responses if response.status_code == 201}
    others = {response.json()["code"] for response in responses if response.status_code != 201}
    assert len(answers) == 1
    assert others <= {"idempotency.in_progress"}


def test_in_phases_a_repeat_gets_the_same_answer(member):
    first = member.post("/phased", {"text": "p"}, key="k-1")
    again = member.post("/phased", {"text": "p"}, key="k-1")

    assert first.status_code == 201
    assert again.content == first.content
    assert Note.objects.count() == 1


def test_in_phases_a_repeat_waits_while_the_lease_runs(member):
    PhasedNotesView.fails_next = 1
    assert member.post("/phased", {"text": "p"}, key="k-1").status_code == 500

    response = member.post("/phased", {"text": "p"}, key="k-1")

    assert (response.status_code, response.json()["code"]) == (409, "idempotency.in_progress")


def test_in_phases_a_repeat_after_the_lease_goes_on_and_begins_nothing_anew(member):
    PhasedNotesView.fails_next = 1
    member.post("/phased", {"text": "p"}, key="k-1")
    IdempotencyRecord.objects.update(locked_until=clock.machine_now() - timedelta(seconds=1))

    response = member.post("/phased", {"text": "p"}, key="k-1")

    assert response.status_code == 201
    assert Note.objects.count() == 1


def test_in_phases_a_resumed_key_must_bring_the_same_body(member):
    PhasedNotesView.fails_next = 1
    member.post("/phased", {"text": "p"}, key="k-1")
    IdempotencyRecord.objects.update(locked_until=clock.machine_now() - timedelta(seconds=1))

    assert member.post("/phased", {"text": "q"}, key="k-1").status_code == 422


def test_records_older_than_a_week_are_purged(member):
    member.post("/notes", {"text": "old"}, key="old")
    IdempotencyRecord.objects.update(created_at=clock.machine_now() - timedelta(days=8))
    member.post("/notes", {"text": "new"}, key="new")

    assert purge_records(at=clock.machine_now()) == 1
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["new"]
