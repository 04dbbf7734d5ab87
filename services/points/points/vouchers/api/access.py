"""Whose vouchers and redemptions a request is about."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.callers import Caller
from shared.errors import InsufficientScope, InvalidRequest, NotFound

READ = ("vouchers:read", "vouchers:manage")
MANAGE = ("vouchers:manage",)
REDEEM = ("vouchers:redeem", "vouchers:redeem-any")
READ_ANY = ("vouchers:manage", "vouchers:redeem-any")
_ORDER = {"order_id", "merchant_id"}
# 200 lines with the longest texts, written without need for escapes.
LARGEST_ORDER = 128 * 1024


def order_asked_for(query: Mapping[str, Any], caller: Caller) -> tuple[str, UUID] | None:
    """Return on which order of which merchant redemptions are asked for; None where it is those of members.

    :raises InsufficientScope: the caller may read neither members' redemptions nor those of any order.
    :raises InvalidRequest: the order's id is not named, or nobody says whose it is.
    :raises NotFound: another merchant is named without the right to see every order.
    """
    reads_members = any(caller.may(scope) for scope in READ)
    if reads_members and query.keys().isdisjoint(_ORDER):
        return None
    reads_any = any(caller.may(scope) for scope in READ_ANY)
    if not (reads_members or reads_any or caller.merchant_id):
        raise InsufficientScope(required=list(READ))
    named = {"order_id": query.get("order_id"), "merchant_id": query.get("merchant_id", caller.merchant_id)}
    if lacking := [name for name, value in named.items() if value is None]:
        detail = "An order is a merchant's, by its id."
        raise InvalidRequest(errors=[{"field": name, "code": "required", "detail": detail} for name in lacking])
    if not reads_any and named["merchant_id"] != caller.merchant_id:
        raise NotFound()
    return named["order_id"], named["merchant_id"]


def member_asked_for(query: Mapping[str, Any], caller: Caller) -> UUID | None:
    """Return whose things a list is of: the member named in the query, or the caller; None for everybody's, where an
    operator names nobody.

    :raises NotFound: another member is named without the right to see everybody's.
    """
    named: UUID | None = query.get("member_id")
    if named is None and caller.may("vouchers:manage"):
        return None
    return caller.member_or_self(named, any_scope="vouchers:manage")
