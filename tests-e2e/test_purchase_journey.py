"""One purchase, from the first top-up to the refund, through every service."""

from datetime import UTC, datetime, timedelta

from clients.payments import eur, line
from eventually import eventually
from people import Merchant, Person


def test_a_purchase_runs_through_every_service(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    campaign = operator.points.make_campaign(programme, name="5.00 EUR off", off=500, price=300)["id"]
    job = operator.points.make_codes(campaign, 1000)
    eventually(lambda: operator.points.job(job)["state"], "done")

    first = member.payments.pay(merchant.id, line("book", 8_000), line("lamp", 4_000))
    eventually(member.points.balance, 120)
    [lot] = member.points.lots()
    assert lot["points"] == 120
    assert timedelta(days=365) <= datetime.fromisoformat(lot["expires_at"]) - datetime.now(UTC) <= timedelta(days=366)

    member.payments.pay(merchant.id, line("chair", 30_000))
    eventually(member.points.balance, 420)
    voucher = member.points.claim(campaign)
    assert (member.points.balance(), voucher["state"], voucher["price_points"]) == (120, "usable", 300)

    order = {"id": "order-3", "merchant_id": merchant.id, "currency": "EUR", "lines": [line("vase", 5_000)]}
    assert member.points.use_voucher(voucher["code"], order)["discount"] == eur(500)
    member.payments.pay(merchant.id, line("vase", 5_000), less=500)
    eventually(member.points.balance, 165)

    back = merchant.system.payments.refund(first["id"], lines=[{"line_id": "lamp", "quantity": 1}])
    assert back["amount"] == eur(4_000)
    eventually(member.points.balance, 125)
    assert member.payments.balance() == 100_000 - 12_000 - 30_000 - 4_500 + 4_000
    assert [entry["amount"]["amount"] for entry in member.payments.entries()] == [
        4_000,
        -4_500,
        -30_000,
        -12_000,
        100_000,
    ]
    changes = [(posted["kind"], posted["change"]) for posted in member.points.transactions()]
    assert changes == [("returned", -40), ("earned", 45), ("redeemed", -300), ("earned", 300), ("earned", 120)]
