"""What requests about vouchers and their use say."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.fields import empty

from points.vouchers.codes import LONGEST
from points.vouchers.rules import Order, Redeemer
from shared.callers import Caller
from shared.errors import InvalidRequest
from shared.http.fields import Body, Currency, ExternalId, Identifier, PageQuery, Text, WholeNumber
from shared.money import LARGEST_AMOUNT
from shared.texts import compatible, is_dash, is_seen

MOST_LINES = 200
# A person may type a dash, a blank or what nobody sees after each character.
_LONGEST_TYPED = 4 * LONGEST
_CODE = re.compile(r"-*(?:[A-Z0-9]-*){1,40}", re.ASCII)
# Look-alikes that Unicode calls no dashes: minus, hyphen bullet, modifier minus, long vowels, box drawing.
_DASHES = frozenset("\u2212\u2043\u02d7\u30fc\uff70\u2500\u2796\u00af\u02c9\u23af")


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
        if _total(lines) >= LARGEST_AMOUNT:
            raise serializers.ValidationError({"lines": ["The order's total is too large."]})
        return attrs


class Nothing(Body):
    """No members."""


class TypedCode(Text):
    """A code as a person typed or pasted it: the end of a line behind it is a slip like a blank. Read as `normalised`,
    once its length was looked at."""

    def run_validation(self, data: Any = empty) -> str:
        return normalised(super().run_validation(data.strip() if isinstance(data, str) else data))


class VoucherUse(Body):
    """A code, the member who holds it (left out: the caller), and the order it is for."""

    code = TypedCode(max_length=80)
    member_id = Identifier(required=False)
    order = OrderBody()


def normalised(code: str) -> str:
    """Return a code from what a person typed, in capitals and with plain dashes; an empty text when it cannot be one.

    What nobody sees falls away (blanks, marks of direction, joiners), wide letters become plain ones, and whatever
    looks like a dash is one. Where the dashes stand makes no difference.
    """
    typed = "".join(map(_plain, code[:_LONGEST_TYPED]))
    # Before capitals are made of it: some letters of others become our own by that.
    return typed.upper() if typed.isascii() and _CODE.fullmatch(typed.upper()) else ""


def _plain(character: str) -> str:
    """Return a typed character as a code could have it; one that none could stays as it is, and is refused."""
    if character in _DASHES or is_dash(character):
        return "-"
    if character.isspace() or not is_seen(character):
        return ""
    wide = compatible(character)
    return wide if len(wide) == 1 and wide.isascii() else character


def redeemer_of(caller: Caller, body: Mapping[str, Any]) -> Redeemer:
    """Return who wants to use a voucher, and whose."""
    return Redeemer(caller.id, caller.merchant_id, body.get("member_id"), caller.may("vouchers:redeem-any"))


def order_of(body: Mapping[str, Any], *, redeemer: Redeemer) -> Order:
    """Return the order that a checked body describes, of the merchant who asks where one does.

    :raises InvalidRequest: nobody says whose order it is, or a merchant names another one.
    """
    return Order(body["id"], body["currency"], _total(body["lines"]), _whose(body, redeemer))


def _total(lines: Iterable[Mapping[str, Any]]) -> int:
    return sum(line["quantity"] * line["unit_amount"] for line in lines)


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
