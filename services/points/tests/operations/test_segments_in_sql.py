"""Who is in a segment by its condition: SQL lists the same members as the fast interpreter finds, one by one."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from points.earning.models import RuleSchema
from points.earning.rules import OPERATORS, SEGMENTS, Schema, Type, fields_of, typed
from points.programmes.queries import default_programme
from points.segments.models import MemberAttributes, Segment
from points.segments.queries.segments import count_members, known_of, members_of
from points.segments.rules import read_attributes, read_segment
from points.segments.rules.attributes import PREFIX
from shared.ids import new_id
from tests.factories import AT, make_programme

pytestmark = pytest.mark.django_db
KEYS = ("a", "B-2_c", "birthday")
# Two enums of which one has a value that the other has not.
KINDS: list[Any] = [*(kind for kind in Type if kind is not Type.ENUM), ("s", "2000-02-29"), ("s", "ab")]
WRITTEN: dict[Any, list[Any]] = {
    Type.INTEGER: [-1, 0, 7, 2**63 - 1, -(2**63) + 1],
    Type.BOOLEAN: [True, False],
    Type.DATE: ["1900-01-01", "2000-02-29", "2199-12-31"],
    Type.INSTANT: ["2026-03-07T12:00:00+01:00", "2026-03-07T11:00:00.000001Z", "2000-01-01T00:00:00Z"],
}
TEXTS = ["s", "ab", "2000-02-29", "a", "Žluť", "%s", "'", '"{\\', "7", "true"]


def written(kind: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(list(kind) if isinstance(kind, tuple) else WRITTEN.get(kind, TEXTS))


schemas = st.fixed_dictionaries({}, optional={key: st.sampled_from(KINDS) for key in KEYS}).map(
    lambda types: Schema(attributes=types)
)


@st.composite
def said(draw: st.DrawFn) -> tuple[Schema, dict[str, Any]]:
    """What was said of a member, by the schema of then."""
    schema = draw(schemas)
    kept = [key for key in schema.attributes if draw(st.integers(0, 4))]
    lists = {
        key: st.lists(written(kind), max_size=2) if kind is Type.TEXTS else written(kind)
        for key, kind in schema.attributes.items()
    }
    return schema, {key: draw(lists[key]) for key in kept}


@st.composite
def leaves(draw: st.DrawFn, schema: Schema) -> dict[str, Any]:
    field = draw(st.sampled_from([one for one in fields_of(schema).values() if one.name.startswith(PREFIX)]))
    kind = schema.attributes[field.name.removeprefix(PREFIX)]
    op = draw(st.sampled_from(OPERATORS[field.type]))
    value: Any = st.booleans() if op == "exists" else written(kind)
    if op in ("in", "not_in", "has_any"):
        value = st.lists(value, min_size=1, max_size=3)
    if op == "between":
        value = st.lists(value, min_size=2, max_size=2).map(lambda two: sorted(two, key=lambda one: typed(field, one)))
    return {"field": field.name, "op": op, "value": draw(value)}


def conditions(schema: Schema, depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    if not depth:
        return leaves(schema)
    inner = conditions(schema, depth - 1)
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        leaves(schema),
        st.builds(lambda one: {"not": one}, inner),
        st.builds(lambda some: {"all": some}, several),
        st.builds(lambda some: {"any": some}, several),
    )


@st.composite
def segments(draw: st.DrawFn) -> tuple[Schema, dict[str, Any]]:
    schema = draw(schemas.filter(lambda one: bool(one.attributes)))
    return schema, draw(conditions(schema))


def in_segment(condition: dict[str, Any], schema: Schema, known: list[tuple[Schema, dict[str, Any]]]) -> list[bool]:
    """Return who of these is in a segment, after a look at whether SQL and the fast interpreter find the same."""
    programme_id, members = default_programme().id, [new_id() for _ in known]
    read_segment(condition, fields_of(schema), pointer="")
    types = {"types": msgspec.to_builtins(schema), "changed_at": AT, "changed_by": new_id()}
    RuleSchema.objects.update_or_create(programme_id=programme_id, defaults=types)
    by: dict[str, Any] = {"programme_id": programme_id, "changed_at": AT, "changed_by": new_id()}
    for member_id, (then, one) in zip(members, known, strict=True):
        stored = read_attributes(one, then, pointer="")
        MemberAttributes.objects.create(member_id=member_id, version=1, attributes=stored, **by)
    row = Segment.objects.create(
        code="s", name="s", condition=condition, created_at=AT, created_by=by["changed_by"], **by
    )
    listed = {one.member_id for one in members_of(row)}
    found: dict[UUID, bool] = {
        who: bool(one.segments) for who, one in known_of(programme_id, members, {SEGMENTS}).items()
    }
    assert listed == {who for who, is_in in found.items() if is_in}
    assert count_members(row) == len(listed)
    return [found[who] for who in members]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example((Schema(attributes={"a": Type.DATE}), {"field": "member.attributes.a", "op": "exists", "value": True}),
         [(Schema(attributes={"a": Type.TEXT}), {"a": "2000-02-29"})])  # fmt: skip
@example((Schema(attributes={"a": Type.TEXTS}), {"field": "member.attributes.a", "op": "exists", "value": True}),
         [(Schema(attributes={"a": Type.TEXTS}), {"a": []})])  # fmt: skip
@given(segments(), st.lists(said(), min_size=1, max_size=4))
def test_sql_lists_whom_the_fast_interpreter_finds(
    segment: tuple[Schema, dict[str, Any]], known: list[tuple[Schema, dict[str, Any]]]
) -> None:
    schema, condition = segment
    with transaction.atomic():
        make_programme()
        in_segment(condition, schema, known)
        transaction.set_rollback(True)


def test_a_value_of_another_kind_or_of_no_enum_is_missing_in_both() -> None:
    make_programme()
    then, now = Schema(attributes={"a": Type.TEXT}), Schema(attributes={"a": ("s", "m")})
    known = [(then, {"a": "s"}), (then, {"a": "x"}), (then, {}), (Schema(attributes={"a": Type.INTEGER}), {"a": 1})]

    assert in_segment({"field": "member.attributes.a", "op": "ne", "value": "m"}, now, known) == [True, *[False] * 3]


def test_an_empty_list_is_there_in_both() -> None:
    make_programme()
    schema = Schema(attributes={"a": Type.TEXTS})
    exists = {"field": "member.attributes.a", "op": "exists", "value": True}

    assert in_segment(exists, schema, [(schema, {"a": []}), (schema, {})]) == [True, False]
