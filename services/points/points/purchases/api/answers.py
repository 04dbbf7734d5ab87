"""How answers about purchases and their returns look."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from points.ledger.api.answers.batches import error_json
from points.purchases.rows.refunds import Returned
from points.purchases.rules.bounds import NoPoints
from points.purchases.rules.purchases import MEMBER, MERCHANT, Purchase, PurchaseLine, Recorded
from shared.errors import DomainError
from shared.http.fields import MetadataValue
from shared.http.pages import page_of
from shared.http.times import Instant


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
    """A line, its share of the points, what came back of it, and how many pieces still can; texts are empty where
    nothing was said."""

    sku = serializers.CharField()
    category = serializers.CharField()
    brand = serializers.CharField()
    metadata = serializers.DictField(child=MetadataValue())
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
    """A purchase: what it earned, what came back of it, and the money that still can (`returnable`).

    `no_points_reason` says why it earned nothing, where that is not its small amount or its programme's rules, of
    which `rules_version` judged it. Where none did, budgets `cut` so many points of what the programme's terms gave,
    and `budget` is the last that did; else `cut` is null, and the explanation says it of each rule. `lines_by` says
    whose word its lines, channel, store and metadata are: the merchant's, or only the member's who paid.
    """

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
    no_points_reason = serializers.ChoiceField(choices=[one.value for one in NoPoints], allow_null=True)
    rules_version = serializers.IntegerField(allow_null=True)
    budget = serializers.CharField(allow_null=True)
    cut = serializers.IntegerField(allow_null=True)
    points_returned = serializers.IntegerField()
    transaction_id = serializers.UUIDField(allow_null=True)
    occurred_at = Instant(allow_null=True)
    channel = serializers.CharField()
    store = serializers.CharField()
    metadata = serializers.DictField(child=MetadataValue())
    lines_by = serializers.ChoiceField(choices=[MEMBER, MERCHANT])
    lines = PurchaseLineAnswer(many=True)
    redemptions = SpendAnswer(many=True)
    returns = ReturnAnswer(many=True)

    class Meta:
        ref_name = "Purchase"


PurchasePage = page_of(PurchaseAnswer)


class PurchaseResult(serializers.Serializer[Any]):
    """What became of one purchase; `error` is its refusal. One that was recorded before is `repeated`. `budget` and
    `cut` are as the purchase has them."""

    index = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["recorded", "repeated", "refused"])
    id = serializers.UUIDField(allow_null=True)
    points = serializers.IntegerField(allow_null=True)
    no_points_reason = serializers.ChoiceField(choices=[one.value for one in NoPoints], allow_null=True)
    budget = serializers.CharField(allow_null=True)
    cut = serializers.IntegerField(allow_null=True)
    transaction_id = serializers.UUIDField(allow_null=True)
    error = serializers.JSONField(allow_null=True)


class PurchaseBatchAnswer(serializers.Serializer[Any]):
    """One result for each purchase, in their order."""

    results = PurchaseResult(many=True)

    class Meta:
        ref_name = "PurchaseBatch"


def result_json(index: int, outcome: Recorded | DomainError) -> dict[str, Any]:
    """Return what became of a purchase as it is answered."""
    if isinstance(outcome, DomainError):
        names = ("id", "points", "no_points_reason", "budget", "cut", "transaction_id")
        return {"index": index, "status": "refused", **dict.fromkeys(names), "error": error_json(outcome)}
    made = outcome.purchase
    return {
        "index": index,
        "status": "repeated" if outcome.is_repeated else "recorded",
        "id": made.payment_id,
        "points": made.points,
        "no_points_reason": made.no_points_reason,
        "budget": made.budget,
        "cut": made.cut,
        "transaction_id": made.transaction_id,
        "error": None,
    }


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
        "no_points_reason": found.no_points_reason,
        "rules_version": found.rules_version,
        "budget": found.budget,
        "cut": found.cut,
        "points_returned": found.points_returned,
        "transaction_id": found.transaction_id,
        "occurred_at": found.occurred_at,
        "channel": found.channel,
        "store": found.store,
        "metadata": found.metadata,
        "lines_by": found.lines_by,
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
        "sku": line.sku,
        "category": line.category,
        "brand": line.brand,
        "quantity": line.quantity,
        "amount": line.amount,
        "metadata": line.metadata,
        "points": line.points,
        "quantity_returned": line.quantity_returned,
        "returned": line.returned,
        "points_returned": line.points_returned,
        "returnable": max(0, line.quantity - line.quantity_returned),
    }
