"""An occasion: what happens to a member at an instant, that rules may be asked about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from points.earning.rules import Outcome, Trigger


class Occasion(Struct, frozen=True, kw_only=True):
    """What happened: of a trigger, to a member, at an instant, with what it says itself as JSON, by names of fields.

    It is judged once of its member, by its `key`.
    """

    trigger: Trigger
    member_id: UUID
    occurred_at: datetime
    key: str
    values: Mapping[str, Any] = {}


class Judged(Struct, frozen=True, kw_only=True):
    """An occasion and what rules of a version gave it; `known` is all that they were told."""

    occasion: Occasion
    version: int
    timezone: str
    known: Mapping[str, Any]
    outcome: Outcome


class Earned(NamedTuple):
    """An occasion that rules gave points, by its id: its transaction, or why it has none."""

    id: UUID
    judged: Judged
    transaction_id: UUID | None = None
    no_points_reason: str | None = None
