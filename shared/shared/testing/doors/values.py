"""Doors for each value: in a path, in a query and in a body."""

import json
import re
from typing import Any, ClassVar

from django.urls import resolve

from shared import errors
from shared.http.fields import ExternalId
from shared.testing.doors.asking import JSON, call_with_token, send, takes_json, with_token, wrong_at
from shared.testing.inputs import Input, inputs, tried
from shared.testing.operations import targets
from shared.testing.proofs import nothing_written
from shared.testing.texts import NO_TEXTS, TEXTS, UNSEEN

_CAPITALS = "01A20000-0000-7000-8000-00000000000A"
_NO_UUIDS = ("01a20000000070008000000000000001", "{01a20000-0000-7000-8000-000000000001}", "urn:uuid:" + _CAPITALS)
_NO_DAYS_NOR_INSTANTS = ("20261231", "2026-W02-6", "2026-W02", "2026-1-5", "٢٠٢٦-12-31", "2026-02-30")
_NO_DAYS = (*_NO_DAYS_NOR_INSTANTS, "2026-12-31T00:00:00Z")
_NO_OFFSETS = ("2026-12-31", "2026-12-31T10:00:00", "2026-12-31T10:00")
_NO_INSTANTS = ("20261231T100000Z", "2026-W02-6T10:00:00Z", "2026-12-31T10Z", "2026-12-31x10:00:00Z", "1767225600")
# Texts of these names are ids that somebody else gave.
_IDS = re.compile(r"(\w+_)?id|sku|store|channel|reference|(on_)?event|key")
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


def _meant(path: str) -> tuple[Any, dict[str, Any]]:
    found = resolve(path)
    return found.func, found.kwargs


def _with_capitals(path: str) -> str:
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", lambda found: found[0].upper(), path)


class ValueDoors:
    """What is in a path, a query and a body."""

    # Each has tests of its own: names of texts that have a form; texts that may be older than the rule for texts, and
    # bodies whose items are judged one by one, so that the request as a whole succeeds, or all at once, so that what is
    # wrong is said of the whole (both by `Input.name`). And names of columns, which are no ids though they are named
    # so.
    of_own_form: ClassVar[tuple[str, ...]] = ()
    of_any_character: ClassVar[tuple[str, ...]] = ()
    judged_alone: ClassVar[tuple[str, ...]] = ()
    of_columns: ClassVar[tuple[str, ...]] = ()

    def test_no_member_whose_name_is_no_text_is_read(self) -> None:
        for name in NO_TEXTS:
            body = json.dumps({"inner": [{name: 1}]}).encode()
            ask = lambda one, body=body: send(with_token(one), one, body, JSON)  # noqa: E731
            found = wrong_at(
                errors.MalformedRequest, ask, lambda one: not one.operation.takes_cursor and takes_json(one)
            )
            assert found == {}, ascii(name)

    def test_no_value_is_taken_for_what_it_is_not(self) -> None:
        wrong = lambda one: (WRONG_IN_QUERY if one.in_query else WRONG_IN_BODY).get(one.kind, ())  # noqa: E731
        with nothing_written():
            found = list(tried(self._inputs(), wrong, call_with_token))

        assert [f"{one.name}: {value!a}" for one, value, codes in found if not codes] == []

    def test_no_text_is_taken_that_is_none(self) -> None:
        texts = [one for one in self._inputs("string") if one.name not in self.of_any_character]
        with nothing_written():
            found = list(tried(texts, lambda one: [no for no in NO_TEXTS if one.can_say(no)], call_with_token))

        assert [f"{one.name}: {value!a}" for one, value, codes in found if not codes] == []

    def test_words_of_all_languages_are_texts(self) -> None:
        texts = [one for one in self._inputs("string") if not {one.name, one.steps[-1]} & {*self.of_own_form}]
        words = [one for one in texts if one.schema.get("pattern") != ExternalId.pattern]
        found = tried(words, lambda _: TEXTS, call_with_token)

        assert {f"{one.name}: {value}": codes for one, value, codes in found if codes} == {}

    def test_no_id_looks_like_another_by_what_nobody_sees(self) -> None:
        texts = [one for one in self._inputs("string") if _IDS.fullmatch(str(one.steps[-1]))]
        ids = [one for one in texts if not {one.name, one.steps[-1]} & {*self.of_columns, *self.of_own_form}]
        with nothing_written():
            found = list(tried(ids, lambda _: UNSEEN, call_with_token))

        assert {f"{one.name}: {value!a}": codes for one, value, codes in found if codes != ["unseen"]} == {}

    def test_an_instant_needs_its_offset(self) -> None:
        written = {"date-time": _NO_OFFSETS, "day-or-instant": _NO_OFFSETS[1:]}
        found = tried(self._inputs(*written), lambda one: written[one.kind], call_with_token)

        assert {f"{one.name}: {value}": codes for one, value, codes in found if codes != ["offset_missing"]} == {}

    def test_a_uuid_may_have_capitals_in_a_body_and_in_a_path(self) -> None:
        found = tried(self._inputs("uuid"), lambda _: [_CAPITALS], call_with_token)
        refused = {one.name: codes for one, _, codes in found if codes}
        routed = [one for one in targets() if "<id:" in one.route]
        unseen = [one.name for one in routed if _meant(one.path) != _meant(_with_capitals(one.path))]

        assert (refused, unseen) == ({}, [])

    def test_no_text_in_a_path_is_a_defect(self) -> None:
        paths = {f"{one.method} {path}": (one, path) for one in targets() for path in one.paths_of_no_text}
        found = {
            name: with_token(one).generic(one.method, path, "{}", content_type=JSON).status_code
            for name, (one, path) in paths.items()
        }

        assert {name: status for name, status in found.items() if not 400 <= status < 500} == {}

    def _inputs(self, *kinds: str) -> list[Input]:
        judged = [one for one in inputs() if not one.name.startswith(self.judged_alone or "-")]
        return [one for one in judged if not kinds or one.kind in kinds]

    def test_no_page_is_shorter_or_longer_than_declared(self) -> None:
        sizes = [one for one in inputs() if one.steps == ("page_size",)]
        with nothing_written():
            found = list(tried(sizes, lambda _: ("0", "-1", "201"), call_with_token))

        assert [f"{one.name}: {value}" for one, value, codes in found if not codes] == []
        assert {(one.schema.get("minimum"), one.schema.get("maximum")) for one in sizes} <= {(1, 200)}
