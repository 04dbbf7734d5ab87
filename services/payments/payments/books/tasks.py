"""Periodic work on the books."""

from datetime import timedelta

from celery import shared_task

from payments.books.day_totals import add_up
from payments.books.operations import tell_day_totals
from shared import clock


@shared_task(name="books.tell_day_totals")
def tell_totals(**_: object) -> None:
    """Tell the totals of yesterday and today where they have changed."""
    add_up()
    at = clock.now()
    for day in (at.date() - timedelta(days=1), at.date()):
        tell_day_totals(day, at=at)
