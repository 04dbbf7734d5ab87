"""The periodic job of the test clock."""

from celery import shared_task

from shared.testclock.answering import answer


@shared_task(name="testclock.answer", send_events=False)
def answer_clock(**_: object) -> int | None:
    """Answer what a killed process left unanswered."""
    return answer()
