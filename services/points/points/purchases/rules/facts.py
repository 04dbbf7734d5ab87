"""What rules are asked about a purchase."""

from collections.abc import Mapping
from typing import Any

from points.earning.rules import Cart, Facts, Field, Line, Trigger, cart_values, facts_of_known, lines_of, typed_values
from points.purchases.rules.purchases import MERCHANT, Purchase


def facts_of_purchase(
    fields: Mapping[str, Field], purchase: Purchase, known: Mapping[str, Any], *, timezone: str
) -> Facts:
    """Return what a purchase tells rules; `known` is what its rows do not say, in JSON, of member and merchant.

    What only the member says, of the goods and where they were bought, is nothing that a condition can ask.
    """
    assert purchase.occurred_at
    assert purchase.currency
    said: dict[str, Any] = {}
    if purchase.lines_by == MERCHANT:
        said = {"channel": purchase.channel, "store": purchase.store, "metadata": purchase.metadata}
        lines = tuple(lines_of(fields, purchase.lines))
    else:
        lines = tuple(_unvouched(purchase))
    cart = Cart(amount=purchase.amount, currency=purchase.currency, **said)
    return facts_of_known(
        trigger=Trigger.PURCHASE,
        values={**cart_values(fields, cart), **typed_values(fields, known)},
        at=purchase.occurred_at,
        timezone=timezone,
        # Lines of a payment are what its intent said, and the whole is never less than they are.
        amount=max(purchase.amount, sum(line.amount for line in lines)),
        earning=purchase.money_amount,
        lines=lines,
    )


def _unvouched(purchase: Purchase) -> list[Line]:
    return [Line(line_id=line.line_id, amount=line.amount, quantity=line.quantity) for line in purchase.lines]
