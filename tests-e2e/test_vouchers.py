"""A voucher campaign from its draft to its end; vouchers that are tried, used, rolled back, given back and combined."""

from urllib.parse import quote

import pytest
from books import sent_twice
from clients.api import ok, refused
from clients.payments import INTENTS, eur, intent, line
from clients.points import CAMPAIGNS, POINTS, VOUCHERS
from clients.vouchers import JOBS, REDEMPTIONS, order
from eventually import eventually
from people import Merchant, Person


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
    found = operator.vouchers.campaign(draft)
    assert (found["codes_total"], found["claimed"], found["used"]) == (3, 0, 0)


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


def test_vouchers_of_one_order_take_no_more_than_it_costs_and_stand_in_their_order(
    operator: Person, member: Person, other_member: Person, programme: str
) -> None:
    ten = operator.vouchers.open(programme, amount=eur(1_000), stacking="all", priority=1)
    eighty = {"kind": "percent", "amount": None, "percent": 80, "stacking": "all", "priority": 2}
    codes = [member.points.claim(ten)["code"], other_member.points.claim(operator.vouchers.open(programme, **eighty))]
    bought = order(1_500)

    first = member.points.use_voucher(codes[0], bought)
    second = other_member.points.use_voucher(codes[1]["code"], bought)

    assert (first["discount"], second["discount"]) == (eur(1_000), eur(400))
    alone = other_member.points.claim(operator.vouchers.open(programme))["code"]
    assert other_member.vouchers.validate(alone, bought) == {"valid": False, "reason": "vouchers.not_stackable"}
    refused(other_member.api.post(REDEMPTIONS, {"code": alone, "order": bought}), 409, "vouchers.not_stackable")
    changed = {**bought, "lines": order(1_400)["lines"]}
    refused(other_member.api.post(REDEMPTIONS, {"code": alone, "order": changed}), 409, "vouchers.order_changed")


def test_the_merchant_says_what_its_order_costs_and_sees_what_was_used_on_it(
    operator: Person, member: Person, other_member: Person, merchant: Merchant, programme: str
) -> None:
    campaign = operator.vouchers.open(programme)
    codes = {one.id: str(one.points.claim(campaign)["code"]) for one in (member, other_member)}
    bought = order(5_000, merchant_id=merchant.id)
    first = other_member.points.use_voucher(codes[other_member.id], {**bought, "lines": order(1)["lines"]})
    refused(member.api.post(REDEMPTIONS, {"code": codes[member.id], "order": bought}), 409, "vouchers.order_changed")

    till = merchant.system.api
    body = {"code": codes[member.id], "member_id": member.id, "order": bought}
    second = ok(till.post(REDEMPTIONS, body), 201)

    assert other_member.vouchers.voucher(codes[other_member.id])["state"] == "usable"
    on_order = till.listed(REDEMPTIONS, order_id=bought["id"])
    assert [one["id"] for one in on_order] == [second["id"], first["id"]]
    assert [one["status"] for one in on_order] == ["redeemed", "rolled_back"]
    named = refused(till.post(REDEMPTIONS, {**body, "code": codes[other_member.id], "member_id": other_member.id}), 409)
    assert named["redemption_ids"] == [second["id"]]


def test_a_bought_voucher_is_given_back_for_its_price_and_its_price_in_no_other_way(
    operator: Person, member: Person, programme: str
) -> None:
    operator.points.earn(member.id, 300, programme=programme)
    voucher = member.points.claim(operator.vouchers.open(programme, price_points=300))
    [price] = member.points.transactions(programme=programme, kind="redeemed")
    refused(operator.api.post(f"{POINTS}/transactions/{price['id']}/reversal"), 409, "points.pays_voucher")
    body = {"member_id": member.id, "purchase_id": "till-1", "amount": eur(300), "programme": programme}
    named = {**body, "redemption_ids": [price["id"]]}
    refused(operator.api.post(f"{POINTS}/purchases", named), 409, "points.redemption_not_usable")

    back = sent_twice(member.api, f"{VOUCHERS}/{voucher['code']}/cancel", {}, status=200)

    assert (back["state"], back["cancelled_at"] is not None) == ("cancelled", True)
    assert member.ledger.balance(programme=programme)["available"] == 300
    refused(member.api.post(f"{VOUCHERS}/{voucher['code']}/cancel"), 409, "vouchers.cancelled")
    refused(member.api.post(REDEMPTIONS, {"code": voucher["code"], "order": order()}), 409, "vouchers.cancelled")


def test_a_member_releases_only_what_no_payment_used(
    operator: Person, member: Person, merchant: Merchant, programme: str
) -> None:
    code = member.points.claim(operator.vouchers.open(programme))["code"]
    bought = order(5_000, merchant_id=merchant.id)
    used = member.points.use_voucher(code, bought)
    body = {**intent(merchant.id, line("vase", 5_000), less=500), "order_id": bought["id"], "confirm": True}
    ok(member.api.post(INTENTS, body), 201)
    # Its points come with the same message.
    eventually(member.points.balance, 45)

    refused(member.api.post(f"{REDEMPTIONS}/{used['id']}/rollback"), 409, "vouchers.order_paid")

    back = ok(merchant.system.api.post(f"{REDEMPTIONS}/{used['id']}/rollback"))
    assert (back["status"], back["merchant_id"]) == ("rolled_back", merchant.id)
    assert member.vouchers.voucher(code)["state"] == "usable"


def test_a_code_is_found_however_it_is_typed(operator: Person, member: Person, programme: str) -> None:
    code = str(member.points.claim(operator.vouchers.open(programme))["code"])
    typed = [code.lower(), code.replace("-", ""), code.replace("-", " "), code.replace("-", "\u2013"), f" {code}\u200b"]

    for one in typed * 5:
        assert member.vouchers.validate(one, order()) == {"valid": True, "discount": eur(500)}

    assert [member.vouchers.voucher(quote(one))["code"] for one in typed] == [code] * len(typed)
    assert member.points.use_voucher(typed[1], order())["discount"] == eur(500)
