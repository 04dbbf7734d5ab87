"""Campaigns for members of some tiers, and what members of each pay, over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from points.ledger.operations import merge_members
from points.programmes.queries import default_programme
from points.tiers.models import TierOverride
from points.tiers.operations import end_override
from points.vouchers.models import VoucherCampaign
from shared import clock
from shared.contracts.vouchers import VoucherIssued
from shared.testing.actors import Actor
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from shared.testing.roles import OPERATOR
from tests.factories import give, make_programme, points_of, prove
from tests.tier_factories import SILVER, by_hand, make_tiers
from tests.voucher_factories import claim, make_campaign, order_body

BASE = "/api/v1/vouchers"
CAMPAIGNS = f"{BASE}/campaigns"
GOLD_PAYS_LESS = [{"tier": "gold", "price_points": 200}, {"tier": "diamond", "price_points": 0}]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def current(**changes: Any) -> VoucherCampaign:
    """Make a campaign of 5.00 EUR off with three codes that is open around now."""
    return make_campaign(codes=3, ends_at=clock.now() + timedelta(days=9), **changes)


def put(member_id: UUID, tier: str, **said: Any) -> None:
    """Give a member a tier by hand, instead of the one that was given before."""
    found = default_programme()
    for one in TierOverride.objects.filter(member_id=member_id, ended_at=None):
        end_override(found, one.id, actor_id=OPERATOR.id, at=clock.now())
    by_hand(member_id, tier, **{"at": clock.now()} | said)


def take(actor: Actor, campaign: VoucherCampaign) -> Any:
    return actor.post(f"{CAMPAIGNS}/{campaign.id}/claims")


def use(actor: Actor, code: str, path: str = "redemptions", **order: Any) -> Any:
    return actor.post(f"{BASE}/{path}", {"code": code, "order": order_body(**order)})


def undone(ask: Callable[[], Any]) -> Any:
    """Ask for what is refused, in a savepoint that stands for its transaction."""
    with transaction.atomic():
        answer = ask()
        transaction.set_rollback(True)
    return answer


def refused(answer: Any, code: str, status: int = 409) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    return answer.json()


def test_who_has_none_of_its_tiers_takes_no_voucher(member: Actor) -> None:
    make_tiers()
    campaign = current(tiers=["gold", "diamond"])
    for tier in (None, "silver"):
        if tier:
            put(member.id, tier)
        with nothing_written():
            answer = take(member, campaign)
        assert refused(answer, "vouchers.tier_required")["tiers"] == ["gold", "diamond"]

    put(member.id, "gold")
    assert take(member, campaign).status_code == 201


def test_an_operator_gives_a_voucher_to_who_has_the_tier_alone(operator: Actor, member: Actor) -> None:
    make_tiers()
    campaign = current(tiers=["gold"])
    body = {"member_id": str(member.id)}

    refused(operator.post(f"{CAMPAIGNS}/{campaign.id}/claims", body), "vouchers.tier_required")
    put(member.id, "gold")
    assert operator.post(f"{CAMPAIGNS}/{campaign.id}/claims", body).status_code == 201


def test_a_voucher_works_while_its_member_has_the_tier(member: Actor, merchant: Actor) -> None:
    make_tiers()
    end = clock.now() + timedelta(hours=1)
    put(member.id, "gold", until=end)
    voucher = claim(current(tiers=["gold"], uses_per_code=2), member.id, at=clock.now())
    assert use(member, voucher.code, "validations").json()["valid"] is True
    assert use(member, voucher.code).status_code == 201

    put(member.id, "silver")

    with nothing_written():
        assert use(member, voucher.code, "validations").json() == {"valid": False, "reason": "vouchers.tier_required"}
        refused(use(member, voucher.code), "vouchers.tier_required")
        named = {"code": voucher.code, "member_id": str(member.id), "order": order_body()}
        refused(merchant.post(f"{BASE}/redemptions", named), "vouchers.tier_required")
    put(member.id, "gold")
    assert use(member, voucher.code).status_code == 201


def test_the_tier_is_that_of_whoever_the_member_is_now(member: Actor, other_member: Actor, operator: Actor) -> None:
    make_tiers()
    put(member.id, "gold")
    voucher = claim(current(tiers=["gold"]), member.id, at=clock.now())
    merge_members(
        from_member_id=member.id, into_member_id=other_member.id, reason="one", actor_id=operator.id, at=clock.now()
    )
    put(other_member.id, "silver", at=clock.now())

    refused(use(operator, voucher.code), "vouchers.tier_required")
    put(other_member.id, "gold", at=clock.now())
    assert use(operator, voucher.code).status_code == 201


def test_a_campaign_without_tiers_asks_for_none(member: Actor) -> None:
    plain = current(uses_per_code=9)
    codes = [claim(plain, member.id, at=clock.now()).code]
    use(member, codes[0])

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert use(member, codes[0]).status_code == 201
        return len(asked)

    before = statements()
    make_tiers()
    put(member.id, "gold", at=clock.now())
    assert statements() == before


@pytest.mark.parametrize(("tier", "price"), [(None, 300), ("silver", 300), ("gold", 200), ("diamond", 0)])
def test_who_buys_pays_what_their_tier_pays_and_gets_that_back(member: Actor, tier: str | None, price: int) -> None:
    make_tiers()
    now = clock.now()
    give(member.id, 450, at=now)
    if tier:
        put(member.id, tier)
    campaign = current(price_points=300, prices=GOLD_PAYS_LESS)
    (listed,) = member.get(CAMPAIGNS).json()["results"]
    assert (listed["price_points"], listed["prices"], listed["own_price_points"]) == (300, GOLD_PAYS_LESS, price)
    assert member.get(f"{CAMPAIGNS}/{campaign.id}").json() == listed

    bought = take(member, campaign)

    assert (bought.status_code, bought.json()["price_points"]) == (201, price), bought.content
    assert points_of(member.id, at=now) == (450 - price, 0)
    assert [one.price_points for one in published(VoucherIssued)] == [price]
    # Another tier by then changes nothing of what comes back.
    put(member.id, "silver")
    back = member.post(f"{BASE}/{bought.json()['code']}/cancel")
    if price:
        assert (back.status_code, back.json()["price_points"]) == (200, price)
    else:
        refused(back, "vouchers.not_bought")
    assert points_of(member.id, at=now) == (450, 0)
    prove()


def test_a_campaign_says_its_tiers_and_prices(operator: Actor) -> None:
    make_tiers()
    ends_at = clock.iso(clock.now() + timedelta(days=30))
    body = {"name": "For gold", "kind": "percent", "percent": 10, "ends_at": ends_at, "price_points": 300}

    made = operator.post(CAMPAIGNS, body | {"tiers": ["gold", "diamond"], "prices": GOLD_PAYS_LESS}).json()
    assert (made["tiers"], made["prices"]) == (["gold", "diamond"], GOLD_PAYS_LESS)
    assert "own_price_points" not in made
    plain = operator.post(CAMPAIGNS, body).json()
    assert (plain["tiers"], plain["prices"]) == (None, None)

    changed = operator.patch(f"{CAMPAIGNS}/{plain['id']}", {"tiers": ["silver"]}).json()
    assert changed["tiers"] == ["silver"]
    assert operator.patch(f"{CAMPAIGNS}/{plain['id']}", {"tiers": None}).json()["tiers"] is None
    assert operator.post(f"{CAMPAIGNS}/{made['id']}/activate").status_code == 200
    for name in ("tiers", "prices"):
        answer = undone(partial(operator.patch, f"{CAMPAIGNS}/{made['id']}", {name: None}))
        refused(answer, "vouchers.campaign_frozen")


def campaign_body(**said: Any) -> dict[str, Any]:
    ends_at = clock.iso(clock.now() + timedelta(days=30))
    return {"name": "For gold", "kind": "percent", "percent": 10, "ends_at": ends_at} | said


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"tiers": ["gold", "bronze"]}, ["tiers.1"]),
        ({"prices": [{"tier": "bronze", "price_points": 1}], "price_points": 3}, ["prices.0.tier"]),
        (
            {"tiers": ["bronze"], "prices": [{"tier": "bronze", "price_points": 1}], "price_points": 3},
            ["tiers.0", "prices.0.tier"],
        ),
    ],
)
def test_a_campaign_names_tiers_that_there_are(operator: Actor, said: dict[str, Any], fields: list[str]) -> None:
    draft = make_campaign(status="draft", price_points=3)
    for _ in range(2):
        with nothing_written():
            made = operator.post(CAMPAIGNS, campaign_body(**said))
            changed = undone(partial(operator.patch, f"{CAMPAIGNS}/{draft.id}", said))
        for answer in (made, changed):
            errors = refused(answer, "vouchers.tier_unknown", 400)["errors"]
            assert [one["field"] for one in errors][-len(fields) :] == fields
            assert {one["code"] for one in errors} == {"unknown_tier"}
        make_tiers(SILVER, SILVER | {"code": "gold", "enter": 500, "stay": 400})


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"tiers": []}, "tiers"),
        ({"tiers": "gold"}, "tiers"),
        ({"tiers": {"gold": 1}}, "tiers"),
        ({"tiers": ["gold", "gold"]}, "tiers"),
        ({"tiers": ["Gold"]}, "tiers.0"),
        ({"tiers": [1]}, "tiers.0"),
        ({"tiers": [None]}, "tiers.0"),
        ({"tiers": ["g" * 65]}, "tiers.0"),
        ({"tiers": [f"t{number}" for number in range(101)]}, "tiers"),
        ({"prices": []}, "prices"),
        ({"prices": {"gold": 200}}, "prices"),
        ({"prices": [{"tier": "gold"}]}, "prices.0.price_points"),
        ({"prices": [{"price_points": 1}]}, "prices.0.tier"),
        ({"prices": [{"tier": "gold", "price_points": -1}]}, "prices.0.price_points"),
        ({"prices": [{"tier": "gold", "price_points": 10**12 + 1}]}, "prices.0.price_points"),
        ({"prices": [{"tier": "gold", "price_points": True}]}, "prices.0.price_points"),
        ({"prices": [{"tier": "gold", "price_points": 1, "more": 1}]}, "prices.0.more"),
        ({"prices": [{"tier": "gold", "price_points": 1}] * 2}, "prices"),
    ],
)
def test_tiers_and_prices_that_cannot_be_are_refused(operator: Actor, said: dict[str, Any], field: str) -> None:
    make_tiers()
    with nothing_written():
        answer = operator.post(CAMPAIGNS, campaign_body(price_points=3, **said))

    assert [one["field"] for one in refused(answer, "request.invalid", 400)["errors"]] == [field]


@pytest.mark.parametrize(
    "said",
    [
        {"prices": [{"tier": "gold", "price_points": 1}]},
        {"price_points": 3, "tiers": ["silver"], "prices": [{"tier": "gold", "price_points": 1}]},
    ],
)
def test_a_price_is_instead_of_another_and_of_who_may_buy(operator: Actor, said: dict[str, Any]) -> None:
    make_tiers()
    with nothing_written():
        answer = operator.post(CAMPAIGNS, campaign_body(**said))

    assert refused(answer, "vouchers.campaign_terms_invalid", 400)["field"] == "prices"
