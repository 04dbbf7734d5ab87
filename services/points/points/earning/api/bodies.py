"""What requests about rules must look like."""

from typing import Any

from rest_framework import serializers

from points.earning.api.fields import Attributes, Document, EventData, EventTypes, Types
from points.earning.rules import Cart, CartLine, Event
from points.earning.simulations import AS_USED, LIMITS, UNUSED
from points.purchases.api.bodies import MOST_LINES, NewLine, Total, check_sums
from shared.http.fields import Body, Choice, ExternalId, Flag, Identifier, Metadata, Text, WholeNumber
from shared.http.times import Future, Instant
from shared.money import LARGEST_AMOUNT

MOST_SEGMENTS = 100
LARGEST_VERSION = 2**31 - 1


class FieldsQuery(Body):
    """Whose own keys are listed too."""

    programme = Identifier(required=False)


class RuleDocument(Body):
    """A version of rules; what is wrong with its document is refused with a JSON pointer into it for each fault."""

    document = Document()


class RuleSchemaBody(Body):
    """The types of the programme's own keys; a part that is left out has none."""

    purchase_metadata = Types(default=dict)
    line_metadata = Types(default=dict)
    attributes = Types(default=dict)
    event_data = Types(default=dict)
    events = EventTypes(default=dict)

    class Meta:
        ref_name = "NewRuleSchema"


class Activation(Body):
    """From when a version counts; now, where left out."""

    at = Future(required=False)


class Retirement(Body):
    """When a version ends; now, where left out."""

    at = Future(required=False)


class SimulatedPurchase(Body):
    """A purchase that does not exist; where it has lines, they add up to `amount`. All that is paid in money earns, or
    `money_amount` of it."""

    amount = Total()
    money_amount = WholeNumber(min_value=0, max_value=LARGEST_AMOUNT, required=False)
    merchant_id = Identifier(required=False)
    channel = ExternalId(max_length=40, allow_blank=True, default="")
    store = ExternalId(max_length=64, allow_blank=True, default="")
    metadata = Metadata(default=dict)
    lines = serializers.ListField(child=NewLine(), max_length=MOST_LINES, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse lines that are named twice or do not add up."""
        return check_sums(attrs)


class SimulatedEvent(Body):
    """An event that does not exist, of the programme's schema."""

    name = Text(max_length=40)

    def get_fields(self) -> dict[str, Any]:
        """Add `data`, which serializers have as another thing."""
        return super().get_fields() | {"data": EventData(default=dict)}


class NewSimulation(Body):
    """A purchase or an event to try, at an instant (now, where left out), under a `version`, a `document` that is not
    stored, or the active rules.

    Of the member named it is known whether it would be the first purchase, and what the programme knows now; what is
    said of a member here is taken in its place. Limits are taken `as_used` by the member until now, or as `unused`;
    where that is not said, as the member named used them, unless a `document` is tried.
    """

    programme = Identifier(required=False)
    member_id = Identifier(required=False)
    is_first_purchase = Flag(required=False)
    segments = serializers.ListField(child=Text(max_length=200), max_length=MOST_SEGMENTS, required=False)
    attributes = Attributes(required=False)
    tier = Text(max_length=64, required=False)
    at = Instant(required=False)
    limits = Choice(choices=LIMITS, required=False)
    version = WholeNumber(min_value=1, max_value=LARGEST_VERSION, required=False)
    document = Document(required=False)
    purchase = SimulatedPurchase(required=False)
    event = SimulatedEvent(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two sets of rules at once, both a purchase and an event or neither, and limits as nobody used them."""
        if ("purchase" in attrs) == ("event" in attrs):
            raise serializers.ValidationError({"purchase": "A purchase or an event is expected."}, "one_of")
        if "version" in attrs and "document" in attrs:
            raise serializers.ValidationError({"document": "A version or a document, not both."}, "both")
        is_used = "member_id" in attrs and "document" not in attrs
        attrs.setdefault("limits", AS_USED if is_used else UNUSED)
        if attrs["limits"] == AS_USED and "member_id" not in attrs:
            raise serializers.ValidationError({"limits": "Nobody is named who used them."}, "nobody")
        return attrs


def cart_of(said: dict[str, Any]) -> Cart:
    """Return the purchase that a request tries."""
    rest = {name: value for name, value in said.items() if name not in ("amount", "lines")}
    lines = tuple(CartLine(**line) for line in said["lines"])
    return Cart(amount=said["amount"].amount, currency=said["amount"].currency, lines=lines, **rest)


def event_of(said: dict[str, Any]) -> Event:
    """Return the event that a request tries."""
    return Event(name=said["name"], data=said["data"])
