"""Events, and what tests of them start from."""

from datetime import datetime
from typing import Any
from uuid import UUID

from points.earning import operations as earning
from points.earning.rules import EventType, Schema, Type
from points.events import operations
from points.events.rules.events import Event, NewEvent
from points.programmes.queries import default_programme
from points.purchases.operations import Teller
from shared.ids import new_id
from shared.testing.roles import OPERATOR
from tests.factories import AT
from tests.judging_factories import activate
from tests.rules.earning.factories import fixed, rule, rule_set

SCHEMA = Schema(
    event_data={
        "stars": Type.INTEGER,
        "is_public": Type.BOOLEAN,
        "text": Type.TEXT,
        "on": Type.DATE,
        "at": Type.INSTANT,
        "tags": Type.TEXTS,
        "size": ("s", "m"),
    },
    events={
        "review": EventType(data=("stars", "is_public", "text", "on", "at", "tags", "size"), required=("stars",)),
        "visit": EventType(),
    },
)
NOBODY = Teller(None)


def when(name: str, **more: Any) -> dict[str, Any]:
    """Return the condition that an event has this name."""
    return {"field": "event.name", "op": "eq", "value": name} | more


def on(name: str, points: int, *conditions: dict[str, Any], event: str = "review", **more: Any) -> dict[str, Any]:
    """Return a rule that gives so many points for an event."""
    return rule(name, fixed(points), trigger="event", condition={"all": [when(event), *conditions]}, **more)


def registering(points: int, **more: Any) -> dict[str, Any]:
    """Return a rule that gives so many points for a registration."""
    return rule("registering", fixed(points), trigger="registration", **more)


REVIEW = on("review", 25)
MANY_STARS = on("stars", 10, {"field": "event.data.stars", "op": "gte", "value": 4})


def let_earn(*rules: dict[str, Any], **more: Any) -> int:
    """Let the default programme have these events and rules, those of reviews where none are named."""
    programme_id = more.get("programme_id") or default_programme().id
    earning.change_schema(programme_id, SCHEMA, actor_id=OPERATOR.id, at=AT)
    return activate(rule_set(*(rules or (REVIEW, MANY_STARS))), schema=SCHEMA, **more)


def told(member_id: UUID, *, occurred_at: datetime = AT, **more: Any) -> NewEvent:
    """Return an event that is told: a review of three stars, where nothing else is said."""
    values = {"event_id": str(new_id()), "name": "review", "data": {"stars": 3}} | more
    return NewEvent(member_id=member_id, occurred_at=occurred_at, **values)


def tell(member_id: UUID, *, at: datetime = AT, **more: Any) -> Event:
    """Tell an event in the default programme."""
    return operations.record_event(told(member_id, **{"occurred_at": at} | more), teller=NOBODY, at=at)
