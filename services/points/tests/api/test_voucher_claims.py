from datetime import timedelta
from typing import Any

import pytest

from points.vouchers.models import Voucher, VoucherCampaign
from shared import clock
from shared.contracts.auth import UserDeactivated
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from tests.factories import give, points_of
from tests.voucher_factories import claim, make_campaign

BASE = "/api/v1/vouchers"
pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> VoucherCampaign:
    now = clock.now()
    return make_campaign(codes=2, price_points=300, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=30))


def path(campaign: VoucherCampaign) -> str:
    return f"{BASE}/campaigns/{campaign.id}/claims"


def test_a_member_takes_a_voucher_for_points(member: Actor, campaign: VoucherCampaign) -> None:
    give(member.id, 420, at=clock.now())

    answer = member.post(path(campaign))

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["member_id"], body["state"], body["price_points"]) == (str(member.id), "usable", 300)
    assert (body["amount"], body["uses"], body["uses_max"]) == ({"amount": 500, "currency": "EUR"}, 0, 1)
    assert points_of(member.id, at=clock.now()) == (120, 0)
    assert member.get(f"{BASE}/{body['code']}").json() == body
    assert member.get(BASE).json()["results"] == [body]


def test_the_same_key_takes_and_pays_once(member: Actor, campaign: VoucherCampaign) -> None:
    give(member.id, 900, at=clock.now())

    first, second = (member.post(path(campaign), key="k1") for _ in range(2))

    assert first.content == second.content
    assert points_of(member.id, at=clock.now()) == (600, 0)
    assert Voucher.objects.filter(member_id=member.id).count() == 1
    reused = member.post(path(campaign), {"member_id": str(member.id)}, key="k1")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency.key_reused")


def test_who_cannot_pay_gets_nothing(member: Actor, campaign: VoucherCampaign) -> None:
    give(member.id, 299, at=clock.now())

    with nothing_written():
        answer = member.post(path(campaign))

    assert (answer.status_code, answer.json()["code"]) == (409, "points.insufficient")


def test_a_sold_out_campaign_gives_nothing(member: Actor) -> None:
    campaign = make_campaign(starts_at=clock.now(), ends_at=clock.now() + timedelta(days=1))

    with nothing_written():
        answer = member.post(path(campaign))

    assert (answer.status_code, answer.json()["code"]) == (409, "vouchers.sold_out")


@pytest.mark.parametrize("body", [{"member_id": "me"}, {"member_id": None}, {"x": 1}, [], "x"])
def test_a_claim_that_cannot_be_read_is_refused(member: Actor, campaign: VoucherCampaign, body: Any) -> None:
    with nothing_written():
        assert member.post(path(campaign), body).status_code == 400


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b'{"member_id": NaN}', b"[" * 100_000, b'{"a": "' + b"x" * 70_000 + b'"}']
)
def test_a_body_that_is_no_json_is_refused(member: Actor, campaign: VoucherCampaign, body: bytes) -> None:
    with nothing_written():
        assert member.post_raw(path(campaign), body).status_code in (400, 413)


def test_a_claim_needs_the_scope_and_the_member(
    member: Actor, other_member: Actor, merchant: Actor, operator: Actor, campaign: VoucherCampaign
) -> None:
    give(member.id, 900, at=clock.now())
    with nothing_written():
        assert merchant.post(path(campaign)).status_code == 403
        nobody = operator.post(path(campaign))
        foreign = member.post(path(campaign), {"member_id": str(other_member.id)})
        assert member.post(f"{BASE}/campaigns/{new_id()}/claims").status_code == 404
    assert (nobody.status_code, [error["field"] for error in nobody.json()["errors"]]) == (400, ["member_id"])
    assert (foreign.status_code, foreign.json()["code"]) == (403, "auth.insufficient_scope")


def test_an_operator_gives_a_member_a_voucher_for_the_members_points(
    member: Actor, operator: Actor, campaign: VoucherCampaign
) -> None:
    give(member.id, 420, at=clock.now())

    answer = operator.post(path(campaign), {"member_id": str(member.id)}, key="k")

    assert (answer.status_code, answer.json()["member_id"]) == (201, str(member.id)), answer.content
    assert points_of(member.id, at=clock.now()) == (120, 0)
    assert member.get(BASE).json()["results"] == [answer.json()]
    assert operator.post(path(campaign), {"member_id": str(member.id)}, key="k").content == answer.content
    assert points_of(member.id, at=clock.now()) == (120, 0)


def test_an_operator_gives_nothing_to_who_was_shut_out(
    member: Actor, operator: Actor, campaign: VoucherCampaign
) -> None:
    give(member.id, 420, at=clock.now())
    deliver(UserDeactivated(user_id=member.id, deactivated_at=clock.now()))

    with nothing_written():
        answer = operator.post(path(campaign), {"member_id": str(member.id)})

    assert (answer.status_code, answer.json()["code"]) == (409, "members.deactivated")


def test_members_see_their_own_vouchers_and_operators_everybodys(
    member: Actor, other_member: Actor, operator: Actor, merchant: Actor
) -> None:
    campaign = make_campaign(codes=3, ends_at=clock.now() + timedelta(days=1))
    mine, theirs = claim(campaign, member.id), claim(campaign, other_member.id)
    (free,) = Voucher.objects.filter(member_id=None)

    assert [voucher["code"] for voucher in member.get(BASE).json()["results"]] == [mine.code]
    assert operator.get(BASE, member_id=str(other_member.id)).json()["results"][0]["code"] == theirs.code
    assert member.get(BASE, member_id=str(other_member.id)).status_code == 404
    assert member.get(BASE, member_id="x").status_code == 400
    assert operator.get(f"{BASE}/{free.code}").json()["member_id"] is None
    assert merchant.get(BASE).status_code == 403


def test_the_list_takes_as_many_statements_for_many_vouchers_as_for_one(
    member: Actor, django_assert_num_queries: Any
) -> None:
    campaign = make_campaign(codes=30, ends_at=clock.now() + timedelta(days=1))
    member.get(BASE)
    claim(campaign, member.id)
    with django_assert_num_queries(1):
        member.get(BASE)
    for _ in range(20):
        claim(campaign, member.id)
    with django_assert_num_queries(1):
        assert len(member.get(BASE).json()["results"]) == 21
