"""What operations declare that they refuse, and what the tests hold against it."""

from dataclasses import replace

import pytest

from shared.errors import NotFound
from shared.http.refusals import own_refusals, refusals_by_status
from shared.testing import refusals
from shared.testing.actors import anonymous
from tests.project.views import NotesView, PublicView, TextForbidden

pytestmark = pytest.mark.django_db


def codes(view, method, path="/notes"):
    return {status: sorted(titles) for status, titles in refusals_by_status(view, method, path).items()}


def test_an_operation_that_moves_value_has_every_door_and_its_own_refusal():
    assert codes(NotesView, "POST") == {
        400: ["idempotency.key_invalid", "idempotency.key_required", "request.invalid", "request.malformed"],
        401: ["auth.invalid_token", "auth.required"],
        403: ["auth.insufficient_scope"],
        406: ["request.not_acceptable"],
        409: ["idempotency.in_progress", "tests.text_forbidden"],
        413: ["gateway.too_large", "request.too_large"],
        415: ["request.unsupported_media_type"],
        422: ["idempotency.key_reused"],
        429: ["gateway.rate_limited", "gateway.too_many_connections"],
        502: ["gateway.upstream_unavailable"],
        503: ["auth.keys_unavailable", "gateway.overloaded", "service.unavailable"],
        504: ["gateway.timeout"],
    }
    assert own_refusals(NotesView, "POST") == {TextForbidden}


def test_a_public_read_without_parameters_has_few():
    assert codes(PublicView, "GET") == {
        401: ["auth.invalid_token"],
        406: ["request.not_acceptable"],
        429: ["gateway.rate_limited", "gateway.too_many_connections"],
        502: ["gateway.upstream_unavailable"],
        503: ["auth.keys_unavailable", "gateway.overloaded", "service.unavailable"],
        504: ["gateway.timeout"],
    }


def test_an_id_in_the_path_may_be_none_and_any_other_text_is_what_it_is():
    assert codes(PublicView, "GET", "/notes/{note_id}/lines")[404] == ["not_found"]
    assert 404 not in codes(PublicView, "GET", "/notes/{code}")


def test_what_an_operation_looks_up_itself_stays_its_own_beside_the_id_in_its_path(monkeypatch):
    monkeypatch.setattr(NotesView.post, "operation", replace(NotesView.post.operation, refuses=frozenset({NotFound})))

    assert codes(NotesView, "POST", "/notes/{note_id}")[404] == ["not_found"]
    assert own_refusals(NotesView, "POST") == {NotFound}


def test_the_schema_names_the_codes_of_each_status():
    schema = anonymous().get("/api/v1/points/swagger.json").json()

    answers = schema["paths"]["/notes"]["post"]["responses"]
    assert answers["409"]["x-problem-codes"] == ["idempotency.in_progress", "tests.text_forbidden"]
    assert "404" not in answers
    skip = schema["paths"]["/api/v1/points/messages/{message_id}/skip"]["post"]["responses"]
    assert skip["404"]["x-problem-codes"] == ["messages.not_waiting", "not_found"]


def test_a_refusal_that_an_operation_does_not_declare_is_seen(member, monkeypatch):
    declared = NotesView.post.operation
    monkeypatch.setattr(NotesView.post, "operation", replace(declared, refuses=frozenset()))

    assert member.post("/notes", {"text": "forbidden"}).status_code == 409

    seen = list(refusals.UNDECLARED)
    refusals.UNDECLARED.clear()
    assert seen == [
        "POST notes answered 'tests.text_forbidden', which it does not declare: refuses=(TextForbidden,)",
    ]


def test_a_test_in_which_one_was_seen_fails():
    running = refusals.pytest_runtest_call()
    next(running)
    refusals.UNDECLARED.append("POST notes answered 'tests.text_forbidden'")

    with pytest.raises(pytest.fail.Exception, match="POST notes answered"):
        running.send(None)

    assert refusals.UNDECLARED == []


def test_the_replay_of_a_stored_refusal_is_seen_as_well(member, monkeypatch):
    member.post("/notes", {"text": "forbidden"}, key="k-1")
    # What other tests reached stays: it is compared at the end of all.
    monkeypatch.setattr(refusals, "REACHED", set())

    member.post("/notes", {"text": "forbidden"}, key="k-1")

    assert {"POST notes\ttests.text_forbidden\tTextForbidden\ttests.project.views.NotesView\town"} == refusals.REACHED
