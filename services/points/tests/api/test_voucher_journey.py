from datetime import timedelta

import pytest

from shared import clock
from shared.contracts import points as contracts
from shared.contracts import vouchers
from shared.testing.actors import Actor
from shared.testing.messages import deliver, published
from tests.factories import give, make_programme, points_of
from tests.voucher_factories import order_body

pytestmark = pytest.mark.django_db


def test_a_voucher_goes_from_campaign_to_rollback(member: Actor, operator: Actor) -> None:
    make_programme()
    now = clock.now()
    give(member.id, 1000, at=now)
    terms = {
        "name": "5 EUR off",
        "kind": "amount",
        "amount": {"amount": 500, "currency": "EUR"},
        "price_points": 300,
        "ends_at": clock.iso(now + timedelta(days=30)),
    }
    campaign = operator.post("/api/v1/vouchers/campaigns", terms).json()["id"]
    base = f"/api/v1/vouchers/campaigns/{campaign}"
    job = operator.post(f"{base}/codes", {"count": 1000, "pattern": "SPRING-########"}).json()
    assert not deliver(*published(contracts.GenerateCodes)).failed
    made = operator.get(f"/api/v1/vouchers/jobs/{job['id']}").json()
    assert (made["state"], made["done"], made["total"]) == ("done", 1000, 1000)
    assert operator.post(f"{base}/activate").json()["status"] == "active"

    voucher = member.post(f"{base}/claims").json()

    assert voucher["code"].startswith("SPRING-")
    assert voucher["state"] == "usable"
    assert points_of(member.id, at=clock.now()) == (700, 0)
    body = {"code": voucher["code"].lower(), "order": order_body(2000)}
    verdict = member.post("/api/v1/vouchers/validations", body).json()
    assert verdict == {"valid": True, "discount": {"amount": 500, "currency": "EUR"}}
    redemption = member.post("/api/v1/vouchers/redemptions", body)
    assert redemption.status_code == 201
    assert redemption.json()["discount"] == {"amount": 500, "currency": "EUR"}
    assert member.get(f"/api/v1/vouchers/{voucher['code']}").json()["state"] == "used_up"
    released = member.post(f"/api/v1/vouchers/redemptions/{redemption.json()['id']}/rollback")
    assert (released.status_code, released.json()["status"]) == (200, "rolled_back")
    assert member.get("/api/v1/vouchers").json()["results"][0]["state"] == "usable"
    assert len(published(vouchers.VoucherReleased)) == 1
