"""Periodic work on payment intents."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from payments.intents.operations.cards import resolve_attempts
from payments.intents.operations.intents import cancel_unpaid
from payments.intents.operations.refunds import resolve_refunds
from payments.intents.rules import UNPAID_FOR
from shared import clock


@shared_task(name="intents.resolve_attempts")
def resolve(**_: object) -> int:
    """Find out how attempts ended whose answer was lost."""
    at = clock.now()
    return resolve_attempts(older_than=at - timedelta(seconds=settings.RESOLVE_AFTER_SECONDS), at=at)


@shared_task(name="intents.resolve_refunds")
def resolve_late_refunds(**_: object) -> int:
    """Ask again for refunds to cards whose answer was lost."""
    at = clock.now()
    return resolve_refunds(older_than=at - timedelta(seconds=settings.RESOLVE_AFTER_SECONDS), at=at)


@shared_task(name="intents.cancel_unpaid")
def cancel_unpaid_intents(**_: object) -> int:
    """Give up the intents that nobody paid within a day."""
    at = clock.now()
    return cancel_unpaid(older_than=at - UNPAID_FOR, at=at)
