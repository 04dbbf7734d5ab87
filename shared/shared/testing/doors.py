"""The doors in front of every operation of a service, each tried at each operation that has it.

A service's own test module takes them over: `class TestDoors(Doors): pass`.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from rest_framework.permissions import BasePermission
from rest_framework.test import APIClient
from swagger_spec_validator.validator20 import validate_spec

from shared import errors
from shared.callers import Caller
from shared.http.parsers import StrictJSONParser
from shared.http.refusals import doors, doors_of_path, reads_body, refusals_by_status
from shared.http.views import ServiceView, operation_of
from shared.ids import new_id
from shared.testing.actors import anonymous
from shared.testing.inputs import Input, inputs, tried
from shared.testing.operations import METHODS, Target, is_published, targets, views
from shared.testing.proofs import nothing_written
from shared.testing.roles import OPERATOR
from shared.testing.texts import NO_TEXTS, TEXTS
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


def wrong_at(
    door: type[errors.DomainError], ask: Callable[[Target], Any], is_meant: Callable[[Target], bool] = lambda _: True
) -> dict[str, Refused]:
    """Try a door at each operation that has it and is meant; return what those answered that it did not refuse."""
    having = [one for one in targets() if door in doors(one.view, one.method) and is_meant(one)]
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


_CAPITALS = "01A20000-0000-7000-8000-00000000000A"
_NO_UUIDS = ("01a20000000070008000000000000001", "{01a20000-0000-7000-8000-000000000001}", "urn:uuid:" + _CAPITALS)
_NO_DAYS_NOR_INSTANTS = ("20261231", "2026-W02-6", "2026-W02", "2026-1-5", "٢٠٢٦-12-31", "2026-02-30")
_NO_DAYS = (*_NO_DAYS_NOR_INSTANTS, "2026-12-31T00:00:00Z")
_NO_OFFSETS = ("2026-12-31", "2026-12-31T10:00:00", "2026-12-31T10:00")
_NO_INSTANTS = ("20261231T100000Z", "2026-W02-6T10:00:00Z", "2026-12-31T10Z", "2026-12-31x10:00:00Z", "1767225600")
WRONG_IN_QUERY: dict[str, tuple[str, ...]] = {
    "boolean": ("yes", "on", "1", "True", "true "),
    "integer": ("5.0", " 5", "+5", "5_0", "٥", "true", "0x5", "1e1"),
    "enum": ("True", "1", "no such word"),
    "uuid": _NO_UUIDS,
    "date": _NO_DAYS,
    "date-time": _NO_INSTANTS,
    "day-or-instant": (*_NO_INSTANTS, *_NO_DAYS_NOR_INSTANTS),
}
WRONG_IN_BODY: dict[str, tuple[Any, ...]] = {
    "boolean": ("yes", "on", "true", "", 1, 0, 1.0, [True]),
    "integer": ("5", 5.0, True, "٥", [5], {"a": 5}),
    "number": ("5", True, [5]),
    "string": (5, 5.0, True, ["a"], {"a": "a"}),
    "enum": (5, True, ["a"], "no such word"),
    "uuid": (5, True, *_NO_UUIDS),
    "date": (5, 20261231, *_NO_DAYS),
    "date-time": (5, 1767225600, *_NO_INSTANTS),
    "day-or-instant": (5, 20261231, *_NO_INSTANTS, *_NO_DAYS_NOR_INSTANTS),
}


def takes_json(target: Target) -> bool:
    """Tell whether an operation reads a JSON body."""
    return reads_body(target.operation) and StrictJSONParser in target.view.parser_classes


def _generic(target: Target, **request: Any) -> Any:
    return with_token(target).generic(target.method, target.path, **request)


def _meant(path: str) -> tuple[Any, dict[str, Any]]:
    found = resolve(path)
    return found.func, found.kwargs


def _with_capitals(path: str) -> str:
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", lambda found: found[0].upper(), path)


@pytest.mark.django_db
class Doors:
    """Tests of every door that can be tried without knowing what an operation does.

    `of_bearer` names the permissions of a service with which any token opens a view, because it shows its bearer alone.
    """

    of_bearer: ClassVar[tuple[type[BasePermission], ...]] = ()
    # Each has tests of its own: names of texts that have a form; texts that may be older than the rule for texts, and
    # bodies whose items are judged one by one, so that the request as a whole succeeds (both by `Input.name`).
    of_own_form: ClassVar[tuple[str, ...]] = ()
    of_any_character: ClassVar[tuple[str, ...]] = ()
    judged_alone: ClassVar[tuple[str, ...]] = ()

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
            if (converter == "id") != name.endswith("_id")
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

    def test_no_member_whose_name_is_no_text_is_read(self) -> None:
        for name in NO_TEXTS:
            body = json.dumps({"inner": [{name: 1}]}).encode()
            ask = lambda one, body=body: _send(with_token(one), one, body, _JSON)  # noqa: E731
            found = wrong_at(
                errors.MalformedRequest, ask, lambda one: not one.operation.takes_cursor and takes_json(one)
            )
            assert found == {}, ascii(name)

    def test_no_value_is_taken_for_what_it_is_not(self) -> None:
        wrong = lambda one: (WRONG_IN_QUERY if one.in_query else WRONG_IN_BODY).get(one.kind, ())  # noqa: E731
        with nothing_written():
            found = list(tried(self._inputs(), wrong, _generic))

        assert [f"{one.name}: {value!a}" for one, value, codes in found if not codes] == []

    def test_no_text_is_taken_that_is_none(self) -> None:
        texts = [one for one in self._inputs("string") if one.name not in self.of_any_character]
        with nothing_written():
            found = list(tried(texts, lambda one: [no for no in NO_TEXTS if one.can_say(no)], _generic))

        assert [f"{one.name}: {value!a}" for one, value, codes in found if not codes] == []

    def test_words_of_all_languages_are_texts(self) -> None:
        texts = [one for one in self._inputs("string") if one.steps[-1] not in self.of_own_form]
        found = tried(texts, lambda _: TEXTS, _generic)

        assert {f"{one.name}: {value}": codes for one, value, codes in found if codes} == {}

    def test_an_instant_needs_its_offset(self) -> None:
        written = {"date-time": _NO_OFFSETS, "day-or-instant": _NO_OFFSETS[1:]}
        found = tried(self._inputs(*written), lambda one: written[one.kind], _generic)

        assert {f"{one.name}: {value}": codes for one, value, codes in found if codes != ["offset_missing"]} == {}

    def test_a_uuid_may_have_capitals_in_a_body_and_in_a_path(self) -> None:
        found = tried(self._inputs("uuid"), lambda _: [_CAPITALS], _generic)
        refused = {one.name: codes for one, _, codes in found if codes}
        routed = [one for one in targets() if "<id:" in one.route]
        unseen = [one.name for one in routed if _meant(one.path) != _meant(_with_capitals(one.path))]

        assert (refused, unseen) == ({}, [])

    def test_no_text_in_a_path_is_a_defect(self) -> None:
        paths = {f"{one.method} {path}": (one, path) for one in targets() for path in one.paths_of_no_text}
        found = {
            name: with_token(one).generic(one.method, path, "{}", content_type=_JSON).status_code
            for name, (one, path) in paths.items()
        }

        assert {name: status for name, status in found.items() if not 400 <= status < 500} == {}

    def test_a_head_is_a_get_without_its_body(self) -> None:
        different = {}
        for one in targets():
            if one.method == "GET":
                for client in (with_token(one), with_token(one, scopes=()), anonymous()):
                    get, head = client.get(one.path), client.head(one.path)
                    if (head.status_code, head["Content-Type"], head.content) != (
                        get.status_code,
                        get["Content-Type"],
                        b"",
                    ):
                        different[one.name] = (head.status_code, get.status_code)

        assert different == {}

    def test_options_are_told_to_everybody(self) -> None:
        found = {one.route: anonymous().options(one.path) for one in targets()}
        told = {route: (answer.status_code, answer.content, answer["Allow"]) for route, answer in found.items()}
        methods: dict[str, set[str]] = {route: {"OPTIONS"} for route in told}
        for one in targets():
            methods[one.route] |= {"GET", "HEAD"} if one.method == "GET" else {one.method}

        assert {route: (204, b"", ", ".join(sorted(names))) for route, names in methods.items()} == {
            route: (status, body, ", ".join(sorted(allowed.split(", "))))
            for route, (status, body, allowed) in told.items()
        }

    def _inputs(self, *kinds: str) -> list[Input]:
        judged = [one for one in inputs() if not one.name.startswith(self.judged_alone or "-")]
        return [one for one in judged if not kinds or one.kind in kinds]

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
