"""From transactions to the messages that publish them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from points.ledger.rules.values import ByRule, Kind, Posted, Posting
from shared.contracts import points as contracts
from shared.contracts.base import Contract
from shared.contracts.rules import EarnedByRule
from shared.messaging.outbox import Outgoing
from shared.money import share


def of_posting(posting: Posting, fact: Posted) -> Contract | Outgoing | None:
    """Return the message about a transaction, as part of the journey its posting belongs to.

    None for one that only sets points aside or frees them: nothing came and nothing went.
    """
    if fact.kind in _ASIDE and not _flow(fact):
        return None
    message = points_posted(fact, posting.rules, posting.merchant_id)
    if not posting.correlation_id:
        return message
    return Outgoing(message, posting.correlation_id, posting.causation_id)


def points_posted(
    fact: Posted, rules: Sequence[ByRule] = (), merchant_id: UUID | None = None
) -> contracts.PointsPosted:
    """Return the message about a transaction, with the rules that gave its points and the merchant where they did."""
    build = _pending if _is_pending(fact) else _MESSAGES[fact.kind]
    flow = _flow(fact)
    by_rules = {"rules": _by_rules(fact, rules), "merchant_id": merchant_id} if fact.kind in _BY_RULES else {}
    return build(
        fact,
        transaction_id=fact.id,
        programme_id=fact.programme_id,
        member_id=fact.member_id,
        points=-flow if fact.kind == Kind.RELEASED else fact.points,
        change=flow,
        balance=fact.balance_after,
        reference=fact.reference,
        occurred_at=fact.occurred_at,
        posted_at=fact.posted_at,
        **by_rules,
    )


def _flow(fact: Posted) -> int:
    """Return the signed change of the member's points, available or held: what is published of a transaction."""
    return fact.change + sum([entry.points for entry in fact.entries if entry.bucket == "held"])


def _by_rules(fact: Posted, rules: Sequence[ByRule]) -> list[EarnedByRule]:
    """Return what of a transaction is of which rule; of what a programme forgave each has its share."""
    parts = share(fact.points, [one.points for one in rules]) if rules else []
    said = zip(rules, parts, strict=True)
    return [EarnedByRule(id=one.id, version=one.version, points=part) for one, part in said if part]


def _earned(fact: Posted, **common: Any) -> contracts.PointsEarned:
    return contracts.PointsEarned(**common, expires_at=_end_of(fact))


def _end_of(fact: Posted) -> datetime | None:
    return fact.lots[0].expires_at if fact.lots else None


def _redeemed(_fact: Posted, **common: Any) -> contracts.PointsRedeemed:
    return contracts.PointsRedeemed(**common)


def _expired(_fact: Posted, **common: Any) -> contracts.PointsExpired:
    return contracts.PointsExpired(**common)


def _adjusted(fact: Posted, **common: Any) -> contracts.PointsAdjusted:
    return contracts.PointsAdjusted(**common, reason=fact.reason)


def _reinstated(fact: Posted, **common: Any) -> contracts.PointsReinstated:
    return contracts.PointsReinstated(**common, reason=fact.reason, expires_at=_end_of(fact))


def _sent(_fact: Posted, **common: Any) -> contracts.PointsSent:
    return contracts.PointsSent(**common)


def _received(_fact: Posted, **common: Any) -> contracts.PointsReceived:
    return contracts.PointsReceived(**common)


def _is_pending(fact: Posted) -> bool:
    return fact.kind == Kind.EARNED and bool(fact.pending)


def _pending(fact: Posted, **common: Any) -> contracts.PointsPending:
    (made,) = fact.pending
    return contracts.PointsPending(**common, due_at=made.due_at, on_event=made.on_event)


def _activated(fact: Posted, **common: Any) -> contracts.PointsActivated:
    expires_at = fact.lots[0].expires_at if fact.lots else None
    return contracts.PointsActivated(**common, pending_id=fact.pending[0].id, expires_at=expires_at)


def _cancelled(fact: Posted, **common: Any) -> contracts.PointsCancelled:
    return contracts.PointsCancelled(**common, pending_id=fact.pending[0].id, reason=fact.reason)


def _restored(_fact: Posted, **common: Any) -> contracts.PointsRestored:
    return contracts.PointsRestored(**common)


def _returned(fact: Posted, **common: Any) -> contracts.PointsReturned:
    return contracts.PointsReturned(**common, deficit=-fact.moved("deficit"))


_MESSAGES: dict[str, Callable[..., contracts.PointsPosted]] = {
    Kind.EARNED: _earned,
    Kind.REDEEMED: _redeemed,
    Kind.EXPIRED: _expired,
    Kind.ADJUSTED: _adjusted,
    Kind.REVERSED: _adjusted,
    Kind.RETURNED: _returned,
    # Points that were released paid what a refund could not take back before.
    Kind.RELEASED: _returned,
    Kind.SENT: _sent,
    Kind.RECEIVED: _received,
    Kind.REINSTATED: _reinstated,
    Kind.ACTIVATED: _activated,
    Kind.CANCELLED: _cancelled,
    Kind.RESTORED: _restored,
}


_BY_RULES = (Kind.EARNED, Kind.RETURNED, Kind.REVERSED)
_ASIDE = (Kind.HELD, Kind.RELEASED)
