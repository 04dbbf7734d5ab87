"""What an event is, and what one earns by rules."""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct, structs

from points.earning.rules import Event as Told
from points.earning.rules import Facts, Field, Trigger, event_values, facts_of, typed_values
from points.earning.rules.noted import Happened
from points.earning.rules.postings import Together, came_by, later_suffixes
from points.purchases.rules.purchases import ByRules

# What an event is of, in its row and in the keys of what it earned.
TRIGGERS = (Trigger.EVENT, Trigger.REGISTRATION, Trigger.BIRTHDAY)


class NoPoints(StrEnum):
    """Why rules gave nothing to an event."""

    NO_RULES = "no_rules"
    OWN_STAFF = "own_staff"
    TOO_MANY_POINTS = "too_many_points"
    BALANCE_TOO_LARGE = "balance_too_large"


class NewEvent(Struct, frozen=True, kw_only=True):
    """An event that is told, and in which programme: in the default one, where that is not said.

    `is_by_programme`: no merchant tells it, but who may give points.
    """

    programme_id: UUID | None = None
    event_id: str
    merchant_id: UUID | None = None
    member_id: UUID
    name: str
    data: Mapping[str, Any] = {}
    occurred_at: datetime
    is_by_programme: bool = False


class Event(Struct, frozen=True, kw_only=True):
    """An event as it is noted, with what it earned; a registration or a birthday has no `event_id` and no name.

    `year` is that of a birthday, in the time zone of the programme. `reversed_by` is what took it back: a
    transaction, where it earned anything.
    `by_rules` is how the version `rules_version` judged it, where that was read.
    """

    id: UUID
    programme_id: UUID
    trigger: Trigger
    merchant_id: UUID | None = None
    event_id: str | None = None
    name: str = ""
    member_id: UUID
    year: int | None = None
    occurred_at: datetime
    recorded_at: datetime
    data: Mapping[str, Any] = {}
    points: int = 0
    transaction_id: UUID | None = None
    no_points_reason: str | None = None
    rules_version: int | None = None
    reversed_by: UUID | None = None
    by_rules: ByRules | None = None

    @property
    def key(self) -> tuple[UUID, str | None, UUID | None]:
        """Return what it is told once by."""
        return self.programme_id, self.event_id, self.merchant_id

    @property
    def source(self) -> str:
        """Return what its transaction refers to."""
        return f"{self.trigger}:{self.id}"

    @property
    def earning_key(self) -> str:
        """Return the source key of its transaction, the first where there are several."""
        return f"{self.source}:earn"

    @property
    def later_keys(self) -> list[str]:
        """Return the source keys of all that it earned but of the first."""
        return [self.earning_key + suffix for suffix in later_suffixes(self.by_rules.outcome)] if self.by_rules else []

    @property
    def together(self) -> list[Together]:
        """Return what rules gave it, by its transactions, where these were read."""
        by_rules = self.by_rules
        return came_by(by_rules.outcome, self.transaction_id, by_rules.later) if by_rules else []


class Recorded(NamedTuple):
    """An event that was told, now or before."""

    event: Event
    is_repeated: bool


def facts_of_event(fields: Mapping[str, Field], event: Event, known: Mapping[str, Any], *, timezone: str) -> Facts:
    """Return what an event tells rules; `known` is what its row does not say of its member,
    in JSON."""
    told = event_values(fields, Told(name=event.name, data=event.data)) if event.name else {}
    values = {**told, **typed_values(fields, known)}
    return facts_of(fields, trigger=event.trigger, values=values, at=event.occurred_at, timezone=timezone)


def judged(event: Event, version: int, by_rules: ByRules, *, transaction_id: UUID) -> Event:
    """Return an event with what rules gave it."""
    points = by_rules.outcome.points
    return structs.replace(
        event,
        points=points,
        transaction_id=transaction_id if points else None,
        rules_version=version,
        by_rules=by_rules,
    )


def happened(event: Event, member_id: UUID) -> Happened:
    """Return an event as whoever follows events is told of it; `member_id` is whoever its member is now."""
    return Happened(event.id, event.programme_id, member_id, event.occurred_at, event.name, event.data)


def without_points(event: Event, why: NoPoints) -> Event:
    """Return an event that earns nothing, whatever rules would have given it."""
    nothing = {"points": 0, "transaction_id": None, "rules_version": None, "by_rules": None}
    return structs.replace(event, no_points_reason=why.value, **nothing)


def is_same(before: Event, again: Event) -> bool:
    """Tell whether an event that is told again is the same one."""
    return _what(before) == _what(again)


def _what(event: Event) -> tuple[object, ...]:
    # In one form, so that the same is equal and nothing else: in Python `true` is equal to 1.
    return event.member_id, event.name, event.occurred_at, json.dumps(event.data, sort_keys=True)
