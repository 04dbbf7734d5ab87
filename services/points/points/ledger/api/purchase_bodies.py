"""What requests about purchases and their returns must look like, and how their answers do."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from points.ledger.refunds import Returned
from points.ledger.rules.purchases import Purchase, PurchaseLine
from shared.http.fields import Body, Choice, Identifier, MoneyField, PageQuery, Text, WholeNumber
from shared.http.pages import page_of
from shared.http.times import Instant, Past
from shared.money import LARGEST_AMOUNT

MOST_LINES = 200
MOST_REDEMPTIONS = 20
LARGEST_QUANTITY = 10**6


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

    line_id = Text(max_length=100)
    quantity = WholeNumber(min_value=0, max_value=LARGEST_QUANTITY)
    amount = WholeNumber(min_value=0, max_value=LARGEST_AMOUNT)


class NewPurchaseBody(Body):
    """A purchase by the caller's own `purchase_id`; where it has lines, they add up to `amount`.

    `money_amount` is the part that was paid in money and earns points; where it is left out it is `amount` less what
    the redemptions are worth. Lines without pieces earn nothing, nor does a total of zero.
    """

    member_id = Identifier()
    programme = Identifier(required=False)
    purchase_id = Text(max_length=100)
    amount = Total()
    money_amount = WholeNumber(min_value=0, max_value=LARGEST_AMOUNT, required=False)
    occurred_at = Past(required=False)
    lines = serializers.ListField(child=NewLine(), max_length=MOST_LINES, default=list)
    redemption_ids = serializers.ListField(child=Identifier(), max_length=MOST_REDEMPTIONS, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse lines that are named twice or do not add up, and redemptions that are named twice."""
        total, lines = attrs["amount"].amount, attrs["lines"]
        _once("lines", [line["line_id"] for line in lines])
        _once("redemption_ids", attrs["redemption_ids"])
        if lines and sum(line["amount"] for line in lines) != total:
            raise serializers.ValidationError({"lines": "They do not add up to the amount."}, "sum")
        if attrs.get("money_amount", 0) > total:
            raise serializers.ValidationError({"money_amount": "It is more than the amount."}, "too_large")
        return attrs

    class Meta:
        ref_name = "NewPurchase"


class LineToReturn(Body):
    """How many pieces of a line come back."""

    line_id = Text(max_length=100)
    quantity = WholeNumber(min_value=1, max_value=LARGEST_QUANTITY)


class NewReturn(Body):
    """What comes back: pieces of lines, or an amount, or all that is left where neither is named."""

    return_id = Text(max_length=100)
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


def _once(field: str, names: Sequence[Any]) -> None:
    if len(set(names)) < len(names):
        raise serializers.ValidationError({field: "One is named twice."}, "twice")


class MoneyAnswer(serializers.Serializer[Any]):
    """Minor units of a currency."""

    amount = serializers.IntegerField()
    currency = serializers.CharField()

    class Meta:
        ref_name = "MoneyOfPurchase"


class ReturnedLineAnswer(serializers.Serializer[Any]):
    """What came back of a line."""

    line_id = serializers.CharField()
    quantity = serializers.IntegerField()
    amount = serializers.IntegerField()

    class Meta:
        ref_name = "ReturnedLine"


class ReturnAnswer(serializers.Serializer[Any]):
    """A return. The `points` that it asked back are `own` (from the purchase's lot), `others` (from other lots), `owed`
    and `forgiven`, as `policy` says; `restored` of the points that had paid came back, `expired` of these at once."""

    id = serializers.UUIDField(allow_null=True)
    return_id = serializers.CharField(allow_null=True)
    purchase = serializers.UUIDField()
    amount = MoneyAnswer()
    lines = ReturnedLineAnswer(many=True)
    reason = serializers.CharField()
    points = serializers.IntegerField()
    own = serializers.IntegerField(allow_null=True)
    others = serializers.IntegerField(allow_null=True)
    owed = serializers.IntegerField(allow_null=True)
    forgiven = serializers.IntegerField(allow_null=True)
    policy = serializers.CharField(allow_null=True)
    restored = serializers.IntegerField()
    expired = serializers.IntegerField()
    transaction_id = serializers.UUIDField(allow_null=True)
    returned_at = Instant()
    preview = serializers.BooleanField()

    class Meta:
        ref_name = "Return"


class PurchaseLineAnswer(ReturnedLineAnswer):
    """A line, its share of the points, what came back of it, and how many pieces still can."""

    points = serializers.IntegerField()
    quantity_returned = serializers.IntegerField()
    returned = serializers.IntegerField()
    points_returned = serializers.IntegerField()
    returnable = serializers.IntegerField()

    class Meta:
        ref_name = "PurchaseLine"


class SpendAnswer(serializers.Serializer[Any]):
    """A redemption that paid for the purchase; `restored` of its points came back."""

    redemption_id = serializers.UUIDField()
    points = serializers.IntegerField()
    restored = serializers.IntegerField()

    class Meta:
        ref_name = "Spend"


class PurchaseAnswer(serializers.Serializer[Any]):
    """A purchase: what it earned, what came back of it, and the money that still can (`returnable`)."""

    id = serializers.UUIDField()
    purchase_id = serializers.CharField(allow_null=True)
    member_id = serializers.UUIDField()
    programme = serializers.UUIDField(allow_null=True)
    merchant_id = serializers.UUIDField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    amount = serializers.IntegerField()
    money_amount = serializers.IntegerField(allow_null=True)
    returned = serializers.IntegerField()
    returnable = serializers.IntegerField()
    points = serializers.IntegerField()
    points_returned = serializers.IntegerField()
    transaction_id = serializers.UUIDField(allow_null=True)
    occurred_at = Instant(allow_null=True)
    lines = PurchaseLineAnswer(many=True)
    redemptions = SpendAnswer(many=True)
    returns = ReturnAnswer(many=True)

    class Meta:
        ref_name = "Purchase"


class PurchasesQuery(PageQuery):
    """Which purchases: whose, and by the merchant's own `purchase_id`."""

    member_id = Identifier(required=False)
    purchase_id = Text(max_length=100, required=False)


PurchasePage = page_of(PurchaseAnswer)


def purchase_json(found: Purchase, returns: Sequence[Returned]) -> dict[str, Any]:
    """Return a purchase as it is answered; its amounts are minor units of its currency."""
    return {
        "id": found.payment_id,
        "purchase_id": found.reference,
        "member_id": found.member_id,
        "programme": found.programme_id,
        "merchant_id": found.merchant_id,
        "currency": found.currency,
        "amount": found.amount,
        "money_amount": found.money_amount,
        "returned": found.returned,
        "returnable": found.left,
        "points": found.points,
        "points_returned": found.points_returned,
        "transaction_id": found.transaction_id,
        "occurred_at": found.occurred_at,
        "lines": [_line_json(line) for line in found.lines],
        "redemptions": [
            {"redemption_id": one.redemption_id, "points": one.points, "restored": one.restored} for one in found.spends
        ],
        "returns": [return_json(one, found) for one in returns],
    }


def return_json(done: Returned, purchase: Purchase, *, preview: bool = False) -> dict[str, Any]:
    """Return a return as it is answered; one that is only looked at has no id and no transaction yet."""
    return {
        "id": None if preview else done.refund_id,
        "return_id": done.return_id,
        "purchase": done.payment_id,
        "amount": {"amount": done.amount, "currency": purchase.currency},
        "lines": done.lines or [],
        "reason": done.reason,
        "points": done.points,
        "own": done.own,
        "others": done.others,
        "owed": done.owed,
        "forgiven": done.forgiven,
        "policy": done.policy,
        "restored": done.restored,
        "expired": done.expired,
        "transaction_id": None if preview else done.transaction_id,
        "returned_at": done.returned_at,
        "preview": preview,
    }


def _line_json(line: PurchaseLine) -> dict[str, Any]:
    return {
        "line_id": line.line_id,
        "quantity": line.quantity,
        "amount": line.amount,
        "points": line.points,
        "quantity_returned": line.quantity_returned,
        "returned": line.returned,
        "points_returned": line.points_returned,
        "returnable": max(0, line.quantity - line.quantity_returned),
    }
