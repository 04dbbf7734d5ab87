"""Periodic work on the books."""

from celery import shared_task

from payments.books.operations import publish_totals_of
from shared import clock


@shared_task(name="books.publish_day_totals")
def publish_totals(**_: object) -> None:
    """Publish the totals of yesterday and today where they have changed."""
    publish_totals_of(clock.now())
