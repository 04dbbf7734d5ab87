"""The test clock in one service: the installation's time, and what is due by it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, transaction
from django.db.models.signals import post_migrate
from pytest_django import DjangoCaptureOnCommitCallbacks

from shared import clock
from shared.contracts.clock import ClockMoved, ClockReached
from shared.contracts.vouchers import VoucherCampaignChanged
from shared.db import execute, rows
from shared.ids import new_id
from shared.messaging.outbox import publish
from shared.testclock.answering import answer
from shared.testclock.due import Due, until_none
from shared.testclock.incoming import NoSandbox
from shared.testclock.models import TestClock
from shared.testclock.reading import Reading, check_not_moved
from shared.testing.messages import deliver, envelope_of, published
from tests.project import due as project

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MOVE = new_id()


@pytest.fixture(autouse=True)
def _has_a_sandbox(settings: Any) -> Iterator[None]:
    settings.SANDBOX = True
    yield
    project.DUE.clear()


def moved(number: int, at: datetime = AT, **more: object) -> ClockMoved:
    values = {"move_id": MOVE, "target": AT + 30 * DAY} | more
    return ClockMoved(number=number, at=at, **values)  # type: ignore[arg-type]


def ended(number: int, offset: timedelta) -> ClockMoved:
    return moved(number, AT + 30 * DAY, offset_microseconds=offset // timedelta(microseconds=1))


def said() -> list[tuple[int, dict[str, int]]]:
    return [(message.number, message.done) for message in published(ClockReached)]


def test_the_time_is_the_machines_until_somebody_moves_it() -> None:
    assert Reading()(AT) == AT


def test_while_it_is_moved_it_stands_and_then_it_goes_on_from_there() -> None:
    reading = Reading()
    deliver(moved(1))
    assert reading(AT + timedelta(seconds=1)) == AT

    deliver(moved(2, AT + 3 * DAY))
    assert (reading(AT), reading(AT + timedelta(seconds=9))) == (AT + 3 * DAY, AT + 3 * DAY)

    deliver(ended(3, 30 * DAY))
    assert reading(AT + timedelta(seconds=1)) == AT + 30 * DAY + timedelta(seconds=1)


def test_no_process_ever_goes_back() -> None:
    reading = Reading()
    ahead = reading(AT + timedelta(seconds=2))

    deliver(moved(1))

    reading.forget()
    assert reading(AT + timedelta(seconds=3)) == ahead


def test_every_process_sees_a_move_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = Reading()
    reading(AT)
    deliver(ended(1, DAY))

    with time_machine.travel(clock.machine_now() + timedelta(seconds=1)):
        monkeypatch.setattr("shared.testclock.reading.monotonic", lambda: reading._read_at + 1)
        assert reading(AT) == AT + DAY


def test_in_a_transaction_that_is_lost_the_time_of_before_is_told() -> None:
    reading = Reading()
    deliver(moved(1))
    reading(AT)

    with transaction.atomic():
        connection.set_rollback(True)
        assert reading(AT + DAY) == AT


def test_what_comes_late_changes_nothing() -> None:
    deliver(moved(5, AT + 5 * DAY))
    deliver(moved(4, AT + 4 * DAY))
    deliver(ended(3, DAY))

    assert list(TestClock.objects.values_list("number", "stands_at", "offset")) == [(5, AT + 5 * DAY, timedelta())]


def test_of_a_pack_the_last_question_counts() -> None:
    deliver(moved(2, AT + DAY), moved(1))

    assert TestClock.objects.get().number == 2


def test_the_offset_only_grows() -> None:
    deliver(ended(1, 2 * DAY))
    deliver(ended(2, DAY))

    assert TestClock.objects.get().offset == 2 * DAY
    with pytest.raises(IntegrityError, match="test_clock_forward"), transaction.atomic():
        execute("""UPDATE test_clock SET "offset" = interval '-1 day'""")


def test_what_is_due_is_done_at_the_instant_and_answered_once(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    ran: list[tuple[str, datetime]] = []

    def note(kind: str, count: int) -> Due:
        return Due(
            kind,
            run=lambda at: ran.append((kind, at)) or count,  # type: ignore[func-returns-value]
            next=lambda at: at + DAY * (2 if kind == "late" else 1),
            ahead=lambda at: ran.append((f"ahead of {kind}", at)),
        )

    project.DUE.extend([note("late", 0), note("early", 3)])
    with django_capture_on_commit_callbacks(execute=True):
        deliver(moved(1, AT))

    until = AT + 30 * DAY
    assert ran == [("ahead of late", until), ("ahead of early", until), ("late", AT), ("early", AT)]
    [reached] = published(ClockReached)
    assert (reached.move_id, reached.number, reached.done) == (MOVE, 1, {"early": 3})
    assert reached.next_due_at == AT + DAY
    assert answer() is None
    assert said() == [(1, {"early": 3})]


def test_killed_in_the_middle_the_periodic_job_answers() -> None:
    deliver(moved(1))  # its transaction never comes to what it does behind its commit

    assert said() == []
    assert answer() == 1
    assert said() == [(1, {})]


def test_what_fails_is_answered_by_the_next_try(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def fail(at: datetime) -> int:
        raise RuntimeError(at)

    project.DUE.append(Due("broken", run=fail))
    with django_capture_on_commit_callbacks(execute=True):
        assert deliver(moved(1)).failed == {}
    assert said() == []

    project.DUE[:] = [Due("mended", run=lambda _: 1)]
    assert answer() == 1
    assert said() == [(1, {"mended": 1})]


def test_an_answer_counts_what_is_under_way_and_what_was_published_but_not_about_the_clock() -> None:
    deliver(moved(1))
    before = answer_to_question()
    publish_something()

    deliver(moved(2))
    after = answer_to_question()

    assert (before.published, before.waiting) == (0, 0)
    assert (after.published, after.waiting) == (1, 1)
    execute("DELETE FROM outbox")
    deliver(moved(3))
    assert (answer_to_question().published, answer_to_question().waiting) == (1, 0)


def answer_to_question() -> ClockReached:
    answer()
    return max(published(ClockReached), key=lambda message: message.number)


def publish_something() -> None:
    with transaction.atomic():
        publish([VoucherCampaignChanged(campaign_id=MOVE, name="", kind="gift", status="active", changed_at=AT)])


def test_elsewhere_than_in_a_sandbox_it_is_refused(settings: Any) -> None:
    settings.SANDBOX = False
    question = envelope_of(moved(1))

    assert NoSandbox.__name__ in deliver(question).failed[question.id]
    assert rows("SELECT * FROM test_clock") == []
    check_not_moved()


@pytest.mark.parametrize("message", [moved(1), ended(1, DAY)])
def test_a_database_whose_time_was_moved_serves_in_a_sandbox_only(message: ClockMoved, settings: Any) -> None:
    deliver(message)
    app = apps.get_app_config("testclock")
    post_migrate.send(sender=app)

    settings.SANDBOX = False
    with pytest.raises(ImproperlyConfigured, match="SANDBOX=true"):
        post_migrate.send(sender=app)


def test_until_none_repeats_what_does_some_at_a_time() -> None:
    left = [3, 2, 1]

    assert until_none(lambda: left.pop() if left else 0) == 6
    assert until_none(lambda: 1, times=4) == 4
