"""Each role does its own work and no other's."""

import pytest
from clients.api import refused
from clients.payments import INTENTS, line
from clients.points import CAMPAIGNS, IMPORTS, POINTS, PROGRAMMES
from people import Merchant, Person, new_merchant

# Nobody's; the same in every process, because tests are named by it.
ANYBODY = "00000000-0000-4000-8000-0000000000aa"
OPERATORS_WORK = {
    PROGRAMMES: {"name": "Mine", "currency": "EUR", "timezone": "UTC"},
    CAMPAIGNS: {"name": "Mine", "kind": "percent", "percent": 100, "ends_at": "2099-01-01T00:00:00Z"},
    f"{CAMPAIGNS}/{ANYBODY}/codes": {"count": 1000},
    f"{POINTS}/earnings": {"member_id": ANYBODY, "points": 1000, "reason": "mine"},
    f"{POINTS}/adjustments": {"member_id": ANYBODY, "points": 1000, "reason": "mine"},
    f"{POINTS}/batches": {"postings": []},
    IMPORTS: {"name": "mine"},
    f"{POINTS}/transactions/{ANYBODY}/reversal": {},
    "/api/v1/merchants": {"name": "Mine"},
    f"/api/v1/auth/users/{ANYBODY}/roles": {"role": "admin"},
    "/api/v1/auth/clients": {"name": "mine"},
}


@pytest.mark.parametrize("path", OPERATORS_WORK)
def test_a_member_a_merchant_and_an_analyst_cannot_do_an_operators_work(
    member: Person, merchant: Merchant, analyst: Person, path: str
) -> None:
    for person in (member, merchant.system, analyst):
        assert refused(person.api.post(path, OPERATORS_WORK[path]), 403)["code"] == "auth.insufficient_scope"


def test_only_analysts_and_operators_read_reports(
    member: Person, merchant: Merchant, analyst: Person, operator: Person
) -> None:
    path = "/api/v1/reports/payments/volume"

    for person in (member, merchant.system):
        refused(person.api.get(path), 403, "auth.insufficient_scope")
    for person in (analyst, operator):
        assert person.api.get(path).status_code == 200


def test_an_analyst_sees_no_account_and_nobody_elses_payment(
    analyst: Person, member: Person, merchant: Merchant
) -> None:
    payment = member.payments.pay(merchant.id, line("book", 2_000))["id"]

    refused(analyst.api.get("/api/v1/auth/users"), 403, "auth.insufficient_scope")
    refused(analyst.api.get(f"{INTENTS}/{payment}"), 404)
    refused(analyst.api.get("/api/v1/wallets", member_id=member.id), 404)


def test_a_merchant_sees_and_refunds_its_own_payments_only(
    url: str, operator: Person, member: Person, merchant: Merchant
) -> None:
    payment = member.payments.pay(merchant.id, line("book", 2_000))["id"]
    rival = new_merchant(url, operator)

    refused(rival.system.api.get(f"{INTENTS}/{payment}"), 404)
    refused(rival.system.api.post(f"{INTENTS}/{payment}/refunds"), 404)
    refused(member.api.post(f"{INTENTS}/{payment}/refunds"), 403)
    assert merchant.system.payments.intent(payment)["amount_refunded"]["amount"] == 0
    assert merchant.system.payments.refund(payment)["amount"]["amount"] == 2_000
