"""Bounds that hold however many ask at once: a person's day, and an order that earns once."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from points.adjustments.models import AdjustmentRequest
from points.ledger.models import PersonDayTotal, Transaction
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver, envelope_of
from shared.testing.proofs import race
from shared.testing.roles import MERCHANT_ID
from tests.api.purchase_requests import GOOD, PATH
from tests.factories import make_programme, points_of, prove
from tests.messages.test_payments import captured

pytestmark = pytest.mark.django_db(transaction=True)
EARNINGS, ADJUSTMENTS = "/api/v1/points/earnings", "/api/v1/points/adjustments"


@pytest.mark.parametrize("before", [0, 1])
def test_of_twenty_at_once_by_one_person_those_that_the_days_limit_covers_are_posted(
    operator: Actor, member: Actor, before: int
) -> None:
    make_programme(adjustment_limit=100)
    if before:
        operator.post(EARNINGS, {"member_id": str(member.id), "points": before, "reason": "r"})

    def ask(number: int) -> int:
        # Each for another member, so that nothing but the day is waited for.
        body = {"member_id": str(new_id()), "points": 30, "reason": "r"}
        status: int = operator.post((EARNINGS, ADJUSTMENTS)[number % 2], body).status_code
        return status

    answers = race(20, ask)

    assert Counter(answers) == {201: 3, 202: 17}
    assert AdjustmentRequest.objects.count() == 17
    assert PersonDayTotal.objects.get().points == 90 + before
    assert sum(Transaction.objects.values_list("points", flat=True)) == 90 + before
    prove()


def test_batches_at_once_by_one_person_stay_within_the_limit(operator: Actor) -> None:
    make_programme(adjustment_limit=100)

    def ask(batch: int) -> list[str]:
        lines = [
            {"key": f"{batch}-{number}", "kind": "earn", "member_id": str(new_id()), "points": 9, "reason": "r"}
            for number in range(5)
        ]
        results = operator.post("/api/v1/points/batches", {"postings": lines}).json()["results"]
        return [one["status"] for one in results]

    answers: list[Any] = race(8, ask)

    assert Counter(status for results in answers for status in results) == {"posted": 11, "refused": 29}
    assert PersonDayTotal.objects.get().points == 99


@pytest.mark.parametrize("attempt", range(3))
def test_an_order_that_its_till_and_its_payment_record_at_once_earns_once(
    merchant: Actor, member: Actor, attempt: int
) -> None:
    make_programme()
    tills = [Actor(replace(merchant.caller, id=new_id())) for _ in range(6)]
    payments = [captured(member.id, {"1": 12_000}, order_id="order-7", merchant_id=MERCHANT_ID) for _ in range(6)]

    def record(number: int) -> Any:
        if (number + attempt) % 2:
            return deliver(envelope_of(payments[number // 2])).failed
        return tills[number // 2].post(PATH, GOOD).status_code

    answers = race(12, record)

    assert all(answer in ({}, 201, 409) for answer in answers), answers
    assert points_of(member.id, at=clock.now()) == (120, 0)
    assert Transaction.objects.count() == 1
    prove()
