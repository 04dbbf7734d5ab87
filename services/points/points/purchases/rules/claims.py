"""What a merchant asks to return of a purchase: pieces of its lines, an amount, or all that is left."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from points.purchases.errors import LineUnknown, NothingToReturn, ReturnTooLarge
from points.purchases.rules.purchases import LineReturn, Metadata, Purchase, PurchaseLine, cumulative_share


def request_of(lines: Mapping[str, int] | None, amount: int | None) -> dict[str, Any]:
    """Return what a return names in its one form, so that the same return is known again."""
    if lines is not None:
        return {"lines": dict(sorted(lines.items()))}
    return {"whole": True} if amount is None else {"amount": amount}


def claimed(purchase: Purchase, request: Mapping[str, Any]) -> tuple[int, tuple[LineReturn, ...]]:
    """Return the money that a return is about, and the part of each line.

    :raises LineUnknown: the purchase has no such line.
    :raises ReturnTooLarge: more is asked than is left, of a line or of the whole.
    :raises NothingToReturn: the whole is asked for, and nothing is left.
    """
    if "lines" in request:
        return _by_lines(purchase, request["lines"])
    if "whole" in request:
        return _whole(purchase)
    _refuse_beyond(purchase, request["amount"])
    return request["amount"], ()


def amount_of(line: PurchaseLine, quantity: int) -> int:
    """Return what the next so many pieces of a line cost, so that all of them together cost what the line does."""
    before = cumulative_share(line.amount, returned=line.quantity_returned, total=line.quantity)
    after = cumulative_share(line.amount, returned=line.quantity_returned + quantity, total=line.quantity)
    return after - before


def _by_lines(purchase: Purchase, quantities: Mapping[str, int]) -> tuple[int, tuple[LineReturn, ...]]:
    known = {line.line_id: line for line in purchase.lines}
    if unknown := sorted(quantities.keys() - known.keys()):
        raise LineUnknown(line_id=unknown[0])
    lines = tuple(_part(known[line_id], quantity) for line_id, quantity in quantities.items())
    amount = sum(line.amount for line in lines)
    _refuse_beyond(purchase, amount)
    return amount, lines


def _part(line: PurchaseLine, quantity: int) -> LineReturn:
    left = line.quantity - line.quantity_returned
    if quantity > left:
        raise ReturnTooLarge(line_id=line.line_id, requested=quantity, returnable=left)
    return LineReturn(line.line_id, quantity, amount_of(line, quantity))


def _whole(purchase: Purchase) -> tuple[int, tuple[LineReturn, ...]]:
    lines = [(line, line.quantity - line.quantity_returned) for line in purchase.lines]
    if not purchase.left and not any(left for _, left in lines):
        raise NothingToReturn()
    return purchase.left, tuple(_rest(line, left) for line, left in lines if left)


def _rest(line: PurchaseLine, quantity: int) -> LineReturn:
    return LineReturn(line.line_id, quantity, line.amount - line.returned)


def _refuse_beyond(purchase: Purchase, amount: int) -> None:
    if amount > purchase.left:
        raise ReturnTooLarge(requested=amount, returnable=purchase.left)


def is_same(before: Purchase, again: Purchase, *, money_amount: int | None) -> bool:
    """Tell whether a purchase that is recorded again is the same one; the part paid in money, where it is not said, is
    what the programme made of it then."""
    is_same_money = money_amount in (None, before.money_amount)
    return is_same_money and _what(before) == _what(again) and same_lines(before, again.lines)


def _what(purchase: Purchase) -> tuple[object, ...]:
    paid_by = frozenset(spend.redemption_id for spend in purchase.spends)
    said = purchase.channel, purchase.store, in_one_form(purchase.metadata)
    return purchase.member_id, purchase.amount, purchase.currency, paid_by, *said


def same_lines(purchase: Purchase, lines: Sequence[PurchaseLine]) -> bool:
    """Tell whether a purchase was recorded with these lines."""

    def of(found: Sequence[PurchaseLine]) -> dict[str, tuple[object, ...]]:
        return {
            one.line_id: (one.sku, one.category, one.brand, one.quantity, one.amount, in_one_form(one.metadata))
            for one in found
        }

    return of(purchase.lines) == of(lines)


def in_one_form(metadata: Metadata) -> bytes:
    """Return metadata so that the same is equal and nothing else: in Python `true` is equal to 1."""
    return msgspec.json.encode(metadata, order="sorted")
