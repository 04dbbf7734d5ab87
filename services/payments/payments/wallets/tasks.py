"""Periodic work on wallets."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from payments.wallets.operations import resolve_topups
from shared import clock


@shared_task(name="wallets.resolve_topups")
def resolve(**_: object) -> int:
    """Find out how top-ups ended whose answer was lost."""
    at = clock.now()
    return resolve_topups(older_than=at - timedelta(seconds=settings.RESOLVE_AFTER_SECONDS), at=at)
