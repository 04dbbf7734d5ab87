"""What requests about payment intents say."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from payments.intents.errors import CaptureMethodNotSupported, CardRequired, MerchantUnknown
from payments.intents.rules import CARD, MEMBER, MERCHANT, MOVES, WALLET, Line, Order
from payments.provider.api.bodies import CardBody
from payments.provider.rules import Card
from shared.callers import Caller
from shared.errors import InvalidRequest
from shared.http.fields import (
    Body,
    Choice,
    ExternalId,
    Flag,
    Identifier,
    Metadata,
    MoneyField,
    PageQuery,
    Text,
    WholeNumber,
)
from shared.money import LARGEST_AMOUNT

MAX_LINES = 200


class LineBody(Body):
    """One line of an order; one without pieces (a free sample) costs nothing, and what is weighed is one piece."""

    line_id = ExternalId(max_length=64)
    sku = ExternalId(max_length=64)
    category = Text(max_length=64)
    brand = Text(max_length=64, required=False, allow_blank=True)
    quantity = WholeNumber(min_value=0, max_value=1_000_000)
    unit_amount = WholeNumber(min_value=0, max_value=LARGEST_AMOUNT)
    metadata = Metadata(required=False)

    def to_internal_value(self, data: Any) -> Line:
        return Line(**super().to_internal_value(data))


class TenderBody(Body):
    """A means of payment; a card comes with its number when the intent is confirmed."""

    type = Choice(choices=[WALLET, CARD])
    card = CardBody(required=False)
    amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["type"] == WALLET and "card" in attrs:
            raise serializers.ValidationError({"card": "A wallet tender has no card."})
        return attrs


def one_tender(**options: Any) -> serializers.ListSerializer[Any]:
    """Return the field of the tenders: exactly one for now."""
    return serializers.ListSerializer(child=TenderBody(), min_length=1, max_length=1, **options)


class IntentBody(Body):
    """A new payment intent, confirmed at once when `confirm` is true.

    A merchant's program names the member, and leaves `tenders` and `confirm` to that one.
    """

    amount = MoneyField()
    merchant_id = Identifier()
    member_id = Identifier(required=False)
    order_id = ExternalId(max_length=128)
    lines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=LineBody(), required=False, max_length=MAX_LINES
    )
    tenders = one_tender(required=False)
    capture_method = Choice(choices=["automatic", "manual"], required=False)
    channel = ExternalId(max_length=40, required=False, allow_blank=True)
    store = ExternalId(max_length=64, required=False, allow_blank=True)
    metadata = Metadata(required=False)
    confirm = Flag(required=False)

    def validate_lines(self, lines: list[Line]) -> list[Line]:
        if len({line.line_id for line in lines}) < len(lines):
            raise serializers.ValidationError("Two lines have the same line_id.", code="repeated")
        return lines

    class Meta:
        ref_name = "NewIntent"


class ConfirmBody(Body):
    """How an intent is paid; as it was created, when nothing is said."""

    tenders = one_tender(required=False)


class EmptyBody(Body):
    """Nothing is to be said."""


class IntentQuery(PageQuery):
    """Which intents: of a merchant, of a member, in a state, for an order."""

    merchant_id = Identifier(required=False)
    member_id = Identifier(required=False)
    order_id = ExternalId(required=False, max_length=128)
    status = Choice(choices=list(MOVES), required=False)


class RefundLineBody(Body):
    """How many of a line go back; one without pieces has none."""

    line_id = ExternalId(max_length=64)
    quantity = WholeNumber(min_value=1, max_value=1_000_000)


class RefundBody(Body):
    """What is given back: the lines named, or the amount named, or all that is left."""

    amount = MoneyField(required=False)
    lines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=RefundLineBody(), required=False, min_length=1, max_length=MAX_LINES
    )
    reason = Text(max_length=200, required=False, allow_blank=True)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({line["line_id"] for line in lines}) < len(lines):
            raise serializers.ValidationError("Two lines have the same line_id.", code="repeated")
        return lines


def order_of(body: dict[str, Any], caller: Caller) -> Order:
    """Return the order that a caller's body describes: its own, or of a member in whose name it acts.

    :raises InvalidRequest: it lacks what this caller has to say, or says what others decide.
    :raises MerchantUnknown: the caller makes the intents of another merchant.
    :raises NotFound: another member is named by whoever may name none.
    :raises CaptureMethodNotSupported: another capture method than automatic.
    """
    is_merchants = caller.may("payments:create")
    member_id = _buyer(body, caller) if is_merchants else _payer(body, caller)
    if body.get("capture_method") == "manual":
        raise CaptureMethodNotSupported(supported=["automatic"])
    return Order(
        merchant_id=body["merchant_id"],
        member_id=member_id,
        order_id=body["order_id"],
        money=body["amount"],
        lines=tuple(body.get("lines", ())),
        channel=body.get("channel", ""),
        store=body.get("store", ""),
        metadata=body.get("metadata", {}),
        is_in_name=member_id != caller.id,
        made_by=MERCHANT if is_merchants else MEMBER,
    )


def _payer(body: dict[str, Any], caller: Caller) -> UUID:
    if "tenders" not in body:
        raise _invalid(tenders=("required", "This field is required."))
    return caller.member_or_self(body.get("member_id"), any_scope="payments:write-any")


def _buyer(body: dict[str, Any], caller: Caller) -> UUID:
    """Return the member of whom a merchant's program asks to be paid, who alone decides whether and how."""
    wrong = {name: ("not_yours", "The member says this.") for name in ("tenders", "confirm") if body.get(name)}
    if "member_id" not in body:
        wrong["member_id"] = ("required", "This field is required.")
    if wrong:
        raise _invalid(**wrong)
    if body["merchant_id"] != caller.merchant_id:
        raise MerchantUnknown()
    found: UUID = body["member_id"]
    return found


def _invalid(**wrong: tuple[str, str]) -> InvalidRequest:
    return InvalidRequest(
        errors=[{"field": name, "code": code, "detail": detail} for name, (code, detail) in wrong.items()]
    )


def card_of(tender: dict[str, Any]) -> Card:
    """Return the card of a tender that is to be charged now.

    :raises CardRequired: it has none.
    """
    if "card" not in tender:
        raise CardRequired()
    card: Card = tender["card"]
    return card
