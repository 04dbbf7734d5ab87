"""Operators see how the messages fare; nobody else does. One journey can be followed through all services."""

from clients.api import Api, ok
from clients.payments import line
from eventually import eventually
from people import Merchant, Person

SERVICES = ("auth", "points", "payments", "warehouse")


def test_an_operator_sees_every_pair_of_services(operator: Person) -> None:
    for service in SERVICES:
        flows = ok(operator.api.get(f"/api/v1/{service}/messages/flows"))["results"]

        assert "warehouse" in [flow["destination"] for flow in flows]
        assert [flow["parked"] for flow in flows] == [0] * len(flows)


def test_what_was_said_arrives_and_leaves_the_outbox(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    member.payments.pay(merchant.id, line("book", 100))

    def waiting() -> int:
        flows = ok(operator.api.get("/api/v1/payments/messages/flows"))["results"]
        return sum(flow["waiting"] for flow in flows)

    eventually(waiting, 0)
    eventually(member.points.balance, 1)


def test_a_member_sees_nothing_of_it(member: Person) -> None:
    for service in SERVICES:
        assert member.api.get(f"/api/v1/{service}/messages").status_code == 403
        assert member.api.get(f"/api/v1/{service}/messages/flows").status_code == 403


def test_the_metrics_are_not_for_the_outside(url: str) -> None:
    assert Api(url).get("/metrics").status_code == 404
