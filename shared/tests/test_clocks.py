"""The installation's clock is ahead; what only machines see goes by the machine's, and nothing notices."""

from datetime import timedelta

import pytest
from django.db import transaction

from shared import clock
from shared.idempotency.models import IdempotencyRecord
from shared.messaging import acks, attention, comparison, tasks
from shared.messaging.models import InboxMessage, OutboxMessage, PublishedMessage
from shared.messaging.outbox import publish
from shared.messaging.sending import send_due
from shared.testing.messages import deliver
from shared.tokens.models import Revocation
from shared.tokens.revocations import revoke_older_tokens
from tests.at_the_broker import broker
from tests.project.notes.models import Note
from tests.project.views import PhasedNotesView
from tests.test_messages import payment

__all__ = ["broker"]
pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


def published() -> PublishedMessage:
    with transaction.atomic():
        [message_id] = publish([payment()])
    return PublishedMessage.objects.get(message_id=message_id)


def test_a_token_just_issued_opens_the_door(member, ahead):
    assert member.get("/notes").status_code == 200


def test_a_revocation_holds(member, ahead):
    used = member._client()
    revoke_older_tokens(revoked=[(member.id, clock.machine_now())])

    assert used.get("/notes").status_code == 401


def test_a_key_of_before_is_replayed(member, request):
    first = member.post("/notes", {"text": "once"}, key="k-1")
    request.getfixturevalue("ahead")
    tasks.purge()

    again = member.post("/notes", {"text": "once"}, key="k-1")

    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
    assert Note.objects.count() == 1


def test_a_lease_of_before_still_runs(member, request):
    PhasedNotesView.fails_next = 1
    assert member.post("/phased", {"text": "p"}, key="k-1").status_code == 500
    request.getfixturevalue("ahead")

    answer = member.post("/phased", {"text": "p"}, key="k-1")

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency.in_progress")
    assert IdempotencyRecord.objects.get().locked_until < clock.machine_now() + timedelta(hours=1)


def test_a_message_says_the_installations_time_and_is_sent_and_acknowledged_by_the_machines(ahead, broker):
    before = clock.now()
    message = published()

    assert before <= message.occurred_at <= clock.now()
    assert set(OutboxMessage.objects.filter(next_attempt_at__lte=clock.machine_now()).values_list("attempts")) == {(0,)}
    assert send_due(at=clock.machine_now()).messages == 2
    for consumer in ("points", "warehouse"):
        report = {"done": [message.message_id], "failed": {}, "unknown": {}}
        acks.settle(consumer=consumer, **report, at=clock.machine_now())
    assert not OutboxMessage.objects.exists()


def test_a_message_that_waits_is_as_old_as_its_id(ahead):
    published()

    flows = attention.flows(at=clock.machine_now() + SECOND)

    assert all(SECOND.total_seconds() <= flow.oldest_seconds < 60 for flow in flows if flow.waiting)
    assert any(flow.waiting for flow in flows)


def test_both_sides_agree_on_what_was_said(ahead, monkeypatch):
    monkeypatch.setattr(comparison, "consumers", lambda: ["points"])
    message = published()
    OutboxMessage.objects.all().delete()

    question = comparison.ask("points", hours=1, at=clock.machine_now() + timedelta(minutes=3))

    assert sum(span.count for span in question.spans) == 1
    assert comparison.answer(question).spans != []  # the message was not acted on here
    assert message.occurred_at > question.spans[-1].until


def test_the_purge_removes_nothing(member, ahead):
    member.post("/notes", {"text": "young"}, key="k-1")
    revoke_older_tokens(revoked=[(member.id, clock.machine_now())])
    deliver(payment())
    published()
    OutboxMessage.objects.all().delete()

    assert tasks.purge() == {"published": 0, "inbox": 0, "idempotency": 0, "revocations": 0}
    kept = (PublishedMessage, InboxMessage, IdempotencyRecord, Revocation)
    assert [model.objects.count() > 0 for model in kept] == [True] * 4
