"""Reads of segments, and who is in them."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from msgspec import structs

from points.earning import queries as earning
from points.earning.rules import SEGMENTS, TIER, Condition, Field, RulesInvalid, Schema, compiled, fields_of, sql
from points.earning.rules.conditions import Test
from points.programmes.queries import programme
from points.segments import models
from points.segments.errors import SegmentNotFound
from points.segments.models import MemberAttributes, SegmentMember
from points.segments.queries.attributes import Attributes, attributes_of_members
from points.segments.rules import columns_of, read_segment, values_of
from points.segments.rules.attributes import PREFIX
from points.segments.rules.members import CODE, KnownMember, Segment
from points.tiers.queries.tiers import tiers_of
from shared import clock
from shared.db import array, rows
from shared.lists import owned

_OF_PROGRAMME = (
    "SELECT id, code, name, condition FROM segment WHERE programme_id = %s AND deleted_at IS NULL ORDER BY code"
)
# Each is looked up by itself: a member is on a list of a segment, or not.
_LISTED = """
SELECT said.member_id, m.segment_id
FROM (SELECT DISTINCT unnest(%(members)s::uuid[])) AS said (member_id) CROSS JOIN unnest(%(segments)s::uuid[]) AS s (id)
CROSS JOIN LATERAL (
    SELECT m.segment_id FROM segment_member m WHERE m.member_id = said.member_id AND m.segment_id = s.id OFFSET 0) m
"""
_MERGED = "EXISTS (SELECT FROM member_merge m WHERE m.from_member_id = member_attributes.member_id)"
_PARAMETER = re.compile(r"%\((\w+)\)s")


def segments(programme_id: UUID) -> QuerySet[models.Segment]:
    """Return the segments of a programme, for lists."""
    return owned(models.Segment.objects.filter(deleted_at=None), programme_id=programme_id)


def check_code(code: str) -> None:
    """Check that a text can be a segment's code: a path may have any, also one that no database takes.

    :raises SegmentNotFound: it cannot.
    """
    if not CODE.fullmatch(code):
        raise SegmentNotFound()


def segment(programme_id: UUID, code: str) -> models.Segment:
    """Return a segment of a programme.

    :raises SegmentNotFound: there is none.
    """
    check_code(code)
    found = models.Segment.objects.filter(programme_id=programme_id, code=code, deleted_at=None).first()
    if found is None:
        raise SegmentNotFound()
    return found


def segment_codes(programme_id: UUID) -> frozenset[str]:
    """Return the codes of a programme's segments."""
    return frozenset(code for _, code, _, _ in rows(_OF_PROGRAMME, [programme_id]))


def broken_segments(programme_id: UUID, fields: Mapping[str, Field]) -> Iterator[dict[str, Any]]:
    """Yield each fault that the conditions of a programme's segments would have, were these its fields."""
    for _, code, _, condition in rows(_OF_PROGRAMME, [programme_id]):
        try:
            if condition:
                read_segment(msgspec.json.decode(condition), fields, pointer="/condition")
        except RulesInvalid as invalid:
            yield from ({"segment": code, **structs.asdict(fault)} for fault in invalid.faults)


def known_of(programme_id: UUID, member_ids: Collection[UUID], fields: Collection[str]) -> dict[UUID, KnownMember]:
    """Return what a programme knows of these members now, so far as these fields ask for it, in statements of a fixed
    number."""
    there = [Segment(*row) for row in rows(_OF_PROGRAMME, [programme_id])] if SEGMENTS in fields else []
    # Conditions of segments ask attributes, too.
    has_attributes = there or any(name.startswith(PREFIX) for name in fields)
    attributes = attributes_of_members(programme_id, member_ids) if has_attributes else {}
    listed = _listed(there, member_ids)
    schema = earning.schema(programme_id) if any(one.condition for one in there) else Schema()
    tiers = tiers_of(programme(programme_id), member_ids, at=clock.now()) if TIER in fields else {}
    known = {one: _known(there, listed[one], attributes.get(one), schema) for one in member_ids}
    return {one: found._replace(tier=tiers.get(one)) for one, found in known.items()}


def members_of(row: models.Segment) -> QuerySet[Any]:
    """Return the members of a segment, for lists in the order of their ids: those on its list, or those of whom
    something is known that meets its condition and who are nobody else by now."""
    if row.condition is None:
        return owned(SegmentMember.objects.all(), segment_id=row.id)
    fields = fields_of(earning.schema(row.programme_id))
    where, parameters = _where(read_segment(row.condition, fields, pointer=""))
    is_met: Any = RawSQL(where, parameters, output_field=BooleanField())  # noqa: S611 - values are parameters
    return owned(MemberAttributes.objects.filter(is_met), programme_id=row.programme_id)


def count_members(row: models.Segment) -> int:
    """Return how many members a segment has; with a condition, all of whom something is known are looked at."""
    return row.members if row.condition is None else members_of(row).count()


def _where(condition: Condition) -> tuple[str, list[Any]]:
    """Return a condition for Django, which names no parameters; who was merged is another member now."""
    columns, of_columns = columns_of("member_attributes")
    where, parameters = sql(condition, columns)
    names = _PARAMETER.findall(where)
    return f"({_PARAMETER.sub('%s', where)}) AND NOT {_MERGED}", [(parameters | of_columns)[name] for name in names]


def _listed(there: Sequence[Segment], member_ids: Collection[UUID]) -> Mapping[UUID, set[UUID]]:
    """Return on the lists of which segments these members are."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    lists = [one.id for one in there if one.condition is None]
    if lists and member_ids:
        for member_id, segment_id in rows(_LISTED, {"members": array(list(member_ids)), "segments": array(lists)}):
            found[member_id].add(segment_id)
    return found


def _known(
    there: Sequence[Segment], listed: Collection[UUID], attributes: Attributes | None, schema: Schema
) -> KnownMember:
    if attributes is None:
        return KnownMember(0, {}, [one for one in there if one.id in listed])
    values, types = values_of(attributes.stored, fields_of(schema)), msgspec.json.encode(schema)
    in_ = [one for one in there if one.id in listed or (one.condition and _test(one.condition, types)(values))]
    return KnownMember(attributes.version, attributes.stored, in_)


@lru_cache(maxsize=1024)
def _test(condition: str, types: bytes) -> Test:
    fields = fields_of(msgspec.json.decode(types, type=Schema))
    return compiled(read_segment(msgspec.json.decode(condition), fields, pointer=""))
