"""Which fields conditions may ask, each with its type: a closed list, and the keys of the programme's schemas."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, structs

from shared.instants import read_day, read_instant
from shared.money import EXPONENTS
from shared.texts import composed, is_text

LONGEST_TEXT = 200
LARGEST_INTEGER = 2**63 - 1
MOST_TEXTS = 1_000
# Days are those of people's lives, too.
EARLIEST_YEAR = 1_900
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Type(StrEnum):
    """The type of a field's values. An integer is minor units, points or a count."""

    INTEGER = "integer"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    TEXTS = "texts"
    ENUM = "enum"


_EQUAL, _ORDER = ("eq", "ne", "in", "not_in"), ("gt", "gte", "lt", "lte", "between")
OPERATORS: Mapping[Type, tuple[str, ...]] = {
    Type.INTEGER: (*_EQUAL, *_ORDER, "exists"),
    Type.TEXT: (*_EQUAL, "starts_with", "exists"),
    Type.BOOLEAN: ("eq", "exists"),
    Type.DATE: (*_EQUAL, *_ORDER, "exists"),
    Type.INSTANT: (*_ORDER, "exists"),
    Type.TEXTS: ("has", "has_any", "exists"),
    Type.ENUM: (*_EQUAL, "exists"),
}


class Field(Struct, frozen=True, kw_only=True):
    """A field that conditions may ask; `is_money`: in minor units of the purchase's currency. A condition that is saved
    names no others than the `known` texts, where these are said."""

    name: str
    type: Type
    title: str
    values: tuple[str, ...] = ()
    is_money: bool = False
    known: frozenset[str] | None = None

    @property
    def place(self) -> str:
        """Return what it is a field of: `purchase`, `line`, `member`, `event` or `time`."""
        return self.name.partition(".")[0]


class EventType(Struct, frozen=True, kw_only=True):
    """What the data of an event may have, of the keys of `event_data`, and what of it must be there."""

    data: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


class Schema(Struct, frozen=True, kw_only=True):
    """The programme's own keys, each with its type; a tuple of texts is an enum of these. `events` are those that can
    be told, by their names."""

    purchase_metadata: Mapping[str, Type | tuple[str, ...]] = {}
    line_metadata: Mapping[str, Type | tuple[str, ...]] = {}
    attributes: Mapping[str, Type | tuple[str, ...]] = {}
    event_data: Mapping[str, Type | tuple[str, ...]] = {}
    events: Mapping[str, EventType] = {}


def _field(name: str, kind: Type, title: str, *, values: tuple[str, ...] = (), is_money: bool = False) -> Field:
    return Field(name=name, type=kind, title=title, values=values, is_money=is_money)


FIXED = (
    _field("purchase.amount", Type.INTEGER, "amount", is_money=True),
    _field("purchase.currency", Type.ENUM, "currency", values=tuple(EXPONENTS)),
    _field("purchase.channel", Type.TEXT, "channel"),
    _field("purchase.store", Type.TEXT, "store"),
    _field("purchase.merchant_id", Type.TEXT, "merchant"),
    _field("line.sku", Type.TEXT, "SKU"),
    _field("line.category", Type.TEXT, "category"),
    _field("line.brand", Type.TEXT, "brand"),
    _field("line.quantity", Type.INTEGER, "quantity"),
    _field("line.amount", Type.INTEGER, "amount", is_money=True),
    _field("member.segments", Type.TEXTS, "segments"),
    _field("member.tier", Type.TEXT, "tier"),
    _field("member.is_first_purchase", Type.BOOLEAN, "first purchase"),
    _field("event.name", Type.TEXT, "event"),
    _field("time.weekday", Type.ENUM, "weekday", values=WEEKDAYS),
    _field("time.hour", Type.INTEGER, "hour"),
    _field("time.date", Type.DATE, "date"),
)
SEGMENTS, TIER = "member.segments", "member.tier"


def fields_of(
    schema: Schema, *, segments: frozenset[str] | None = None, tiers: frozenset[str] | None = None
) -> dict[str, Field]:
    """Return every field of a programme by its name; that of events is an enum of those that it has, if any.

    Conditions name these `segments` and `tiers` alone, where they are said.
    """
    keys = {
        "purchase.metadata": schema.purchase_metadata,
        "line.metadata": schema.line_metadata,
        "member.attributes": schema.attributes,
        "event.data": schema.event_data,
    }
    own = [own_field(prefix, key, kind) for prefix, types in keys.items() for key, kind in types.items()]
    if schema.events:
        own.append(_field("event.name", Type.ENUM, "event", values=tuple(sorted(schema.events))))
    found = {field.name: field for field in (*FIXED, *own)}
    named = {SEGMENTS: segments, TIER: tiers}
    return found | {name: structs.replace(found[name], known=known) for name, known in named.items()}


def own_field(prefix: str, key: str, kind: Type | tuple[str, ...]) -> Field:
    """Return the field of a programme's own key."""
    name = f"{prefix}.{key}"
    if isinstance(kind, tuple):
        return _field(name, Type.ENUM, key, values=kind)
    return _field(name, Type(kind), key)


def typed(field: Field, value: Any) -> Any:
    """Return a value of JSON as the field's type has it: days, instants and lists of texts are written as texts.

    :raises ValueError: it is not of that type; nothing is coerced.
    """
    kind = type(value)
    if field.type is Type.INTEGER and kind is int and abs(value) <= LARGEST_INTEGER:
        return value
    if field.type is Type.BOOLEAN and kind is bool:
        return value
    if field.type is Type.TEXTS and kind is list and len(value) <= MOST_TEXTS:
        return tuple(_text(one) for one in value)
    if kind is not str:
        raise ValueError(f"A value of type {field.type} is expected.")
    return _read(field, value)


def _read(field: Field, value: str) -> Any:
    if field.type is Type.TEXT:
        return _text(value)
    if field.type is Type.DATE:
        return read_day(value, since=EARLIEST_YEAR)
    if field.type is Type.INSTANT:
        return read_instant(value)
    if field.type is Type.ENUM and value in field.values:
        return value
    expected = f"One of {', '.join(field.values)}" if field.type is Type.ENUM else f"A value of type {field.type}"
    raise ValueError(f"{expected} is expected.")


def _text(value: Any) -> str:
    if type(value) is not str or not 0 < len(value) <= LONGEST_TEXT or not is_text(value):
        raise ValueError(f"A text of 1 to {LONGEST_TEXT} characters is expected.")
    return composed(value)


_KINDS = {Type.INTEGER: int, Type.BOOLEAN: bool, Type.DATE: date, Type.INSTANT: datetime}


def is_of(field: Field, value: Any) -> bool:
    """Tell whether a value that is there is of its field's type; where it is not, it counts as missing."""
    if field.type is Type.TEXTS:
        return isinstance(value, tuple) and all(type(one) is str for one in value)
    if field.type is Type.ENUM:
        return type(value) is str and value in field.values
    return type(value) is _KINDS.get(field.type, str)
