"""The types of a programme's own keys, and what is no schema."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.earning.rules import EventType, RulesInvalid, Schema, Type, fields_of, read_schema, schema_json

SIZE = {"type": "enum", "values": ["s", "m"]}
TEXT = {"type": "text"}


def test_a_schema_is_read_and_said_again_as_it_was() -> None:
    said = {"purchase_metadata": {"gift": {"type": "boolean"}}, "attributes": {"size": SIZE, "pets": {"type": "texts"}}}

    read = read_schema(said)

    assert read == Schema(purchase_metadata={"gift": Type.BOOLEAN}, attributes={"size": ("s", "m"), "pets": Type.TEXTS})
    assert schema_json(read) == {"line_metadata": {}, "event_data": {}, "events": {}} | said


def test_events_are_read_and_said_again_as_they_were() -> None:
    said = {
        "event_data": {"stars": {"type": "integer"}, "text": TEXT},
        "events": {"review": {"data": ["stars", "text"], "required": ["stars"]}, "visit": {"data": [], "required": []}},
    }

    read = read_schema(said)

    assert read.events == {"review": EventType(data=("stars", "text"), required=("stars",)), "visit": EventType()}
    assert schema_json(read).items() >= said.items()
    assert fields_of(read)["event.name"].values == ("review", "visit")
    assert read_schema({"events": {"visit": {}}}).events == {"visit": EventType()}


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"colour": {}}, "/colour", "unknown_member"),
        ({"attributes": []}, "/attributes", "no_object"),
        ({"attributes": {f"k{n}": TEXT for n in range(51)}}, "/attributes", "too_many_keys"),
        ({"attributes": {"1": TEXT}}, "/attributes/1", "wrong_key"),
        ({"attributes": {"a/b": TEXT}}, "/attributes/a~1b", "wrong_key"),
        ({"attributes": {"k" * 41: TEXT}}, f"/attributes/{'k' * 41}", "wrong_key"),
        ({"attributes": {"k": "text"}}, "/attributes/k", "wrong_type"),
        ({"attributes": {"k": {"type": "number"}}}, "/attributes/k", "wrong_type"),
        ({"attributes": {"k": {"type": ["text"]}}}, "/attributes/k", "wrong_type"),
        ({"line_metadata": {"k": {"type": "texts"}}}, "/line_metadata/k", "wrong_type"),
        ({"attributes": {"k": {"type": "text", "values": []}}}, "/attributes/k/values", "unknown_member"),
        ({"attributes": {"k": {"type": "enum"}}}, "/attributes/k/values", "wrong_value"),
        ({"attributes": {"k": {"type": "enum", "values": []}}}, "/attributes/k/values", "wrong_value"),
        ({"attributes": {"k": {"type": "enum", "values": [1]}}}, "/attributes/k/values", "wrong_value"),
        ({"attributes": {"k": {"type": "enum", "values": [""]}}}, "/attributes/k/values", "wrong_value"),
        ({"attributes": {"k": {"type": "enum", "values": ["x" * 201]}}}, "/attributes/k/values", "wrong_value"),
        ({"attributes": {"k": {"type": "enum", "values": ["a\x00"]}}}, "/attributes/k/values", "wrong_value"),
        ({"attributes": {"k": {"type": "enum", "values": ["a", "a"]}}}, "/attributes/k/values", "named_twice"),
        (
            {"attributes": {"k": {"type": "enum", "values": [str(n) for n in range(101)]}}},
            "/attributes/k/values",
            "wrong_value",
        ),
        ({"events": []}, "/events", "no_object"),
        ({"events": {f"e{n}": {} for n in range(51)}}, "/events", "too_many_keys"),
        ({"events": {"1": {}}}, "/events/1", "wrong_key"),
        ({"events": {"review": []}}, "/events/review", "no_object"),
        ({"events": {"review": {"fields": []}}}, "/events/review/fields", "unknown_member"),
        ({"events": {"review": {"data": "stars"}}}, "/events/review/data", "wrong_value"),
        ({"events": {"review": {"data": ["stars"]}}}, "/events/review/data/0", "unknown_key"),
        ({"events": {"review": {"data": [1]}}}, "/events/review/data/0", "unknown_key"),
        ({"events": {"review": {"data": ["x"] * 51}}}, "/events/review/data", "wrong_value"),
        (
            {"events": {"review": {"required": ["stars"]}}, "event_data": {"stars": TEXT}},
            "/events/review/required/0",
            "unknown_key",
        ),
        (
            {"events": {"review": {"data": ["stars", "stars"]}}, "event_data": {"stars": TEXT}},
            "/events/review/data/1",
            "named_twice",
        ),
    ],
)
def test_a_fault_has_its_pointer(said: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(RulesInvalid) as refused:
        read_schema(said)

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["type", "values", "data", "required"]), inner)
    ),
)


@given(st.dictionaries(st.sampled_from(["attributes", "event_data", "events", "x"]), _JSON))
def test_no_json_breaks_the_reader(said: dict[str, Any]) -> None:
    try:
        read = read_schema(said)
    except RulesInvalid:
        return
    assert schema_json(read).keys() >= said.keys()
