"""Operators see how the messages fare; nobody else does. One journey can be followed through all services."""

import os
import re
import subprocess
import sys
from uuid import uuid4

from clients.api import Api, ok
from clients.payments import line
from eventually import eventually
from people import Merchant, Person

SERVICES = ("auth", "points", "payments", "warehouse")


def test_an_operator_sees_every_pair_of_services(operator: Person) -> None:
    for service in SERVICES:
        flows = operator.api.listed(f"/api/v1/{service}/messages/flows")

        assert "warehouse" in [flow["destination"] for flow in flows]
        # Those that a journey beside this one has parked are skipped in a moment.
        eventually(lambda service=service: _parked(operator, service), 0)  # type: ignore[misc]


def _parked(operator: Person, service: str) -> int:
    flows = operator.api.listed(f"/api/v1/{service}/messages/flows")
    return sum(flow["parked"] for flow in flows)


def test_what_was_said_arrives_and_leaves_the_outbox(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    member.payments.pay(merchant.id, line("book", 100))

    def waiting() -> int:
        flows = operator.api.listed("/api/v1/payments/messages/flows")
        return sum(flow["waiting"] + flow["bulk_waiting"] for flow in flows)

    eventually(waiting, 0)
    eventually(member.points.balance, 1)


def test_a_member_sees_nothing_of_it(member: Person) -> None:
    for service in SERVICES:
        assert member.api.get(f"/api/v1/{service}/messages").status_code == 403
        assert member.api.get(f"/api/v1/{service}/messages/flows").status_code == 403


def test_the_metrics_are_not_for_the_outside(url: str) -> None:
    assert Api(url).get("/metrics").status_code == 404


def test_one_journey_is_followed_through_all_services_with_times(
    member: Person, merchant: Merchant, programme: str
) -> None:
    journey = f"journey-{uuid4().hex}"
    order = {"amount": {"amount": 300, "currency": "EUR"}, "merchant_id": merchant.id, "order_id": journey}
    body = {**order, "tenders": [{"type": "wallet"}], "confirm": True}
    headers = {"Idempotency-Key": str(uuid4()), "X-Request-Id": journey}
    ok(member.api.send("POST", "/api/v1/payments/intents", json=body, headers=headers), 201)

    lines = eventually(lambda: _run("tools.trace", journey).splitlines(), lambda found: len(found) == 7)

    shown = [line for line in lines if "✉" in line]
    assert [re.split(r"\s+", line.split("✉")[1].strip())[0] for line in shown] == [
        "payment_captured",
        "wallet_changed",
        "points_earned",
    ]
    assert "because of payment_captured" in shown[2]
    assert all(re.match(r" *\d+\.\d ms  ", line) for line in lines)
    assert lines[0].lstrip().startswith("0.0 ms")


def test_the_doctor_finds_all_well_when_nothing_waits(operator: Person) -> None:
    def said() -> str:
        return _run("tools.doctor").splitlines()[-1]

    eventually(said, "all is well")


def _run(module: str, *arguments: str) -> str:
    """Run one of the commands of `make`; what it says is on its standard output, well or not."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=120).stdout
