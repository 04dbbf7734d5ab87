"""What falls due in the payments service."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Model

from payments.books.operations import publish_totals_of
from payments.intents.models import PaymentAttempt, PaymentIntent, Refund
from payments.intents.operations.cards import resolve_attempts
from payments.intents.operations.intents import cancel_unpaid
from payments.intents.operations.refunds import resolve_refunds
from payments.intents.rules import PROCESSING, UNPAID, UNPAID_FOR
from payments.wallets.models import Topup
from payments.wallets.operations import resolve_topups
from shared.testclock.due import Due, first, until_none


def _resolve_after() -> timedelta:
    return timedelta(seconds=settings.RESOLVE_AFTER_SECONDS)


def _next(model: type[Model], status: str, after: timedelta, at: datetime) -> datetime | None:
    """Return when the next row that stays in a status so long has its time."""
    created = model._default_manager.filter(status=status, created_at__gt=at - after).order_by("created_at")
    found = created.values_list("created_at", flat=True).first()
    return found + after if found else None


def _next_unpaid(at: datetime) -> datetime | None:
    return first(_next(PaymentIntent, status, UNPAID_FOR, at) for status in UNPAID)


DUE: tuple[Due, ...] = (
    Due(
        "topups_resolved",
        run=lambda at: until_none(lambda: resolve_topups(older_than=at - _resolve_after(), at=at)),
        next=lambda at: _next(Topup, PROCESSING, _resolve_after(), at),
    ),
    Due(
        "attempts_resolved",
        run=lambda at: until_none(lambda: resolve_attempts(older_than=at - _resolve_after(), at=at)),
        next=lambda at: _next(PaymentAttempt, PROCESSING, _resolve_after(), at),
    ),
    Due(
        "refunds_resolved",
        run=lambda at: until_none(lambda: resolve_refunds(older_than=at - _resolve_after(), at=at)),
        next=lambda at: _next(Refund, PROCESSING, _resolve_after(), at),
    ),
    Due("intents_canceled", run=lambda at: cancel_unpaid(older_than=at - UNPAID_FOR, at=at), next=_next_unpaid),
    # Before the time leaves a day, all that was posted on it is told.
    Due("day_totals", run=publish_totals_of),
)
