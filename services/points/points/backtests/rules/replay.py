"""One member's purchases, events and what was taken back of them, in the order of their instants, under rules that were
not active then.

Limits are as if the member had used nothing before the first one. What is taken back goes by what the rules gave, and
lets the member use limits again, as a return or the reversal of an event does.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from points.backtests.rules.member import NOTHING_KNOWN, Bought, Member, Told
from points.backtests.rules.sums import OfMember
from points.backtests.rules.under import Under
from points.purchases.rules.purchases import Refund


def replayed(
    bought: Iterable[Bought],
    told: Iterable[Told],
    rules: Under,
    *,
    has_bought: bool,
    today: Mapping[str, Any] = NOTHING_KNOWN,
) -> OfMember:
    """Return what a member's purchases and events would have earned, whatever order they come in.

    `has_bought`: any before. `today`, in JSON: what is known of the member now, for those that did not keep it.
    """
    member = Member(rules, has_bought, today)
    for _, (kind, _), one, refund in sorted([*_purchases(bought), *_events(told)], key=_WHEN):
        if kind == _BUY:
            member.buy(one)
        elif kind == _TELL:
            member.tell(one)
        elif refund:
            member.take_back(one, refund)
        else:
            member.reverse(one)
    return member.sums


# Of one instant purchases before events, these before what is taken back, and each by its id.
_BUY, _TELL, _TAKE_BACK, _REVERSE = range(4)
_WHEN = itemgetter(0, 1)
_Step = tuple[datetime, tuple[int, UUID], Any, Refund | None]


def _purchases(bought: Iterable[Bought]) -> Iterator[_Step]:
    """Yield purchases and returns with their instants: a return is never before its purchase, whatever clocks said."""
    for one in bought:
        at = one.purchase.occurred_at
        assert at
        yield at, (_BUY, one.purchase.payment_id), one, None
        for refund in one.refunds:
            yield max(at, refund.refunded_at), (_TAKE_BACK, refund.refund_id), one, refund


def _events(told: Iterable[Told]) -> Iterator[_Step]:
    for one in told:
        at, key = one.event.occurred_at, one.event.id
        yield at, (_TELL, key), one, None
        if one.reversed_at:
            yield max(at, one.reversed_at), (_REVERSE, key), one, None
