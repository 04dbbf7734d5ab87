"""The installation's clock is ahead: the ledger says so; guesses, keys and messages go by the machine's."""

from datetime import timedelta

import pytest

from points.ledger.models import Transaction
from points.vouchers import tasks
from points.vouchers.models import FailedAttempt
from shared import clock
from shared.idempotency.models import IdempotencyRecord
from shared.messaging.models import OutboxMessage, PublishedMessage
from shared.messaging.tasks import purge
from shared.testing.actors import Actor
from tests.factories import give, make_programme

pytestmark = pytest.mark.django_db
POINTS = "/api/v1/points"
DAY = timedelta(days=1)


@pytest.mark.usefixtures("ahead")
def test_a_transaction_is_of_the_installations_time_and_its_key_and_message_of_the_machines(
    member: Actor, operator: Actor
) -> None:
    make_programme()
    before, body = clock.now(), {"member_id": str(member.id), "points": 5, "reason": "gift"}
    first = operator.post(f"{POINTS}/earnings", body, key="once")

    assert first.status_code == 201
    said = PublishedMessage.objects.get(name="points_earned")
    assert before <= Transaction.objects.get().posted_at == said.occurred_at
    assert not OutboxMessage.objects.filter(next_attempt_at__gt=clock.machine_now()).exists()
    OutboxMessage.objects.all().delete()
    assert set(purge().values()) == {0}
    again = operator.post(f"{POINTS}/earnings", body, key="once")
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert IdempotencyRecord.objects.get().created_at <= clock.machine_now()


def test_a_list_of_days_has_what_was_posted_then_however_far_the_clock_was_moved(
    member: Actor, operator: Actor, request: pytest.FixtureRequest
) -> None:
    make_programme()
    give(member.id, 1, at=clock.now())
    by = request.getfixturevalue("ahead")
    give(member.id, 2, at=clock.now())

    def listed(**days: object) -> list[int]:
        return [one["points"] for one in operator.get(f"{POINTS}/transactions", **days).json()["results"]]

    today, then = clock.machine_now(), clock.now()
    assert listed(**{"from": clock.iso(then - DAY)}) == [2]
    assert listed(**{"from": clock.iso(today - DAY), "to": clock.iso(today + DAY)}) == [1]
    assert listed(**{"from": clock.iso(today - DAY)}) == [2, 1]
    assert listed(**{"from": clock.iso(then + by)}) == []


def test_who_named_too_many_wrong_codes_still_waits(member: Actor, request: pytest.FixtureRequest) -> None:
    make_programme()
    for _ in range(20):
        assert member.get("/api/v1/vouchers/GUESS").status_code == 404
    request.getfixturevalue("ahead")

    assert tasks.purge() == 0
    assert member.get("/api/v1/vouchers/GUESS").status_code == 429
    assert max(FailedAttempt.objects.values_list("at", flat=True)) <= clock.machine_now()
