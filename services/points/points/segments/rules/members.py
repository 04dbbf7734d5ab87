"""What is known of a member when rules ask."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from points.earning.rules import SEGMENTS, TIER, Field, Needs
from points.segments.rules.attributes import PREFIX, Stored, in_json, values_of

# By what rules name a segment.
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
# Which version of the member's attributes rules were told; no condition asks it.
ATTRIBUTES_VERSION = "member.attributes_version"
# What may be asked of members; `PREFIX` stands for every attribute.
EVERYTHING = frozenset({PREFIX, SEGMENTS, TIER})


class Segment(NamedTuple):
    """A segment of a programme; its condition as it is stored, where it has one."""

    id: UUID
    code: str
    name: str
    condition: str | None


class KnownMember(NamedTuple):
    """What a programme knows of a member, so far as it was asked: attributes, with their version (0 where nobody said
    any), segments, and the code of the tier, where there is one."""

    version: int
    stored: Stored
    segments: Sequence[Segment]
    tier: str | None = None


def asked_of_members(needs: Needs) -> set[str]:
    """Return the fields of members that rules ask, which a programme knows."""
    return {name for name in needs.fields if name in EVERYTHING or name.startswith(PREFIX)}


def said_of(known: KnownMember, fields: Mapping[str, Field], needs: Needs) -> dict[str, Any]:
    """Return what rules ask of a member, as JSON, to be told and kept: these fields, and no others."""
    found: dict[str, Any] = {}
    asked = {name: field for name, field in fields.items() if name in needs.fields and name.startswith(PREFIX)}
    if asked:
        found = {name: in_json(value) for name, value in values_of(known.stored, asked).items()}
        found[ATTRIBUTES_VERSION] = known.version
    if SEGMENTS in needs.fields:
        found[SEGMENTS] = [one.code for one in known.segments]
    if TIER in needs.fields and known.tier:
        found[TIER] = known.tier
    return found
