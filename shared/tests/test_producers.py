"""A service says its own messages alone, whatever queue it may write to."""

import pytest

from shared.contracts.base import REGISTRY, may_say

SERVICES = ("auth", "points", "payments", "warehouse")


@pytest.mark.parametrize("contract", REGISTRY.values(), ids=lambda one: f"{one.NAME}-{one.VERSION}")
def test_a_message_is_said_by_its_producer_alone(contract):
    told = {service for service in SERVICES if may_say(service, contract.NAME)}

    assert told == ({contract.PRODUCER} if contract.PRODUCER else set(SERVICES))


def test_a_days_totals_and_answers_about_the_clock_are_the_only_ones_of_no_one_service():
    assert {one.NAME for one in REGISTRY.values() if not one.PRODUCER} == {"ledger_day_totals", "clock_reached"}
