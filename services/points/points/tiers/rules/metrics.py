"""What counts for tiers, and how much of it a purchase or an event is."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from points.earning.rules import Schema, Type
from points.earning.rules.events import LONGEST_KEY
from points.earning.rules.faults import Faults, below
from points.earning.rules.noted import Bought, Noted
from shared.texts import is_text

# So that no sum of days is larger than can be counted.
MOST_OF_ONE = 10**12
PLAIN = ("points", "spend", "orders")
_PARTS: Mapping[str, tuple[str, ...]] = {"events": ("name",), "field": ("event", "field")}
KINDS = (*PLAIN, *_PARTS)


class Events(Struct, frozen=True, kw_only=True, tag_field="kind", tag="events"):
    """Each event of a name."""

    name: str


class FieldOfEvent(Struct, frozen=True, kw_only=True, tag_field="kind", tag="field"):
    """A whole number in the data of each event of a name."""

    event: str
    field: str


Metric = Literal["points", "spend", "orders"] | Events | FieldOfEvent


def kind_of(metric: Metric) -> str:
    """Return the name of what counts."""
    if isinstance(metric, str):
        return metric
    return "events" if isinstance(metric, Events) else "field"


def event_of(metric: Metric) -> str | None:
    """Return the name of the events that count, None where they are none."""
    if isinstance(metric, Events):
        return metric.name
    return metric.event if isinstance(metric, FieldOfEvent) else None


def field_of(metric: Metric) -> str | None:
    """Return the name of the field that counts, None where there is none."""
    return metric.field if isinstance(metric, FieldOfEvent) else None


def amount_of(metric: Metric, noted: Noted) -> int:
    """Return how much a purchase or an event counts; one alone counts `MOST_OF_ONE` at most, and never less than
    nothing."""
    if isinstance(noted, Bought):
        return amount_left(metric, noted.amount)
    if noted.name != event_of(metric):
        return 0
    value = noted.data.get(metric.field) if isinstance(metric, FieldOfEvent) else 1
    return min(max(value, 0), MOST_OF_ONE) if type(value) is int else 0


def amount_left(metric: Metric, left: int) -> int:
    """Return how much a purchase counts of which so much money is left; an event of which nothing is counts nothing."""
    if metric == "spend":
        return min(left, MOST_OF_ONE)
    return int(metric == "orders" and left > 0)


def read_metric(value: Any, faults: Faults) -> Metric:
    """Return what counts as a JSON value says it, and note all that is wrong with it."""
    if type(value) is str and value in PLAIN:
        return value  # type: ignore[return-value]
    kind = value.get("kind") if isinstance(value, dict) else None
    if type(kind) is not str or kind not in _PARTS:
        kinds = " or ".join(_PARTS)
        faults.add("/metric", "wrong_value", f"One of {', '.join(PLAIN)} or an object of the kind {kinds} is expected.")
        return "points"
    names = {name: _name(value, name, faults) for name in _PARTS[kind]}
    for name in sorted(value.keys() - {"kind", *names}):
        faults.add(below("/metric", name), "unknown_member", "There is no such member.")
    return Events(**names) if kind == "events" else FieldOfEvent(**names)


def _name(value: Mapping[str, Any], name: str, faults: Faults) -> str:
    if name not in value:
        faults.add("/metric", "member_missing", f"The member `{name}` is missing.")
    elif type(value[name]) is not str or not 0 < len(value[name]) <= LONGEST_KEY or not is_text(value[name]):
        faults.add(below("/metric", name), "wrong_value", f"A text of 1 to {LONGEST_KEY} characters is expected.")
    else:
        return str(value[name])
    return ""


def check_metric(metric: Metric, schema: Schema, faults: Faults) -> None:
    """Note where a programme's schema has not the events or the field that count."""
    if (name := event_of(metric)) is None:
        return
    event = schema.events.get(name)
    if event is None:
        pointer = "/metric/name" if isinstance(metric, Events) else "/metric/event"
        faults.add(pointer, "unknown_event", "The programme's schema has no event of this name.")
    elif isinstance(metric, FieldOfEvent) and metric.field not in event.data:
        faults.add("/metric/field", "unknown_field", "The data of the event has no such key.")
    elif isinstance(metric, FieldOfEvent) and schema.event_data[metric.field] != Type.INTEGER:
        faults.add("/metric/field", "wrong_type", "A whole number is expected to count.")
