"""What requests about rules must look like."""

from typing import Any

from rest_framework import serializers

from points.earning.api.fields import Attributes, Document, Types
from points.earning.rules import Cart, CartLine
from points.purchases.api.bodies import MOST_LINES, NewLine, Total, check_sums
from shared.http.fields import Body, ExternalId, Flag, Identifier, Metadata, Text, WholeNumber
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


class NewSimulation(Body):
    """A purchase to try, at an instant (now, where left out), under a `version`, a `document` that is not stored, or
    the active rules.

    Of the member named it is known whether it would be the first purchase, and what the programme knows now; what is
    said of a member here is taken in its place.
    """

    programme = Identifier(required=False)
    member_id = Identifier(required=False)
    is_first_purchase = Flag(required=False)
    segments = serializers.ListField(child=Text(max_length=200), max_length=MOST_SEGMENTS, required=False)
    attributes = Attributes(required=False)
    at = Instant(required=False)
    version = WholeNumber(min_value=1, max_value=LARGEST_VERSION, required=False)
    document = Document(required=False)
    purchase = SimulatedPurchase()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two sets of rules at once."""
        if "version" in attrs and "document" in attrs:
            raise serializers.ValidationError({"document": "A version or a document, not both."}, "both")
        return attrs


def cart_of(said: dict[str, Any]) -> Cart:
    """Return the purchase that a request tries."""
    rest = {name: value for name, value in said.items() if name not in ("amount", "lines")}
    lines = tuple(CartLine(**line) for line in said["lines"])
    return Cart(amount=said["amount"].amount, currency=said["amount"].currency, lines=lines, **rest)
