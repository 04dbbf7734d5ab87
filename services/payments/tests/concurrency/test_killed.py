"""A worker that dies between the phases of a request, and the client that repeats it."""

from datetime import timedelta

import pytest

from payments.intents.models import PaymentIntent
from payments.intents.operations import cards
from payments.intents.operations.cards import resolve_attempts
from payments.provider.models import ProviderCharge
from payments.provider.operations import SimulatedProvider
from shared import clock
from shared.contracts.payments import PaymentCaptured
from shared.db import execute
from shared.testing.messages import published
from shared.testing.proofs import race
from tests.api.paths import INTENTS
from tests.factories import balance, by_card, order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("shop")]


class Killed(BaseException):
    """Stands for kill -9: nothing catches it, and nothing after it runs."""


class DyingProvider(SimulatedProvider):
    """Lets the process die before the call, or after the network has acted."""

    def __init__(self, *, after_the_call: bool) -> None:
        self.after_the_call = after_the_call

    def charge(self, **command):
        if self.after_the_call:
            super().charge(**command)
        raise Killed


@pytest.fixture(params=[False, True], ids=["before the call", "after the call"])
def body(request, member, monkeypatch):
    body = order(1000, tender=by_card())
    with monkeypatch.context() as patch:
        patch.setattr(cards, "provider", lambda: DyingProvider(after_the_call=request.param))
        with pytest.raises(Killed):
            member.post(INTENTS, body, key="once")
    assert PaymentIntent.objects.get().status == "processing"
    return body


def lease_runs_out():
    execute("UPDATE idempotency_record SET locked_until = now() - interval '1 second' WHERE status IS NULL")


def test_a_repeat_within_the_lease_waits(member, body):
    answer = member.post(INTENTS, body, key="once")

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency.in_progress")
    assert answer["Retry-After"]


def test_a_repeat_after_the_lease_goes_on_and_pays_once(member, body):
    lease_runs_out()

    answer = member.post(INTENTS, body, key="once")

    assert (answer.status_code, answer.json()["status"]) == (201, "succeeded")
    assert ProviderCharge.objects.count() == 1
    assert balance("merchant_pending") == 1000
    assert member.post(INTENTS, body, key="once").content == answer.content


def test_without_a_repeat_the_task_finds_the_end(member, body):
    at = clock.now()
    resolve_attempts(older_than=at + timedelta(seconds=1), at=at)

    charged = ProviderCharge.objects.get().status == "captured"
    intent = PaymentIntent.objects.get()
    assert intent.status == ("succeeded" if charged else "failed")
    assert balance("merchant_pending") == (1000 if charged else 0)

    lease_runs_out()
    answer = member.post(INTENTS, body, key="once")
    assert answer.status_code == (201 if charged else 402)


def test_tasks_and_a_repeat_at_once_end_it_once(member, body):
    lease_runs_out()

    def one(number: int):
        if number:
            at = clock.now()
            return resolve_attempts(older_than=at + timedelta(seconds=1), at=at)
        return member.post(INTENTS, body, key="once")

    answer, *_ = race(6, one)

    succeeded = PaymentIntent.objects.get().status == "succeeded"
    assert answer.status_code == (201 if succeeded else 402)
    assert (ProviderCharge.objects.get().status == "captured") == succeeded
    assert balance("merchant_pending") == (1000 if succeeded else 0)
    assert len(published(PaymentCaptured)) == succeeded
