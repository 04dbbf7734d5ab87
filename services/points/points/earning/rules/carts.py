"""From what is known of a purchase and its member to the values that conditions ask."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from points.earning.rules.conditions import Field, is_of
from points.earning.rules.conditions.fields import typed
from points.earning.rules.facts import Line

_OF_PURCHASES = [(f"purchase.{name}", name) for name in ("amount", "currency", "channel", "store")]
_OF_LINES = [(f"line.{name}", name) for name in ("sku", "category", "brand", "quantity", "amount")]


class Cart(Struct, frozen=True, kw_only=True):
    """A purchase: what it cost, where, and its lines."""

    amount: int
    currency: str
    money_amount: int | None = None
    merchant_id: UUID | None = None
    channel: str = ""
    store: str = ""
    metadata: Mapping[str, Any] = {}
    lines: tuple["CartLine", ...] = ()


class CartLine(Struct, frozen=True, kw_only=True):
    """A line of a purchase."""

    line_id: str
    quantity: int
    amount: int
    sku: str = ""
    category: str = ""
    brand: str = ""
    metadata: Mapping[str, Any] = {}


class Goods(Protocol):
    """A line of whatever purchase: one that is tried, or one that was made."""

    @property
    def line_id(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def amount(self) -> int: ...
    @property
    def metadata(self) -> Mapping[str, Any]: ...


class Who(Struct, frozen=True, kw_only=True):
    """What is known of a member; None is not known."""

    segments: tuple[str, ...] | None = None
    attributes: Mapping[str, Any] = {}
    is_first_purchase: bool | None = None
    tier: str | None = None


def cart_values(fields: Mapping[str, Field], cart: Cart) -> dict[str, Any]:
    """Return the values of a purchase; what it does not say is missing."""
    values = _asked(fields, _OF_PURCHASES, cart)
    if (name := "purchase.currency") in values and not is_of(fields[name], cart.currency):
        del values[name]
    if cart.merchant_id:
        values["purchase.merchant_id"] = str(cart.merchant_id)
    if cart.metadata:
        values |= own_values(fields, "purchase.metadata", cart.metadata)
    return values


def who_values(fields: Mapping[str, Field], who: Who) -> dict[str, Any]:
    """Return the values of a member."""
    said = {"segments": who.segments, "is_first_purchase": who.is_first_purchase, "tier": who.tier}
    return _of("member", said) | own_values(fields, "member.attributes", who.attributes)


def lines_of(fields: Mapping[str, Field], lines: Sequence[Goods]) -> Iterator[Line]:
    """Return the lines of a purchase with their values."""
    asked = [(name, attribute) for name, attribute in _OF_LINES if name in fields]
    for line in lines:
        values = _said(asked, line)
        if line.metadata:
            values |= own_values(fields, "line.metadata", line.metadata)
        yield Line(line_id=line.line_id, amount=line.amount, quantity=line.quantity, values=values)


def _asked(fields: Mapping[str, Field], names: Sequence[tuple[str, str]], of: object) -> dict[str, Any]:
    """Return what is said of the fields that there are."""
    return _said([(name, attribute) for name, attribute in names if name in fields], of)


def _said(asked: Sequence[tuple[str, str]], of: object) -> dict[str, Any]:
    """Return what is said; an empty text says nothing."""
    return {name: value for name, attribute in asked if (value := getattr(of, attribute)) not in (None, "")}


def typed_values(fields: Mapping[str, Field], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of JSON by the names of their fields; one that is of no field, or not of its type, is missing."""
    found = {}
    for name, value in said.items():
        if field := fields.get(name):
            try:
                found[name] = typed(field, value)
            except ValueError:
                continue
    return found


def own_values(fields: Mapping[str, Field], prefix: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the programme's own values; one that is of no field, or not of its type, is missing."""
    return typed_values(fields, {f"{prefix}.{key}": value for key, value in said.items()})


def _of(place: str, said: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{place}.{name}": value for name, value in said.items() if value not in (None, "")}
