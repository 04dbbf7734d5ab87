"""What is said of an answer that is not as it is declared, and how declarations become JSON Schemas."""

import json
from functools import wraps
from typing import Any

import pytest
from django.http import HttpResponse

from shared.http.json_schemas import as_json_schema, json_schemas
from shared.http.problems import CONTENT_TYPE, problem
from shared.http.views import no_content, reply
from shared.testing import refusals
from shared.testing.answers import undeclared
from tests.project.views import NotesView, TextForbidden

NOTE = {"id": 1, "text": "a"}


def of_notes(response: HttpResponse) -> list[str]:
    return undeclared("POST", "/notes", response)


@pytest.mark.parametrize("response", [reply(NOTE, 201), problem(TextForbidden(text="a"))], ids=["answer", "refusal"])
def test_nothing_is_said_of_what_is_declared(response: HttpResponse) -> None:
    assert of_notes(response) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"id": 1}, "$: 'text' is a required property"),
        ({"id": 1, "text": None}, "$.text: None is not of type 'string'"),
        ({"id": "1", "text": "a"}, "$.id: '1' is not of type 'integer'"),
        ({**NOTE, "more": 1}, "$: Additional properties are not allowed ('more' was unexpected)"),
    ],
)
def test_a_body_of_another_shape_is_seen(body: Any, said: str) -> None:
    assert of_notes(reply(body, 201)) == [said]


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (reply(NOTE, 202), "status 202"),
        (HttpResponse(b"a", status=201), "content type 'text/html'"),
        (reply({"code": "c"}, 409), "content type 'application/json' with status 409"),
        (
            HttpResponse(json.dumps(NOTE), status=201, content_type=CONTENT_TYPE),
            f"content type '{CONTENT_TYPE}' with status 201",
        ),
    ],
)
def test_another_status_and_another_content_type_are_seen(response: HttpResponse, said: str) -> None:
    assert of_notes(response) == [said]


@pytest.mark.django_db
def test_a_test_that_gets_such_an_answer_fails(member: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotesView, "get", _answers_a_text(NotesView.get))

    member.get("/notes")

    seen = list(refusals.UNDECLARED)
    refusals.UNDECLARED.clear()
    assert seen == ["GET notes answered 200, and not as declared: $.count: 'one' is not of type 'integer'"]


def _answers_a_text(declared: Any) -> Any:
    @wraps(declared)
    def get(_view: NotesView, _request: Any) -> HttpResponse:
        return reply({"count": "one"})

    return get


def test_an_answer_of_nothing_has_no_content_type() -> None:
    answer = no_content()

    assert (answer.status_code, answer.content, answer.has_header("Content-Type")) == (204, b"", False)


def test_json_schema_says_what_swagger_cannot() -> None:
    swagger = {
        "type": "object",
        "properties": {
            "price": {"x-nullable": True, "allOf": [{"$ref": "#/definitions/Money"}]},
            "cell": {"description": "any", "x-types": ["integer", "null"]},
        },
    }

    assert as_json_schema(swagger) == {
        "type": "object",
        "properties": {
            "price": {"anyOf": [{"allOf": [{"$ref": "#/$defs/Money"}]}, {"type": "null"}]},
            "cell": {"description": "any", "type": ["integer", "null"]},
        },
    }
    assert as_json_schema(swagger, is_closed=True)["additionalProperties"] is False


def test_answers_that_have_no_name_are_called_after_their_operation() -> None:
    plain = {"type": "object", "properties": {"a": {"type": "string"}}}
    answers = {"200": {"schema": plain}, "201": {"schema": {"$ref": "#/definitions/A"}}, "404": {"schema": plain}}
    document = {"definitions": {"A": plain}, "paths": {"/a": {"get": {"operationId": "get_a", "responses": answers}}}}

    assert list(json_schemas(document)["$defs"]) == ["A", "get_a.200"]
