"""A worker is killed in the middle of its work: everything arrives all the same, once."""

import pytest
from clients.payments import line
from conftest import Command
from eventually import eventually
from people import Merchant, Person

PAYMENTS = 40


@pytest.mark.parametrize("victim", ["points-worker", "payments-relay"])
def test_every_payment_earns_once_though_a_process_is_killed(
    member: Person, merchant: Merchant, programme: str, kill: Command, victim: str
) -> None:
    for number in range(PAYMENTS):
        member.payments.pay(merchant.id, line("book", 100))
        if number == PAYMENTS // 2:
            kill(victim)

    eventually(member.points.balance, PAYMENTS, seconds=120)
    assert len(member.points.transactions(kind="earned")) == PAYMENTS
