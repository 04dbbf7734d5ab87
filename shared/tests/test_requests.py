import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.test import RequestFactory

from shared.db import execute
from shared.errors import NotFound
from shared.http.edge import settle
from shared.http.problems import problem
from shared.http.urls import service_urls
from shared.testing.actors import anonymous
from shared.testing.owner import as_owner
from shared.testing.proofs import nothing_written
from shared.testing.tokens import bad_tokens, token_of
from tests.project.notes.models import Note

pytestmark = pytest.mark.django_db

HOSTILE = {
    "no JSON": b"{",
    "not UTF-8": b'{"text": "\xff"}',
    "NaN": b'{"text": "a", "points": NaN}',
    "Infinity": b'{"text": "a", "points": Infinity}',
    "a key twice": b'{"text": "a", "text": "b"}',
    "deep nesting": b'{"text": ' + b"[" * 20000 + b"]" * 20000 + b"}",
    "nesting over the bound": b'{"text": ' + b"[" * 20 + b"]" * 20 + b"}",
}
WRONG = {
    "a list": [],
    "text": "a",
    "null": None,
    "empty": {},
    "unknown field": {"text": "a", "extra": 1},
    "NUL": {"text": "a\x00b"},
    "number for text": {"text": 1},
    "lone surrogate": {"text": "\ud800"},
    "too long": {"text": "a" * 101},
    "zero points": {"text": "a", "points": 0},
    "negative points": {"text": "a", "points": -1},
    "fraction of points": {"text": "a", "points": 1.5},
    "whole fraction": {"text": "a", "points": 1.0},
    "points as text": {"text": "a", "points": "1"},
    "points as truth": {"text": "a", "points": True},
    "huge points": {"text": "a", "points": 2**70},
    "unknown currency": {"text": "a", "price": {"amount": 1, "currency": "XXX"}},
    "money without currency": {"text": "a", "price": {"amount": 1}},
    "negative money": {"text": "a", "price": {"amount": -1, "currency": "EUR"}},
    "money with more": {"text": "a", "price": {"amount": 1, "currency": "EUR", "x": 1}},
    "money as number": {"text": "a", "price": 5},
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_is_malformed_and_writes_nothing(member, body):
    with nothing_written():
        response = member.post_raw("/notes", body)

    assert (response.status_code, response.json()["code"]) == (400, "request.malformed")
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"text": }', "it is not JSON from character 10 on"),
        (b'{"text": "\xff"}', "it is not text in UTF-8"),
        (b'{"text": "a", "points": ' + b"9" * 5000 + b"}", "it has a number of too many digits"),
        (b'{"text": "a", "points": NaN}', "NaN is not JSON"),
    ],
    ids=["no JSON", "no text", "digits", "NaN"],
)
def test_what_is_malformed_is_said_in_words_of_the_format(member, body, detail):
    assert member.post_raw("/notes", body).json()["detail"] == detail


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_a_wrong_body_is_invalid_and_writes_nothing(member, body):
    with nothing_written():
        response = member.post_raw("/notes", json.dumps(body).encode())

    assert (response.status_code, response.json()["code"]) == (400, "request.invalid")
    assert response.json()["errors"]


def test_the_errors_name_each_field(member):
    response = member.post("/notes", {"points": 0, "price": {"amount": 0, "currency": "EUR"}})

    assert {error["field"] for error in response.json()["errors"]} == {"text", "points", "price.amount"}


@pytest.mark.parametrize("wrong", ["\ud800" * 500, "\x00", "x" * 500], ids=ascii)
def test_what_is_no_choice_is_given_back_in_few_characters_that_can_be_stored(member, wrong):
    response = member.post_raw("/notes", json.dumps({"text": "a", "price": {"amount": 1, "currency": wrong}}).encode())

    (error,) = response.json()["errors"]
    assert (error["field"], error["code"]) == ("price.currency", "invalid_choice")
    assert error["detail"].isascii()
    assert error["detail"].isprintable()
    assert len(error["detail"]) < 100


def test_of_many_unknown_members_the_first_twenty_are_named(member):
    errors = member.post("/notes", {"text": "a"} | {f"x{number}": 1 for number in range(500)}).json()["errors"]

    assert [error["field"] for error in errors] == [f"x{number}" for number in range(20)]


def test_a_body_over_the_bound_is_too_large(member):
    with nothing_written():
        response = member.post_raw("/notes", b'{"text": "' + b"a" * 70000 + b'"}')

    assert (response.status_code, response.json()["code"]) == (413, "request.too_large")


def test_another_content_type_is_refused(member):
    response = member.post_raw("/notes", b"text=a", content_type="application/x-www-form-urlencoded")

    assert (response.status_code, response.json()["code"]) == (415, "request.unsupported_media_type")


def test_an_unknown_path_is_a_problem_too(member):
    response = member.get("/no/such/path")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("host", ["a_b'c", "evil.example", "localhost.evil.example"])
def test_a_host_that_is_none_of_ours_is_a_problem(member, settings, host):
    settings.ALLOWED_HOSTS = ["localhost"]
    response = anonymous().get("/public", HTTP_HOST=host)

    assert (response.status_code, response.json()["code"]) == (400, "request.malformed")
    assert response.json()["request_id"] == response["X-Request-Id"]


def test_links_begin_with_the_public_address_whatever_the_request_says(member, settings):
    settings.PUBLIC_URL = "https://loyalty.example:8443"
    settings.ALLOWED_HOSTS = ["loyalty.example", "localhost"]
    token = f"Bearer {token_of(member.caller)}"
    forged = {"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_FORWARDED_PROTO": "ftp", "HTTP_HOST": "localhost:1"}

    response = anonymous().get("/page", HTTP_AUTHORIZATION=token, **forged)

    assert response.json() == {"next": "https://loyalty.example:8443/page?cursor=x"}


@pytest.mark.parametrize("path", ["/public", "/no/such/path", "/notes", "/healthz", "/metrics", "/api/v1/points/docs/"])
def test_no_cache_may_keep_an_answer_that_is_not_for_all(member, path):
    assert anonymous().get(path)["Cache-Control"] == "no-store"
    assert member.get(path)["Cache-Control"] == "no-store"


def test_a_cache_may_keep_the_schema(member):
    assert anonymous().get("/api/v1/points/swagger.json")["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ({"HTTP_X_GATEWAY_SECRET": "right"}, "198.51.100.4"),
        ({"HTTP_X_GATEWAY_SECRET": "wrong"}, "192.0.2.1"),
        ({}, "192.0.2.1"),
    ],
)
def test_the_clients_address_is_the_gateways_word_and_nobody_elses(settings, said, address):
    settings.GATEWAY_SECRET = "right"
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_REAL_IP="198.51.100.4", **said)

    settle(request)

    assert request.META["REMOTE_ADDR"] == address
    assert "HTTP_X_GATEWAY_SECRET" not in request.META


def test_a_method_that_is_not_there_is_a_problem(member):
    response = member.delete("/notes")

    assert (response.status_code, response.json()["code"]) == (405, "request.method_not_allowed")


def test_a_defect_answers_500_and_says_only_the_request_id(member):
    with nothing_written():
        response = member.post("/notes", {"text": "defect"})

    assert response.status_code == 500
    assert response.json() == {
        "type": "/docs/errors#service.internal_error",
        "title": "Internal error",
        "status": 500,
        "code": "service.internal_error",
        "request_id": response["X-Request-Id"],
    }


def test_a_good_request_id_is_kept(member):
    response = anonymous().get("/public", HTTP_X_REQUEST_ID="journey-12345678")

    assert response["X-Request-Id"] == "journey-12345678"


@pytest.mark.parametrize("given", ["short", "a" * 65, "with blank 123", "line\nbreak123", "é" * 10])
def test_a_bad_request_id_is_replaced(given):
    response = anonymous().get("/public", HTTP_X_REQUEST_ID=given)

    assert response["X-Request-Id"] != given
    assert len(response["X-Request-Id"]) == 36


def test_without_a_token_nothing_opens():
    response = anonymous().get("/notes")

    assert (response.status_code, response.json()["code"]) == (401, "auth.required")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_without_the_scope_opens_nothing(analyst):
    with nothing_written():
        response = analyst.post("/notes", {"text": "a"})

    assert (response.status_code, response.json()["code"]) == (403, "auth.insufficient_scope")
    assert response.json()["required"] == ["points:redeem"]


def test_a_view_that_names_no_scope_is_closed(operator):
    assert operator.get("/forgotten").status_code == 403


def test_no_bad_token_opens_anything(member):
    for flaw, token in bad_tokens(member.caller).items():
        response = anonymous().get("/notes", HTTP_AUTHORIZATION=f"Bearer {token}")

        assert (response.status_code, response.json()["code"]) == (401, "auth.invalid_token"), flaw


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "bearer  x y"])
def test_a_header_that_is_no_bearer_token_is_refused(header):
    assert anonymous().get("/notes", HTTP_AUTHORIZATION=header).status_code == 401


def test_a_good_token_opens(member):
    response = anonymous().get("/notes", HTTP_AUTHORIZATION=f"Bearer {token_of(member.caller)}")

    assert response.status_code == 200


@pytest.mark.parametrize("change", ["UPDATE note SET text = 'x'", "DELETE FROM note", "TRUNCATE note"])
def test_a_note_cannot_be_changed_or_removed_by_the_owner_either(member, change):
    member.post("/notes", {"text": "kept"})

    for by, refusal in ((execute, "permission denied"), (as_owner, "append-only")):
        with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
            by(change)

    assert list(Note.objects.values_list("text", flat=True)) == ["kept"]


def test_health_and_readiness_answer_without_a_token():
    assert anonymous().get("/healthz").json() == {"status": "ok", "service": "points"}
    ready = anonymous().get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["database"], ready.json()["checks"]["migrations"]) == (
        200,
        True,
        True,
    )


def test_the_schema_is_public_and_describes_each_operation():
    schema = anonymous().get("/api/v1/points/swagger.json").json()

    assert schema["swagger"] == "2.0"
    assert "/notes" in schema["paths"]
    assert "413" in schema["paths"]["/notes"]["post"]["responses"]


def test_the_view_that_does_nothing_takes_reads_and_writes():
    client = anonymous()

    assert client.get("/api/v1/bench/noop").json() == {"status": "ok"}
    assert client.post("/api/v1/bench/noop", {"a": 1}, format="json").json() == {"status": "ok"}


def test_the_view_that_does_nothing_is_there_in_the_sandbox_only(settings):
    def is_there():
        return any("noop" in str(one.pattern) for one in service_urls())

    assert is_there()
    settings.SANDBOX = False
    assert not is_there()


def test_an_instant_in_a_refusal_is_written_as_in_an_answer():
    refusal = problem(NotFound(ended_at=datetime(2026, 11, 29, 16, 35, 11, 495157, tzinfo=UTC), id=UUID(int=7)))

    assert json.loads(refusal.content)["ended_at"] == "2026-11-29T16:35:11.495157Z"
    assert json.loads(refusal.content)["id"] == "00000000-0000-0000-0000-000000000007"
