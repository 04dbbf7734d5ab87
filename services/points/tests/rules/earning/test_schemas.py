"""The types of a programme's own keys, and what is no schema."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.earning.rules import RulesInvalid, Schema, Type, read_schema, schema_json

SIZE = {"type": "enum", "values": ["s", "m"]}
TEXT = {"type": "text"}


def test_a_schema_is_read_and_said_again_as_it_was() -> None:
    said = {"purchase_metadata": {"gift": {"type": "boolean"}}, "attributes": {"size": SIZE, "pets": {"type": "texts"}}}

    read = read_schema(said)

    assert read == Schema(purchase_metadata={"gift": Type.BOOLEAN}, attributes={"size": ("s", "m"), "pets": Type.TEXTS})
    assert schema_json(read) == {"line_metadata": {}, "event_data": {}} | said


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
    ],
)
def test_a_fault_has_its_pointer(said: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(RulesInvalid) as refused:
        read_schema(said)

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["type", "values"]), inner),
)


@given(st.dictionaries(st.sampled_from(["attributes", "event_data", "x"]), _JSON))
def test_no_json_breaks_the_reader(said: dict[str, Any]) -> None:
    try:
        read = read_schema(said)
    except RulesInvalid:
        return
    assert schema_json(read).keys() >= said.keys()
