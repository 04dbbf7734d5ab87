"""What comes to a queue and is no message is logged, counted and seen, and holds up nothing behind it."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import redis
from django.conf import settings
from django.db import transaction

from shared import clock
from shared.celery import acks_name, inbox_name
from shared.contracts.auth import UserDeactivated
from shared.contracts.base import Envelope
from shared.ids import new_id
from shared.messaging import malformed
from shared.messaging.lanes import Lane
from shared.messaging.models import OutboxMessage
from shared.messaging.outbox import publish
from shared.testing.actors import Actor, anonymous
from shared.testing.messages import envelope_of
from shared.testing.waiting import until
from tests.at_the_broker import broker, end, processes  # noqa: F401 - a fixture
from tests.project.notes.models import Note
from tests.test_broker import arrives, is_done
from tests.test_messages import payment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queues")]
INBOX, ACKS = inbox_name("points", "payments", Lane.INTERACTIVE), acks_name("points", "payments")


@pytest.fixture
def empty_queues() -> Iterator[None]:
    """Take away what an interrupted run has left in the queues."""
    client = redis.Redis.from_url(settings.BROKER_URL)
    client.delete(f"points:{INBOX}", f"points:{ACKS}")
    yield
    client.delete(f"points:{INBOX}", f"points:{ACKS}")


def task(name: str, keywords: Any, **changes: Any) -> bytes:
    """Return a task as it lies on a queue."""
    body = base64.b64encode(json.dumps([[], keywords, {}]).encode()).decode()
    info = {"exchange": INBOX, "routing_key": INBOX, "priority": 0}
    properties = {"delivery_mode": 2, "delivery_tag": "1", "body_encoding": "base64", "delivery_info": info}
    headers = {"lang": "py", "task": name, "id": "1", "root_id": "1", "argsrepr": "", "kwargsrepr": ""}
    whole = {"body": body, "content-encoding": "utf-8", "content-type": "application/json", "headers": headers}
    return json.dumps({**whole, "properties": properties, **changes}).encode()


def pack(*envelopes: Envelope) -> str:
    return msgspec.json.encode(envelopes).decode()


def receive(**keywords: Any) -> bytes:
    return task("messages.receive", keywords)


GONE = UserDeactivated(user_id=new_id(), deactivated_at=clock.now())
REPORT = {"consumer": "payments", "done": [], "failed": {}, "unknown": {}}
ENTRIES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "bytes that are no text": (INBOX, lambda: b"\xff\xfe\x00"),
    "text that is no JSON": (INBOX, lambda: b"no JSON at all"),
    "JSON that is no task": (INBOX, lambda: b"[1, 2, 3]"),
    "a task without properties": (INBOX, lambda: b"{}"),
    "properties that are none": (INBOX, lambda: json.dumps({"properties": "none", "body": "none"}).encode()),
    "a body that is no base64": (INBOX, lambda: task("messages.receive", {}, body="%%%")),
    "a body that is no JSON": (INBOX, lambda: task("messages.receive", {}, body=base64.b64encode(b"{").decode())),
    "no body": (INBOX, lambda: task("messages.receive", {}, body="")),
    "a body of Python's own": (
        INBOX,
        lambda: task("messages.receive", {}, **{"content-type": "application/x-python-serialize"}),
    ),
    "a body that is not compressed": (INBOX, lambda: task("messages.receive", {}, headers={"compression": "zlib"})),
    "a task that nobody knows": (INBOX, lambda: task("messages.unknown", {})),
    "a task of no name": (INBOX, lambda: task("messages.receive", {}, headers={})),
    "no pack": (INBOX, lambda: receive()),
    "a pack that is no text": (INBOX, lambda: receive(pack=7)),
    "a pack that is no JSON": (INBOX, lambda: receive(pack="no JSON at all")),
    "a pack of no envelopes": (INBOX, lambda: receive(pack="[{}]")),
    "an empty pack": (INBOX, lambda: receive(pack="[]")),
    "no such lane": (INBOX, lambda: receive(pack=pack(envelope_of(payment(), producer="payments")), lane="fast")),
    "messages of another": (INBOX, lambda: receive(pack=pack(envelope_of(payment(), producer="auth")))),
    "what another says, in its own name": (INBOX, lambda: receive(pack=pack(envelope_of(GONE, producer="payments")))),
    "messages of several": (
        INBOX,
        lambda: receive(pack=pack(*(envelope_of(payment(), producer=name) for name in ("payments", "auth")))),
    ),
    "no report": (ACKS, lambda: task("messages.acknowledge", {})),
    "a report of no ids": (ACKS, lambda: task("messages.acknowledge", {**REPORT, "done": ["1"]})),
    "another's report": (ACKS, lambda: task("messages.acknowledge", {**REPORT, "consumer": "warehouse"})),
    "no question": (INBOX, lambda: task("messages.answer_comparison", {"question": "{}"})),
    "no answer": (ACKS, lambda: task("messages.conclude_comparison", {"answer": "{}"})),
}


def test_each_malformed_entry_is_counted_once_and_what_follows_has_its_effect(broker, tmp_path):  # noqa: F811
    for which, (name, entry) in ENTRIES.items():
        assert broker.lpush(f"points:{name}", entry()) > 0, which
    expected = [name for name, _ in ENTRIES.values()]
    worker = processes(tmp_path, 1)
    try:
        arrives("after all that", Lane.INTERACTIVE)
        until(lambda: is_done("after all that"), why=(tmp_path / "0.log").read_text)
        until(lambda: not broker.llen(f"points:{INBOX}") and not broker.llen(f"points:{ACKS}"))
        until(lambda: sum(one.count for one in malformed.counts()) >= len(ENTRIES), why=_seen(tmp_path))
    finally:
        end(worker)

    found = {one.queue: one.count for one in malformed.counts()}
    assert found == {INBOX: expected.count(INBOX), ACKS: expected.count(ACKS)}, _seen(tmp_path)()
    assert (tmp_path / "0.log").read_text().count("malformed entry in") == len(ENTRIES)
    assert Note.objects.count() == 1


def _seen(tmp_path: Any) -> Callable[[], str]:
    return lambda: f"{malformed.counts()}\n{(tmp_path / '0.log').read_text()}"


def test_nobody_reports_for_another(broker, tmp_path):  # noqa: F811
    """Payments says that the warehouse has what it has not: the message stays."""
    with transaction.atomic():
        [message] = publish([payment()])
    report = {"consumer": "warehouse", "done": [str(message)], "failed": {}, "unknown": {}}
    broker.lpush(f"points:{ACKS}", task("messages.acknowledge", report))
    worker = processes(tmp_path, 1)
    try:
        until(malformed.counts, why=(tmp_path / "0.log").read_text)
    finally:
        end(worker)

    assert OutboxMessage.objects.filter(message_id=message, destination="warehouse").exists()


def test_operators_see_them(operator: Actor) -> None:
    malformed.note(INBOX, ValueError("no task"))
    malformed.note(INBOX, ValueError("no\nmessage \x00"))
    malformed.note("of nobody", "?" * 2000)

    found = operator.get("/api/v1/points/messages/flows").json()["malformed"]

    assert [(one["queue"], one["count"]) for one in found] == [("other", 1), (INBOX, 2)]
    assert found[1]["last_error"] == "ValueError('no\\nmessage \\x00')"
    assert len(found[0]["last_error"]) == 500
    scraped = anonymous().get("/metrics").content.decode()
    assert f'messages_malformed_total{{queue="{INBOX}"}} 2.0' in scraped
