"""What an event may say, by its programme's schema, which is told as JSON Schema."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from points.earning.rules import Event, event_faults, event_schemas, event_values, fields_of
from shared.instants import read_day, read_instant
from tests.event_factories import SCHEMA

GOOD: dict[str, Any] = {"stars": 5}
ALL: dict[str, Any] = {
    "stars": 2**63 - 1, "is_public": False, "text": "good", "on": "2026-03-01", "at": "2026-03-01T12:00:00+01:00",
    "tags": [], "size": "s",
}  # fmt: skip
_VALIDATORS = {name: Draft202012Validator(schema) for name, schema in event_schemas(SCHEMA).items()}


def faults(name: str, data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with an event."""
    return [(fault.pointer, fault.code) for fault in event_faults(SCHEMA, Event(name=name, data=data))]


@pytest.mark.parametrize(("name", "data"), [("review", GOOD), ("review", ALL), ("visit", {})])
def test_an_event_of_the_schema_has_no_fault(name: str, data: dict[str, Any]) -> None:
    assert faults(name, data) == []
    assert _VALIDATORS[name].is_valid(data)


@pytest.mark.parametrize(
    ("name", "data", "pointer", "code"),
    [
        ("sale", {}, "/name", "unknown_event"),
        ("visit", {"stars": 5}, "/data/stars", "unknown_member"),
        ("review", {}, "/data", "member_missing"),
        ("review", GOOD | {"a/b~": 1}, "/data/a~1b~0", "unknown_member"),
        ("review", GOOD | {"k" * 41: 1}, "/data", "unknown_member"),
        ("review", {"stars": None}, "/data/stars", "wrong_value"),
        ("review", {"stars": "5"}, "/data/stars", "wrong_value"),
        ("review", {"stars": True}, "/data/stars", "wrong_value"),
        ("review", {"stars": 5.0}, "/data/stars", "wrong_value"),
        ("review", {"stars": 2**63}, "/data/stars", "wrong_value"),
        ("review", GOOD | {"is_public": 1}, "/data/is_public", "wrong_value"),
        ("review", GOOD | {"text": ""}, "/data/text", "wrong_value"),
        ("review", GOOD | {"text": "x" * 201}, "/data/text", "wrong_value"),
        ("review", GOOD | {"text": "a\x00"}, "/data/text", "wrong_value"),
        ("review", GOOD | {"text": "\ud800"}, "/data/text", "wrong_value"),
        ("review", GOOD | {"on": "2026-02-30"}, "/data/on", "wrong_value"),
        ("review", GOOD | {"at": "2026-03-01T12:00:00"}, "/data/at", "wrong_value"),
        ("review", GOOD | {"tags": "vip"}, "/data/tags", "wrong_value"),
        ("review", GOOD | {"tags": [["vip"]]}, "/data/tags", "wrong_value"),
        ("review", GOOD | {"tags": ["a"] * 1_001}, "/data/tags", "wrong_value"),
        ("review", GOOD | {"size": "xl"}, "/data/size", "wrong_value"),
        ("review", GOOD | {"size": {"s": 1}}, "/data/size", "wrong_value"),
    ],
)
def test_each_fault_has_its_pointer(name: str, data: dict[str, Any], pointer: str, code: str) -> None:
    assert faults(name, data) == [(pointer, code)]


def test_all_faults_are_told_at_once() -> None:
    wrong = {"size": "xl", "colour": 1, "text": 7}

    assert faults("review", wrong) == [
        ("/data/colour", "unknown_member"),
        ("/data", "member_missing"),
        ("/data/text", "wrong_value"),
        ("/data/size", "wrong_value"),
    ]


def test_its_json_schema_says_each_type() -> None:
    text = {"type": "string", "minLength": 1, "maxLength": 200}

    assert event_schemas(SCHEMA)["review"] == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "review",
        "type": "object",
        "properties": {
            "stars": {"type": "integer", "minimum": -(2**63 - 1), "maximum": 2**63 - 1},
            "is_public": {"type": "boolean"},
            "text": text,
            "on": {"type": "string", "format": "date"},
            "at": {"type": "string", "format": "date-time"},
            "tags": {"type": "array", "maxItems": 1_000, "items": text},
            "size": {"type": "string", "enum": ["s", "m"]},
        },
        "required": ["stars"],
        "additionalProperties": False,
    }


_VALUES = st.one_of(
    st.sampled_from([*ALL.values(), "m", "", 0, True, ["a", "b"]]), st.none(), st.text(max_size=3), st.integers(),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda one: not one.is_integer()),
)  # fmt: skip
_DATA = st.dictionaries(st.sampled_from([*ALL, "other"]), _VALUES, max_size=5)


@given(st.sampled_from(["review", "visit"]), _DATA)
def test_what_has_no_fault_is_valid_by_the_json_schema(name: str, data: dict[str, Any]) -> None:
    is_valid = _VALIDATORS[name].is_valid(data)

    if not faults(name, data):
        assert is_valid
    elif is_valid:
        # Which texts are instants, days, and texts of characters, JSON Schema leaves to its readers.
        assert {pointer for pointer, _ in faults(name, data)} <= {"/data/on", "/data/at", "/data/text", "/data/tags"}


def test_conditions_ask_values_of_python() -> None:
    found = event_values(fields_of(SCHEMA), Event(name="review", data=ALL | {"other": 1, "size": "xl"}))

    assert found == {
        "event.name": "review",
        "event.data.stars": 2**63 - 1,
        "event.data.is_public": False,
        "event.data.text": "good",
        "event.data.on": read_day("2026-03-01"),
        "event.data.at": read_instant("2026-03-01T11:00:00Z"),
        "event.data.tags": (),
    }
