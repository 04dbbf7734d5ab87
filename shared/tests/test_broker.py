"""A worker keeps a process free for what a person waits for, whatever bulk work there is."""

import msgspec
import pytest
from django.db import transaction

from shared.db import rows
from shared.messaging.lanes import Lane
from shared.messaging.producers import inbox_of, send
from shared.testing.messages import envelope_of
from shared.testing.waiting import until
from tests.project.incoming import HELD
from tests.project.notes.models import Note
from tests.test_messages import payment
from tests.test_relay import broker, end, processes  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)
_WAIT = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"


def arrives(order: str, lane: Lane) -> None:
    """Put a message of ours on our own queue, as a relay would."""
    pack = msgspec.json.encode([envelope_of(payment(order), producer="points")]).decode()
    send("points", inbox_of("points", lane), "messages.receive", {"pack": pack, "lane": lane.value})


def is_done(order: str) -> bool:
    return Note.objects.filter(text=order).exists()


def test_bulk_work_that_takes_long_never_has_the_last_process(broker, tmp_path):  # noqa: F811
    log = (tmp_path / "0.log").read_text
    worker = processes(tmp_path, 1, children=2)
    try:
        with transaction.atomic(using="default"):
            rows("SELECT pg_advisory_xact_lock(%s)", [HELD])
            for _ in range(3):
                arrives("held", Lane.BULK)
            until(lambda: rows(_WAIT, [HELD]) == [(1,)], why=log)
            # One after the other: the first may come before the worker takes what waits.
            for order in "abc":
                arrives(order, Lane.INTERACTIVE)
                until(lambda o=order: is_done(o), why=log)
            held = rows(_WAIT, [HELD])
        until(lambda: Note.objects.filter(text="held").count() == 3, why=log)
    finally:
        end(worker)

    assert held == [(1,)]


def test_the_only_process_of_a_worker_does_bulk_work_as_well(broker, tmp_path):  # noqa: F811
    worker = processes(tmp_path, 1, children=1)
    try:
        arrives("bulk", Lane.BULK)
        until(lambda: is_done("bulk"), why=(tmp_path / "0.log").read_text)
    finally:
        end(worker)
