"""Doors that are published: the schema, as a whole and of each operation."""

import re
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.permissions import BasePermission
from swagger_spec_validator.validator20 import validate_spec

from shared import errors
from shared.http.refusals import doors, doors_of_path, refusals_by_status
from shared.http.views import ServiceView, operation_of
from shared.testing.actors import anonymous
from shared.testing.doors.asking import call, with_token
from shared.testing.operations import METHODS, is_published, targets, views
from shared.tokens.authentication import HasScope


def _answered(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = operation["responses"].get("200", {}).get("schema", {})
    return document["definitions"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


class SchemaDoors:
    """What is published, as a whole and of each operation."""

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

        asked = anonymous().get(path, {"format": form}, headers={"accept": accept})

        assert (asked.status_code, asked.content) == (200, anonymous().get(path).content)

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

    def test_every_list_is_answered_in_the_same_members(self) -> None:
        document = anonymous().get(f"/api/v1/{settings.SERVICE}/swagger.json").json()
        found = {
            methods["get"]["operationId"].removesuffix(f"_of_{settings.SERVICE}"): set(shown["properties"])
            for methods in document["paths"].values()
            if "get" in methods
            for shown in [_answered(document, methods["get"])]
            if "results" in shown.get("properties", {})
        }

        assert found
        beside = {"list_message_flows": {"malformed"}}
        assert found == {name: {"results", "next", "previous"} | beside.get(name, set()) for name in found}

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

    def test_every_operation_says_in_which_form_it_answers_and_refuses(self) -> None:
        document = anonymous().get(f"/api/v1/{settings.SERVICE}/swagger.json").json()
        said = {
            found["operationId"]: found.get("produces", document["produces"])
            for methods in document["paths"].values()
            for name, found in methods.items()
            if name != "parameters"
        }

        assert {name: forms for name, forms in said.items() if forms[-1] != "application/problem+json"} == {}

    def test_what_declares_no_refusal_for_a_database_that_is_away_reads_none_and_nothing_else_is_so(self) -> None:
        # Who takes a token looks up its revocation; and a write without its body comes to no statement.
        open_to_all = [one for one in targets() if one.method == "GET" and not one.view.authentication_classes]
        reads = {}
        for one in open_to_all:
            with CaptureQueriesContext(connection) as statements:
                call(with_token(one), one)
            reads[one.name] = len(statements) > 0
        assert reads == {one.name: errors.Unavailable in doors(one.view, one.method) for one in open_to_all}
