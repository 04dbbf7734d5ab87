"""What belongs to one member is not there for another: not to see, not to spend."""

import pytest
from clients.api import refused
from clients.payments import INTENTS, WALLETS, card, eur, intent, line
from clients.points import CAMPAIGNS, POINTS, VOUCHERS
from clients.vouchers import order
from eventually import eventually
from people import Merchant, Person


@pytest.fixture
def paid(member: Person, merchant: Merchant, programme: str) -> str:
    """A payment of the member's that has earned its points."""
    payment = member.payments.pay(merchant.id, line("book", 12_000))
    eventually(member.points.balance, 120)
    return str(payment["id"])


def test_cannot_be_read_by_another(member: Person, other_member: Person, paid: str) -> None:
    wallet = member.payments.wallet()["id"]
    [earned] = member.points.transactions()

    for path in (
        f"{INTENTS}/{paid}",
        f"{WALLETS}/{wallet}",
        f"{WALLETS}/{wallet}/entries",
        f"{POINTS}/transactions/{earned['id']}",
        f"{POINTS}/members/{member.id}/balance",
        f"{POINTS}/members/{member.id}/attributes",
        f"{POINTS}/members/{member.id}/attributes/versions",
        f"{POINTS}/lots?member_id={member.id}",
        f"{POINTS}/transactions?member_id={member.id}",
        f"{WALLETS}?member_id={member.id}",
    ):
        refused(other_member.api.get(path), 404)
    assert other_member.api.listed(INTENTS, member_id=member.id) == []


def test_cannot_be_spent_by_another(member: Person, other_member: Person, merchant: Merchant, paid: str) -> None:
    wallet = member.payments.wallet()["id"]
    topup = {"amount": eur(100), "source": {"card": card()}}

    refused(other_member.api.post(f"{POINTS}/redemptions", _spend(member.id)), 404)
    refused(other_member.api.post(INTENTS, {**intent(merchant.id, line("book", 1)), "member_id": member.id}), 404)
    refused(other_member.api.post(f"{WALLETS}/{wallet}/topups", topup), 404)
    refused(other_member.api.post(f"{INTENTS}/{paid}/cancel"), 404)
    refused(other_member.api.post(f"{INTENTS}/{paid}/confirm"), 404)

    assert (member.points.balance(), member.payments.balance()) == (120, 88_000)


def test_a_voucher_works_for_its_member_only(
    operator: Person, member: Person, other_member: Person, programme: str
) -> None:
    campaign = operator.points.make_campaign(programme, name="Free", off=500, price=0)["id"]
    job = operator.points.make_codes(campaign, 10)
    eventually(lambda: operator.points.job(job)["state"], "done")
    code = member.points.claim(campaign)["code"]
    bought = order()

    stolen = refused(other_member.api.post(f"{VOUCHERS}/redemptions", {"code": code, "order": bought}), 404)
    guessed = refused(other_member.api.get(f"{VOUCHERS}/NO-SUCH-CODE"), 404)
    assert stolen["code"] == guessed["code"]
    refused(other_member.api.get(f"{VOUCHERS}/{code}"), 404)
    refused(other_member.api.post(f"{CAMPAIGNS}/{campaign}/claims", {"member_id": member.id}), 403)
    assert member.points.use_voucher(code, bought)["discount"] == eur(500)


def _spend(member_id: str) -> dict[str, object]:
    return {"member_id": member_id, "points": 1, "reason": "not mine"}
