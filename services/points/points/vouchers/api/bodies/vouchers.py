"""What requests about vouchers and their use say."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rest_framework import serializers

from points.vouchers.rules import Line, Order, Redeemer
from shared.errors import InvalidRequest
from shared.http.fields import Body, Currency, ExternalId, Identifier, PageQuery, Text, WholeNumber
from shared.money import LARGEST_AMOUNT

MOST_LINES = 200


class NewClaim(Body):
    """Who takes a voucher and pays for it: a member leaves it out and may name nobody else, an operator names them."""

    member_id = Identifier(required=False)


class OrderLine(Body):
    """One line of an order; `unit_amount` is what one piece costs, in minor units. One without pieces costs nothing."""

    line_id = ExternalId(max_length=64)
    sku = ExternalId(max_length=64)
    category = Text(max_length=64, allow_blank=True, default="")
    quantity = WholeNumber(min_value=0, max_value=1_000_000)
    unit_amount = WholeNumber(min_value=0, max_value=LARGEST_AMOUNT)


class OrderBody(Body):
    """The order that a voucher is for: up to 200 lines, each with an id of its own.

    `merchant_id` is whose order it is: members and operators name the merchant, who may leave it out and may name
    nobody else.
    """

    id = ExternalId(max_length=64)
    merchant_id = Identifier(required=False)
    currency = Currency()
    lines = serializers.ListField(child=OrderLine(), min_length=1, max_length=MOST_LINES)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse repeated line ids and a total beyond any order."""
        lines = attrs["lines"]
        if len({line["line_id"] for line in lines}) != len(lines):
            raise serializers.ValidationError({"lines": ["Each line needs a line_id of its own."]})
        if sum(line["quantity"] * line["unit_amount"] for line in lines) >= LARGEST_AMOUNT:
            raise serializers.ValidationError({"lines": ["The order's total is too large."]})
        return attrs


class Nothing(Body):
    """No members."""


class TypedCode(Text):
    """A code as a person typed or pasted it: the end of a line behind it is a slip like a blank."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data.strip() if isinstance(data, str) else data)


class VoucherUse(Body):
    """A code, the member who holds it (left out: the caller), and the order it is for."""

    code = TypedCode(max_length=80)
    member_id = Identifier(required=False)
    order = OrderBody()


def order_of(body: Mapping[str, Any], *, redeemer: Redeemer) -> Order:
    """Return the order that a checked body describes, of the merchant who asks where one does.

    :raises InvalidRequest: nobody says whose order it is, or a merchant names another one.
    """
    lines = tuple(Line(line["line_id"], line["quantity"], line["unit_amount"]) for line in body["lines"])
    return Order(body["id"], body["currency"], lines, _whose(body, redeemer))


def _whose(body: Mapping[str, Any], redeemer: Redeemer) -> UUID:
    named: UUID | None = body.get("merchant_id", redeemer.merchant_id)
    if named is None:
        raise _wrong_merchant("required", "Whose order is it? One id of two merchants is two orders.")
    if redeemer.merchant_id not in (None, named):
        raise _wrong_merchant("invalid", "A merchant uses vouchers on orders of its own.")
    return named


def _wrong_merchant(code: str, detail: str) -> InvalidRequest:
    return InvalidRequest(errors=[{"field": "order.merchant_id", "code": code, "detail": detail}])


class WhoseVouchers(PageQuery):
    """Whose vouchers; left out: the caller's, and of an operator everybody's."""

    member_id = Identifier(required=False)


class WhichRedemptions(WhoseVouchers):
    """Those of a member, or on an order of a merchant, whose own client may leave that out; both together are fewer."""

    order_id = ExternalId(max_length=64, required=False)
    merchant_id = Identifier(required=False)
