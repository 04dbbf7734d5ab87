"""A voucher campaign from its draft to its end, and a voucher that is tried, used, rolled back and used again."""

import pytest
from books import sent_twice
from clients.api import refused
from clients.payments import eur
from clients.points import CAMPAIGNS, VOUCHERS
from clients.vouchers import JOBS, REDEMPTIONS, order
from eventually import eventually
from people import Person


@pytest.fixture
def draft(operator: Person, programme: str) -> str:
    """A campaign that is not open yet, with three codes."""
    campaign = operator.vouchers.draft(programme)
    job = operator.points.make_codes(campaign, 3)
    eventually(lambda: operator.points.job(job)["state"], "done")
    return campaign


@pytest.fixture
def code(operator: Person, member: Person, draft: str) -> str:
    """The member's voucher of the campaign, which is open."""
    operator.vouchers.move(draft, "activate")
    return str(member.points.claim(draft)["code"])


def cannot_claim(member: Person, campaign: str) -> None:
    """Check that a claim is refused, and takes nothing."""
    refused(member.api.post(f"{CAMPAIGNS}/{campaign}/claims"), 409, "vouchers.campaign_not_active")
    assert member.vouchers.mine() == []


def test_a_campaign_is_changed_until_it_is_open(operator: Person, member: Person, draft: str) -> None:
    refused(member.api.post(f"{CAMPAIGNS}/{draft}/claims"), 404)
    refused(member.api.get(f"{CAMPAIGNS}/{draft}"), 404)
    assert draft not in [one["id"] for one in member.vouchers.campaigns()]
    assert operator.vouchers.change(draft, name="Better", amount=eur(700))["amount"] == eur(700)

    assert operator.vouchers.move(draft, "activate") == "active"

    path = f"{CAMPAIGNS}/{draft}"
    refused(operator.api.send("PATCH", path, json={"amount": eur(900)}), 409, "vouchers.campaign_frozen")
    assert operator.vouchers.change(draft, uses_total=2)["uses_total"] == 2
    [seen] = [one for one in member.vouchers.campaigns() if one["id"] == draft]
    assert seen == member.vouchers.campaign(draft)
    assert (seen["name"], seen["amount"], "codes_total" in seen) == ("Better", eur(700), False)
    told = operator.vouchers.campaign(draft)
    assert (told["codes_total"], told["claimed"], told["used"]) == (3, 0, 0)


def test_a_pause_closes_a_campaign_for_a_while_and_its_end_for_good(
    operator: Person, member: Person, other_member: Person, draft: str, code: str
) -> None:
    assert operator.vouchers.move(draft, "pause") == "paused"
    cannot_claim(other_member, draft)
    assert member.vouchers.validate(code, order()) == {"valid": False, "reason": "vouchers.campaign_not_active"}
    assert member.vouchers.voucher(code)["state"] == "paused"

    assert operator.vouchers.move(draft, "activate") == "active"
    assert member.vouchers.validate(code, order()) == {"valid": True, "discount": eur(500)}

    assert operator.vouchers.move(draft, "end") == "ended"
    cannot_claim(other_member, draft)
    refused(operator.api.post(f"{CAMPAIGNS}/{draft}/activate"), 409, "vouchers.move_not_allowed")
    refused(member.api.post(REDEMPTIONS, {"code": code, "order": order()}), 409)
    assert member.vouchers.redemptions() == []


def test_a_use_that_is_rolled_back_is_free_for_another_order(
    operator: Person, member: Person, draft: str, code: str
) -> None:
    bought = order(5_000)
    assert member.vouchers.validate(code, bought) == {"valid": True, "discount": eur(500)}
    used = member.points.use_voucher(code, bought)
    assert member.vouchers.validate(code, order()) == {"valid": False, "reason": "vouchers.used_up"}
    assert member.vouchers.redemption(used["id"]) == used == member.vouchers.redemptions()[0]

    back = sent_twice(member.api, f"{REDEMPTIONS}/{used['id']}/rollback", {}, status=200)

    assert back == {**used, "status": "rolled_back", "rolled_back_at": back["rolled_back_at"]}
    refused(member.api.post(f"{REDEMPTIONS}/{used['id']}/rollback"), 409, "vouchers.already_rolled_back")
    [mine] = member.vouchers.mine()
    assert mine == member.vouchers.voucher(code)
    assert (mine["state"], mine["uses"]) == ("usable", 0)
    again = member.points.use_voucher(code, order(8_000))
    assert (again["discount"], again["order_total"]) == (eur(500), eur(8_000))
    assert [one["status"] for one in member.vouchers.redemptions()] == ["redeemed", "rolled_back"]
    assert operator.vouchers.campaign(draft)["used"] == 1


def test_codes_are_downloaded_and_a_job_that_makes_them_is_stopped(
    operator: Person, member: Person, draft: str, code: str
) -> None:
    rows = {row["code"]: row["member_id"] for row in operator.vouchers.codes(draft)}
    assert (len(rows), rows[code]) == (3, member.id)
    job = operator.points.make_codes(draft, 2_000_000)

    stopped = operator.vouchers.cancel_job(job)

    assert (stopped["state"], stopped["total"]) == ("cancelled", 2_000_000)
    assert operator.points.job(job)["done"] == stopped["done"] < 2_000_000
    assert operator.vouchers.campaign(draft)["codes_total"] == 3 + stopped["done"]
    refused(member.api.post(f"{JOBS}/{job}/cancel"), 403)
    refused(member.api.get(f"{VOUCHERS}/NO-SUCH-CODE"), 404, "vouchers.not_found")
