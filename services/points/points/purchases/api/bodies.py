"""What requests about purchases and their returns must look like."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rest_framework import serializers

from points.purchases.rules.purchases import PurchaseLine, RecordedPurchase, Told
from shared.callers import Caller
from shared.http.fields import Body, Choice, ExternalId, Identifier, Metadata, MoneyField, PageQuery, Text, WholeNumber
from shared.http.times import Past
from shared.money import LARGEST_AMOUNT

MOST_LINES = 200
MOST_REDEMPTIONS = 20
LARGEST_QUANTITY = 10**6
LARGEST_BATCH = 1_000
MOST_LINES_OF_BATCH = 10_000


class Flag(serializers.BooleanField):
    """`true` or `false`, and nothing that looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Total(MoneyField):
    """`{"amount": 0, "currency": "EUR"}`: minor units, none where all was free."""

    amount = WholeNumber(min_value=0, max_value=LARGEST_AMOUNT)

    class Meta:
        ref_name = "Total"


class NewLine(Body):
    """A line of a purchase: so many pieces, and what they cost together, in minor units of the purchase's currency.

    One without pieces (a sample, weighed goods) earns nothing.
    """

    line_id = ExternalId(max_length=100)
    sku = ExternalId(max_length=64, allow_blank=True, default="")
    category = Text(max_length=64, allow_blank=True, default="")
    brand = Text(max_length=64, allow_blank=True, default="")
    quantity = WholeNumber(min_value=0, max_value=LARGEST_QUANTITY)
    amount = WholeNumber(min_value=0, max_value=LARGEST_AMOUNT)
    metadata = Metadata(default=dict)


class NewPurchaseBody(Body):
    """A purchase by the caller's own `purchase_id`; where it has lines, they add up to `amount`.

    `money_amount` is the part that was paid in money and earns points; where it is left out it is `amount` less what
    the redemptions are worth. Lines without pieces earn nothing, nor does a total of zero.
    """

    member_id = Identifier()
    programme = Identifier(required=False)
    purchase_id = ExternalId(max_length=100)
    amount = Total()
    money_amount = WholeNumber(min_value=0, max_value=LARGEST_AMOUNT, required=False)
    occurred_at = Past(required=False)
    channel = ExternalId(max_length=40, allow_blank=True, default="")
    store = ExternalId(max_length=64, allow_blank=True, default="")
    metadata = Metadata(default=dict)
    lines = serializers.ListField(child=NewLine(), max_length=MOST_LINES, default=list)
    redemption_ids = serializers.ListField(child=Identifier(), max_length=MOST_REDEMPTIONS, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse lines that are named twice or do not add up, and redemptions that are named twice."""
        _once("redemption_ids", attrs["redemption_ids"])
        return check_sums(attrs)

    class Meta:
        ref_name = "NewPurchase"


class NewPurchaseBatch(Body):
    """Up to 1,000 purchases, each by a `purchase_id` of its own, with up to 10,000 lines together."""

    purchases: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=NewPurchaseBody(), min_length=1, max_length=LARGEST_BATCH
    )


def told_of(body: dict[str, Any], caller: Caller, at: datetime) -> Told:
    """Return the purchase that a body tells of, as told now by this caller."""
    recorded = RecordedPurchase(
        reference=body["purchase_id"],
        merchant_id=caller.merchant_id,
        member_id=body["member_id"],
        currency=body["amount"].currency,
        amount=body["amount"].amount,
        money_amount=body.get("money_amount"),
        lines=tuple(PurchaseLine(**line) for line in body["lines"]),
        channel=body["channel"],
        store=body["store"],
        metadata=body["metadata"],
        redemption_ids=tuple(body["redemption_ids"]),
        occurred_at=body.get("occurred_at", at),
        is_by_programme=caller.merchant_id is None and (caller.may("points:earn") or caller.may("points:adjust")),
    )
    return Told(recorded, body.get("programme"))


class LineToReturn(Body):
    """How many pieces of a line come back."""

    line_id = ExternalId(max_length=100)
    quantity = WholeNumber(min_value=1, max_value=LARGEST_QUANTITY)


class NewReturn(Body):
    """What comes back: pieces of lines, or an amount, or all that is left where neither is named."""

    return_id = ExternalId(max_length=100)
    lines = serializers.ListField(child=LineToReturn(), min_length=1, max_length=MOST_LINES, required=False)
    amount = MoneyField(required=False)
    reason = Text(max_length=200, default="return")
    preview = Flag(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse both at once, and lines that are named twice."""
        if "lines" in attrs and "amount" in attrs:
            raise serializers.ValidationError({"amount": "Lines or an amount, not both."}, "both")
        _once("lines", [line["line_id"] for line in attrs.get("lines", [])])
        return attrs


class ReturnQuery(Body):
    """Whether a return is only looked at."""

    preview = Choice(choices=["true", "false"], default="false")


def check_sums(attrs: dict[str, Any]) -> dict[str, Any]:
    """Refuse a purchase whose lines are named twice or do not add up, or that was paid with more than it cost."""
    total, lines = attrs["amount"].amount, attrs["lines"]
    _once("lines", [line["line_id"] for line in lines])
    if lines and sum(line["amount"] for line in lines) != total:
        raise serializers.ValidationError({"lines": "They do not add up to the amount."}, "sum")
    if attrs.get("money_amount", 0) > total:
        raise serializers.ValidationError({"money_amount": "It is more than the amount."}, "too_large")
    return attrs


def _once(field: str, names: Sequence[Any]) -> None:
    if len(set(names)) < len(names):
        raise serializers.ValidationError({field: "One is named twice."}, "twice")


class PurchasesQuery(PageQuery):
    """Which purchases: whose, and by the merchant's own `purchase_id`."""

    member_id = Identifier(required=False)
    purchase_id = ExternalId(max_length=100, required=False)
