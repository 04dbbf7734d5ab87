"""Doors that do not depend on what a request says: its path, token, key, form and size."""

from typing import Any

import pytest
from django.conf import settings

from shared import errors
from shared.http.views import ServiceView
from shared.testing.actors import anonymous
from shared.testing.doors.asking import JSON, answer_of, call, call_wrongly, send, takes_json, with_token, wrong_at
from shared.testing.operations import METHODS, Target, targets
from shared.testing.proofs import nothing_written


class RequestDoors:
    """What stands in front of an operation, whatever it is asked."""

    def test_an_id_in_a_path_that_is_none_is_not_found(self) -> None:
        with nothing_written():
            found = {
                f"{one.method} {path}": answer_of(with_token(one).generic(one.method, path))
                for one in targets()
                for path in one.paths_of_no_view
            }
        assert {name: said for name, said in found.items() if said != (404, "not_found")} == {}

    def test_nothing_opens_without_a_token(self) -> None:
        assert wrong_at(errors.Unauthenticated, lambda one: call(anonymous(), one)) == {}

    def test_nothing_opens_with_a_token_that_is_none(self) -> None:
        ask = lambda one: call(anonymous(), one, HTTP_AUTHORIZATION="Bearer nonsense")  # noqa: E731
        assert wrong_at(errors.InvalidToken, ask) == {}

    def test_nothing_opens_with_a_token_that_lacks_the_scope(self) -> None:
        assert wrong_at(errors.InsufficientScope, lambda one: call(with_token(one, scopes=()), one)) == {}

    def test_no_answer_is_given_in_a_form_that_is_not_offered(self) -> None:
        for said in ("application/x-unknown", "application/json;q=0", "*/*; q=0.000, application/x-unknown"):
            ask = lambda one, said=said: call(with_token(one), one, HTTP_ACCEPT=said)  # noqa: E731
            assert wrong_at(errors.NotAcceptable, ask) == {}, said

    def test_no_body_of_another_content_type_is_read(self) -> None:
        ask = lambda one: send(with_token(one), one, b"text", "application/x-unknown")  # noqa: E731
        assert wrong_at(errors.UnsupportedMediaType, ask) == {}

    def test_no_body_over_the_bound_is_read(self) -> None:
        def ask(one: Target) -> Any:
            limit = getattr(one.view, "max_body_bytes", settings.MAX_BODY_BYTES)
            return send(with_token(one), one, b" " * (limit + 1))

        assert wrong_at(errors.RequestTooLarge, ask) == {}

    def test_no_malformed_body_is_read_and_no_foreign_cursor(self) -> None:
        def ask(one: Target) -> Any:
            if one.operation.takes_cursor:
                return with_token(one).get(one.path, {"cursor": "x"})
            return send(with_token(one), one, b"{", JSON)

        assert wrong_at(errors.MalformedRequest, ask) == {}

    def test_no_unknown_member_or_parameter_is_taken(self) -> None:
        def ask(one: Target) -> Any:
            if one.operation.takes_query:
                return call(with_token(one), one, QUERY_STRING="no_such_parameter=1")
            return send(with_token(one), one, b'{"no_such_member": 1}', JSON)

        assert wrong_at(errors.InvalidRequest, ask) == {}

    def test_no_parameter_is_taken_that_is_there_twice(self) -> None:
        ask = lambda one: call(with_token(one), one, QUERY_STRING="page_size=1&page_size=2")  # noqa: E731
        assert wrong_at(errors.InvalidRequest, ask, lambda one: one.operation.takes_cursor) == {}

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

    def test_doors_stand_in_one_order_and_all_of_them_before_anything_is_looked_up(self) -> None:
        wrong: dict[str, Any] = {
            "token": {},
            "key": {},
            "HTTP_ACCEPT": "no/such",
            "content_type": "no/such",
            "data": "{",
        }
        mended: tuple[tuple[dict[str, Any], type[errors.DomainError]], ...] = (
            ({}, errors.NotAcceptable),
            ({"HTTP_ACCEPT": JSON}, errors.Unauthenticated),
            ({"token": {"scopes": ()}}, errors.InsufficientScope),
            ({"token": {"scopes": None}}, errors.IdempotencyKeyRequired),
            ({"key": {"key": ""}}, errors.UnsupportedMediaType),
            ({"content_type": JSON}, errors.MalformedRequest),
        )
        moving = [one for one in targets() if one.operation.moves_value and takes_json(one)]
        # Where the body may ask for a preview, which needs no key, it is read first.
        having = [one for one in moving if one.view.is_preview is ServiceView.is_preview]
        with nothing_written():
            for mend, refusal in mended:
                wrong |= mend
                found = {one.name: answer_of(call_wrongly(one, **wrong)) for one in having}
                expected = (int(refusal.status), refusal.code)
                assert {name: said for name, said in found.items() if said != expected} == {}

    def test_nothing_moves_value_without_a_key(self) -> None:
        ask = lambda one: send(with_token(one, key=None), one, b"{}", JSON)  # noqa: E731
        assert wrong_at(errors.IdempotencyKeyRequired, ask) == {}

    @pytest.mark.parametrize("key", ["k" * 256, " k", "k\x7f", "ключ"])
    def test_nothing_moves_value_with_a_key_that_is_none(self, key: str) -> None:
        ask = lambda one: send(with_token(one, key=key), one, b"{}", JSON)  # noqa: E731
        assert wrong_at(errors.IdempotencyKeyInvalid, ask) == {}

    def test_a_method_that_a_path_has_not_is_refused(self) -> None:
        wrong = {}
        with nothing_written():
            for one in targets():
                for method in {*METHODS, "TRACE"}:
                    if not hasattr(one.view, method.lower()):
                        said = answer_of(with_token(one).generic(method, one.path))
                        wrong[f"{method} {one.route}"] = said
        assert {name: said for name, said in wrong.items() if said != (405, "request.method_not_allowed")} == {}
