"""The doors in front of every operation of a service, each tried at each operation that has it.

A service's own test module takes them over: `class TestDoors(Doors): pass`.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.permissions import BasePermission
from rest_framework.test import APIClient
from swagger_spec_validator.validator20 import validate_spec

from shared import errors
from shared.callers import Caller
from shared.http.refusals import doors, doors_of_path, refusals_by_status
from shared.http.views import ServiceView, operation_of
from shared.ids import new_id
from shared.testing.actors import anonymous
from shared.testing.operations import METHODS, Target, is_published, targets, views
from shared.testing.proofs import nothing_written
from shared.testing.roles import OPERATOR
from shared.testing.tokens import token_of
from shared.tokens.authentication import HasScope

Refused = tuple[int, str]
_JSON = "application/json"


def with_token(target: Target, *, scopes: Iterable[str] | None = None, key: str | None = "") -> APIClient:
    """Return a client whose token has the scopes that the operation wants, or those given; and a fresh key, or this."""
    client = anonymous()
    granted = target.view.scopes.get(target.method, ()) if scopes is None else scopes
    caller = Caller(OPERATOR.id, frozenset(granted), OPERATOR.roles)
    # A view that takes no token may take the same header for something else.
    token = {"HTTP_AUTHORIZATION": f"Bearer {token_of(caller)}"} if target.view.authentication_classes else {}
    client.credentials(**token, **({} if key is None else {"HTTP_IDEMPOTENCY_KEY": key or str(new_id())}))
    return client


def wrong_at(door: type[errors.DomainError], ask: Callable[[Target], Any]) -> dict[str, Refused]:
    """Try a door at each operation that has it; return what those answered that it did not refuse."""
    having = [one for one in targets() if door in doors(one.view, one.method)]
    expected = (int(door.status), door.code)
    with nothing_written():
        found = {one.name: _said(ask(one)) for one in having}
    return {name: said for name, said in found.items() if said != expected}


def _said(response: Any) -> Refused:
    is_problem = response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"] if is_problem else response["Content-Type"]


def _send(client: APIClient, target: Target, body: bytes, content_type: str = "") -> Any:
    kind = content_type or target.view.parser_classes[0].media_type
    data: Any = body  # its stubs know text only
    return client.generic(target.method, target.path, data, content_type=kind)


def _ask(client: APIClient, target: Target, **headers: Any) -> Any:
    return client.generic(target.method, target.path, **headers)


@pytest.mark.django_db
class Doors:
    """Tests of every door that can be tried without knowing what an operation does.

    `of_bearer` names the permissions of a service with which any token opens a view, because it shows its bearer alone.
    """

    of_bearer: ClassVar[tuple[type[BasePermission], ...]] = ()

    def test_every_view_is_ours_and_every_method_of_it_an_operation(self) -> None:
        strange = [route for route, view in views() if not issubclass(view, ServiceView)]
        silent = [
            f"{method} {route}"
            for route, view in views()
            for method in METHODS
            if is_published(view) and hasattr(view, method.lower()) and not operation_of(view, method)
        ]

        assert (strange, silent) == ([], [])

    def test_every_view_asks_for_a_scope_unless_it_is_about_the_bearer_of_its_token_alone(self) -> None:
        unasked = [
            route
            for route, view in views()
            if HasScope not in view.permission_classes
            and (view.scopes or not set(view.permission_classes) & set(self.of_bearer))
        ]

        assert unasked == []

    def test_the_published_schema_has_each_refusal_and_no_other(self) -> None:
        document = anonymous().get(f"/api/v1/{settings.SERVICE}/swagger.json").json()
        published = {
            (method.upper(), path): {
                int(status): answer["x-problem-codes"]
                for status, answer in found["responses"].items()
                if int(status) >= 400
            }
            for path, methods in document["paths"].items()
            for method, found in methods.items()
            if method != "parameters"
        }
        known = {(one.method, one.published_path): one for one in targets()}

        assert published
        for name, statuses in published.items():
            declared = refusals_by_status(known[name].view, known[name].method, known[name].published_path)
            assert statuses == {status: sorted(codes) for status, codes in declared.items()}, name

    def test_the_published_schema_is_valid_and_is_asked_for_as_it_says(self) -> None:
        published = anonymous().get(f"/api/v1/{settings.SERVICE}/swagger.json")
        document = published.json()

        validate_spec(document)  # which also wants every operationId to be unique
        names = [
            found["operationId"]
            for item in document["paths"].values()
            for found in item.values()
            if "operationId" in found
        ]
        assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)] == []
        assert all(path.startswith("/") for path in document["paths"])
        assert not {"host", "basePath", "schemes"} & document.keys()
        assert published["Content-Type"] == "application/json"

    @pytest.mark.parametrize("accept", ["application/json", "text/html", "image/png", "*/*"])
    @pytest.mark.parametrize("form", ["openapi", "yaml", "json", "nothing"])
    def test_there_is_one_form_of_the_schema_whatever_is_asked_for(self, accept: str, form: str) -> None:
        path = f"/api/v1/{settings.SERVICE}/swagger.json"

        asked = APIClient().get(path, {"format": form}, headers={"accept": accept})

        assert (asked.status_code, asked.content) == (200, APIClient().get(path).content)

    def test_the_schema_as_a_page_fetches_it(self) -> None:
        page = anonymous().get(f"/api/v1/{settings.SERVICE}/docs/", format="openapi")

        assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert f'"url": "/api/v1/{settings.SERVICE}/swagger.json"' in page.content.decode()

    def test_no_operation_publishes_a_bare_array(self) -> None:
        document = anonymous().get(f"/api/v1/{settings.SERVICE}/swagger.json").json()
        bare = [
            f"{method.upper()} {path}"
            for path, methods in document["paths"].items()
            for method, found in methods.items()
            if method != "parameters"
            for status, answer in found["responses"].items()
            if int(status) < 300 and answer.get("schema", {}).get("type") == "array"
        ]

        assert bare == []

    def test_a_path_says_by_its_names_what_it_takes_a_uuid_is_called_id_and_all_else_is_not(self) -> None:
        taken = {route: re.findall(r"<(?:(\w+):)?(\w+)>", route) for route, _ in views()}
        misnamed = [
            f"{route}: {name}"
            for route, parameters in taken.items()
            for converter, name in parameters
            if (converter == "uuid") != name.endswith("_id")
        ]
        unseen = [one.name for one in targets() if one.paths_of_no_view and not doors_of_path(one.published_path)]

        assert (misnamed, unseen) == ([], [])

    def test_an_id_in_a_path_that_is_none_is_not_found(self) -> None:
        with nothing_written():
            found = {
                f"{one.method} {path}": _said(with_token(one).generic(one.method, path))
                for one in targets()
                for path in one.paths_of_no_view
            }
        assert {name: said for name, said in found.items() if said != (404, "not_found")} == {}

    def test_nothing_opens_without_a_token(self) -> None:
        assert wrong_at(errors.Unauthenticated, lambda one: _ask(anonymous(), one)) == {}

    def test_nothing_opens_with_a_token_that_is_none(self) -> None:
        ask = lambda one: _ask(anonymous(), one, HTTP_AUTHORIZATION="Bearer nonsense")  # noqa: E731
        assert wrong_at(errors.InvalidToken, ask) == {}

    def test_nothing_opens_with_a_token_that_lacks_the_scope(self) -> None:
        assert wrong_at(errors.InsufficientScope, lambda one: _ask(with_token(one, scopes=()), one)) == {}

    def test_no_answer_is_given_in_a_form_that_is_not_offered(self) -> None:
        ask = lambda one: _ask(with_token(one), one, HTTP_ACCEPT="application/x-unknown")  # noqa: E731
        assert wrong_at(errors.NotAcceptable, ask) == {}

    def test_no_body_of_another_content_type_is_read(self) -> None:
        ask = lambda one: _send(with_token(one), one, b"text", "application/x-unknown")  # noqa: E731
        assert wrong_at(errors.UnsupportedMediaType, ask) == {}

    def test_no_body_over_the_bound_is_read(self) -> None:
        def ask(one: Target) -> Any:
            limit = getattr(one.view, "max_body_bytes", settings.MAX_BODY_BYTES)
            return _send(with_token(one), one, b" " * (limit + 1))

        assert wrong_at(errors.RequestTooLarge, ask) == {}

    def test_no_malformed_body_is_read_and_no_foreign_cursor(self) -> None:
        def ask(one: Target) -> Any:
            if one.operation.takes_cursor:
                return with_token(one).get(one.path, {"cursor": "x"})
            return _send(with_token(one), one, b"{", _JSON)

        assert wrong_at(errors.MalformedRequest, ask) == {}

    def test_no_unknown_member_or_parameter_is_taken(self) -> None:
        def ask(one: Target) -> Any:
            if one.operation.takes_query:
                return _ask(with_token(one), one, QUERY_STRING="no_such_parameter=1")
            return _send(with_token(one), one, b'{"no_such_member": 1}', _JSON)

        assert wrong_at(errors.InvalidRequest, ask) == {}

    def test_nothing_moves_value_without_a_key(self) -> None:
        ask = lambda one: _send(with_token(one, key=None), one, b"{}", _JSON)  # noqa: E731
        assert wrong_at(errors.IdempotencyKeyRequired, ask) == {}

    @pytest.mark.parametrize("key", ["k" * 256, " k", "k\x7f", "ключ"])
    def test_nothing_moves_value_with_a_key_that_is_none(self, key: str) -> None:
        ask = lambda one: _send(with_token(one, key=key), one, b"{}", _JSON)  # noqa: E731
        assert wrong_at(errors.IdempotencyKeyInvalid, ask) == {}

    def test_what_declares_no_refusal_for_a_database_that_is_away_reads_none_and_nothing_else_is_so(self) -> None:
        # Who takes a token looks up its revocation; and a write without its body comes to no statement.
        open_to_all = [one for one in targets() if one.method == "GET" and not one.view.authentication_classes]
        reads = {}
        for one in open_to_all:
            with CaptureQueriesContext(connection) as statements:
                _ask(with_token(one), one)
            reads[one.name] = len(statements) > 0
        assert reads == {one.name: errors.Unavailable in doors(one.view, one.method) for one in open_to_all}

    def test_a_method_that_a_path_has_not_is_refused(self) -> None:
        wrong = {}
        with nothing_written():
            for one in targets():
                for method in {*METHODS, "TRACE"}:
                    if not hasattr(one.view, method.lower()):
                        said = _said(with_token(one).generic(method, one.path))
                        wrong[f"{method} {one.route}"] = said
        assert {name: said for name, said in wrong.items() if said != (405, "request.method_not_allowed")} == {}
