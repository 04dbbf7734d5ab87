"""Reads of payment intents and refunds."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from payments.intents.models import IntentLine, PaymentAttempt, PaymentIntent, Refund
from payments.intents.operations.intents import Intent
from payments.intents.rules import MERCHANT, SUCCEEDED
from payments.intents.writes import as_line
from shared.callers import Caller
from shared.errors import NotFound
from shared.lists import owned


def visible_intents(caller: Caller) -> QuerySet[PaymentIntent]:
    """Return the intents a caller may look at: every one, its shop's, or its own."""
    return PaymentIntent.objects.filter(**_scope(caller))


def listed_intents(caller: Caller, query: Mapping[str, Any]) -> QuerySet[PaymentIntent]:
    """Return those intents that a caller may look at and a query asks for, for a list to page through."""
    scope = _scope(caller)
    wanted = {name: query[name] for name in ("merchant_id", "member_id", "order_id", "status") if name in query}
    if any(wanted.get(name, value) != value for name, value in scope.items()):
        return PaymentIntent.objects.none()
    wanted |= scope
    key = {name: wanted.pop(name) for name in _listed_by(wanted)}
    found = PaymentIntent.objects.filter(**wanted)
    if "status" in key:
        found = found.exclude(status=SUCCEEDED)  # as the index says of its rows
    return owned(found, **key) if key else found


def _listed_by(wanted: Mapping[str, Any]) -> list[str]:
    """Return the columns of the index that has the list in its order; an order has few intents, whoever's."""
    if "order_id" in wanted:
        return []
    if "member_id" in wanted:
        return ["member_id"]
    names = ["merchant_id"] if wanted.get("status") == SUCCEEDED else ["merchant_id", "status"]
    return [name for name in names if name in wanted]


def _scope(caller: Caller) -> dict[str, UUID]:
    if caller.may("payments:read-any"):
        return {}
    return {"merchant_id": caller.merchant_id} if caller.merchant_id else {"member_id": caller.id}


def own_intent(caller: Caller, intent_id: UUID) -> PaymentIntent:
    """Return an intent that the caller is the member of.

    :raises NotFound: there is none, or it is another member's.
    """
    return _only(PaymentIntent.objects.filter(id=intent_id, member_id=caller.id))


def cancelable_intent(caller: Caller, intent_id: UUID) -> PaymentIntent:
    """Return an intent that the caller may give up: its own, its own shop's, or with `payments:refund-any` any.

    Whoever only makes a shop's intents gives up no others of it.

    :raises NotFound: there is none, or it is somebody else's.
    """
    found = PaymentIntent.objects.filter(id=intent_id)
    if caller.may("payments:refund-any"):
        return _only(found)
    if not caller.merchant_id:
        return _only(found.filter(member_id=caller.id))
    of_shop = found.filter(merchant_id=caller.merchant_id)
    return _only(of_shop if caller.may("payments:refund") else of_shop.filter(made_by=MERCHANT))


def refundable_intent(caller: Caller, intent_id: UUID) -> PaymentIntent:
    """Return an intent that the caller may give money back from: its own shop's, or with `payments:refund-any` any.

    :raises NotFound: there is none, or it is another merchant's.
    """
    found = PaymentIntent.objects.filter(id=intent_id)
    if caller.may("payments:refund-any"):
        return _only(found)
    return _only(found.filter(merchant_id=caller.merchant_id) if caller.merchant_id else found.none())


def read_intent(caller: Caller, intent_id: UUID) -> Intent:
    """Return an intent with its lines and attempts.

    :raises NotFound: there is none, or it is somebody else's.
    """
    return with_parts([_only(visible_intents(caller).filter(id=intent_id))])[0]


def with_parts(intents: list[PaymentIntent]) -> list[Intent]:
    """Return intents with their lines and attempts, read in two queries however many there are."""
    prefetch_related_objects(
        intents,
        Prefetch("lines", IntentLine.objects.order_by("position")),
        Prefetch("attempts", PaymentAttempt.objects.order_by("number")),
    )
    return [Intent(row, [as_line(line) for line in row.lines.all()], list(row.attempts.all())) for row in intents]


def intent_of_attempt(attempt: PaymentAttempt) -> Intent:
    """Return the intent that an attempt belongs to, with its parts, as they are now."""
    return with_parts([PaymentIntent.objects.get(id=attempt.intent_id)])[0]


def read_refund(caller: Caller, refund_id: UUID) -> Refund:
    """Return a refund with its lines.

    :raises NotFound: there is none, or its payment is somebody else's.
    """
    found = Refund.objects.filter(id=refund_id, intent__in=visible_intents(caller))
    if refund := found.prefetch_related("lines").first():
        return refund
    raise NotFound()


def _only(found: QuerySet[PaymentIntent]) -> PaymentIntent:
    if intent := found.first():
        return intent
    raise NotFound()
