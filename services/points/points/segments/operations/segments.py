"""Writes of segments: under the lock of the programme's rules, which name them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import structs

from points.earning import queries as earning
from points.earning.locks import lock_rules
from points.earning.operations import rules_asking_segment
from points.earning.rules import RulesInvalid, fields_of
from points.segments.errors import SegmentExists, SegmentInUse, SegmentKindFixed, SegmentRefused, TooManySegments
from points.segments.models import Segment
from points.segments.queries.segments import segment, segments
from points.segments.rules import read_segment
from shared.db import unit_of_work
from shared.ids import new_id

MOST_SEGMENTS = 100


def create_segment(
    programme_id: UUID, *, code: str, name: str, condition: Mapping[str, Any] | None, actor_id: UUID, at: datetime
) -> Segment:
    """Make a segment of a programme: of whoever meets a condition, or of a list without anybody on it yet.

    :raises ProgrammeNotFound: there is none.
    :raises SegmentExists: there is one with this code.
    :raises TooManySegments: the programme has as many as it may.
    :raises SegmentRefused: the condition is none.
    """
    with unit_of_work():
        lock_rules(programme_id)
        codes = set(segments(programme_id).values_list("code", flat=True))
        if code in codes:
            raise SegmentExists()
        if len(codes) >= MOST_SEGMENTS:
            raise TooManySegments(most=MOST_SEGMENTS)
        _check(condition, programme_id)
        by = {"created_at": at, "created_by": actor_id, "changed_at": at, "changed_by": actor_id}
        said = {"code": code, "name": name, "condition": condition}
        return Segment.objects.create(id=new_id(), programme_id=programme_id, **said, **by)


def change_segment(
    programme_id: UUID, code: str, *, name: str, condition: Mapping[str, Any] | None, actor_id: UUID, at: datetime
) -> Segment:
    """Let a segment have another name, or another condition where it has one.

    :raises ProgrammeNotFound, SegmentNotFound: there is none.
    :raises SegmentKindFixed: it would come to a condition, or lose its own.
    :raises SegmentRefused: the condition is none.
    """
    with unit_of_work():
        lock_rules(programme_id)
        row = segment(programme_id, code)
        if (row.condition is None) != (condition is None):
            raise SegmentKindFixed()
        _check(condition, programme_id)
        row.name, row.condition, row.changed_at, row.changed_by = name, condition, at, actor_id
        row.save(update_fields=["name", "condition", "changed_at", "changed_by"])
        return row


def delete_segment(programme_id: UUID, code: str, *, actor_id: UUID, at: datetime) -> None:
    """Delete a segment; its code is free, and its list is purged.

    :raises ProgrammeNotFound, SegmentNotFound: there is none.
    :raises SegmentInUse: rules that are not retired ask for it, or cannot be read and may.
    """
    with unit_of_work():
        lock_rules(programme_id)
        row = segment(programme_id, code)
        if asking := list(rules_asking_segment(programme_id, code, at=at)):
            raise SegmentInUse(errors=asking)
        row.deleted_at, row.deleted_by = at, actor_id
        row.save(update_fields=["deleted_at", "deleted_by"])


def _check(condition: Mapping[str, Any] | None, programme_id: UUID) -> None:
    if condition is None:
        return
    try:
        read_segment(condition, fields_of(earning.schema(programme_id)), pointer="/condition")
    except RulesInvalid as invalid:
        raise SegmentRefused(errors=[structs.asdict(fault) for fault in invalid.faults]) from None
