"""Why a voucher is neither taken nor used: each reason over HTTP, and nothing is kept of the request."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from points.vouchers import operations
from points.vouchers.models import VoucherCampaign
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.voucher_factories import claim, make_campaign, order_body

BASE = "/api/v1/vouchers"
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def current(**changes: Any) -> VoucherCampaign:
    """Make a campaign of 5.00 EUR off with two codes that is open for nine days around now."""
    return make_campaign(**{"codes": 2, "starts_at": clock.now() - DAY, "ends_at": clock.now() + 8 * DAY} | changes)


def move(campaign: VoucherCampaign, requested: str) -> None:
    operations.move_campaign(campaign.id, requested=requested, at=clock.now())


def refused(ask: Callable[[], Any], code: str, status: int = 409) -> None:
    with nothing_written():
        answer = ask()

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "paused"}, "vouchers.campaign_not_active"),
        ({"starts_at": 1 * DAY}, "vouchers.not_started"),
        ({"starts_at": -3 * DAY, "ends_at": -1 * DAY}, "vouchers.expired"),
    ],
)
def test_a_campaign_that_is_not_open_gives_no_voucher(member: Actor, changes: dict[str, Any], code: str) -> None:
    found = {name: clock.now() + value if name.endswith("_at") else value for name, value in changes.items()}
    campaign = current(**found)

    refused(lambda: member.post(f"{BASE}/campaigns/{campaign.id}/claims"), code)


def test_a_member_takes_no_more_vouchers_than_one_may_have(member: Actor) -> None:
    campaign = current(uses_per_member=1)
    claim(campaign, member.id, at=clock.now())

    refused(lambda: member.post(f"{BASE}/campaigns/{campaign.id}/claims"), "vouchers.member_limit_reached")


def test_no_more_vouchers_are_taken_than_can_ever_be_used(member: Actor, other_member: Actor) -> None:
    campaign = current(uses_total=1)
    claim(campaign, other_member.id, at=clock.now())

    refused(lambda: member.post(f"{BASE}/campaigns/{campaign.id}/claims"), "vouchers.campaign_used_up")


def taken(member: Actor, **changes: Any) -> tuple[VoucherCampaign, str]:
    """Let a member take a voucher; return its campaign and its code."""
    campaign = current(**changes)
    return campaign, claim(campaign, member.id, at=clock.now()).code


def use(actor: Actor, code: str, total: int = 2000, **order: Any) -> Any:
    return actor.post(f"{BASE}/redemptions", {"code": code, "order": order_body(total, **order)})


@pytest.mark.parametrize(("later", "code"), [(9 * DAY, "vouchers.expired"), (-2 * DAY, "vouchers.not_started")])
def test_a_voucher_is_not_used_outside_its_campaigns_time(member: Actor, later: timedelta, code: str) -> None:
    """Before its start only a clock that is behind can use one."""
    _, voucher = taken(member)

    with time_machine.travel(clock.now() + later):
        refused(lambda: use(member, voucher), code)


def test_a_voucher_of_a_campaign_that_was_paused_is_not_used(member: Actor) -> None:
    campaign, voucher = taken(member)
    move(campaign, "paused")

    refused(lambda: use(member, voucher), "vouchers.campaign_not_active")


@pytest.mark.parametrize(
    ("limit", "code"),
    [("uses_per_member", "vouchers.member_limit_reached"), ("uses_total", "vouchers.campaign_used_up")],
)
def test_a_code_with_uses_left_is_not_used_beyond_the_other_limits(member: Actor, limit: str, code: str) -> None:
    _, voucher = taken(member, uses_per_code=2, **{limit: 1})
    assert use(member, voucher).status_code == 201

    refused(lambda: use(member, voucher), code)


def test_a_voucher_counts_once_on_an_order(member: Actor) -> None:
    _, voucher = taken(member, uses_per_code=2)
    assert use(member, voucher, order_id="order-1").status_code == 201

    refused(lambda: use(member, voucher, order_id="order-1"), "vouchers.already_on_order")


@pytest.mark.parametrize(
    ("terms", "total", "currency", "code"),
    [
        ({}, 2000, "USD", "vouchers.currency_mismatch"),
        ({"min_spend": 2001}, 2000, "EUR", "vouchers.min_spend_not_reached"),
        ({"kind": "percent", "amount": None, "percent": 1}, 99, "EUR", "vouchers.no_discount"),
    ],
)
def test_a_voucher_that_gives_nothing_on_an_order_is_not_used(
    member: Actor, terms: dict[str, Any], total: int, currency: str, code: str
) -> None:
    _, voucher = taken(member, **terms)

    refused(lambda: use(member, voucher, total, currency=currency), code)


@pytest.mark.django_db(transaction=True)
def test_a_limit_is_not_set_below_what_was_taken(member: Actor, other_member: Actor, operator: Actor) -> None:
    campaign, _ = taken(member)
    claim(campaign, other_member.id, at=clock.now())

    path = f"{BASE}/campaigns/{campaign.id}"
    refused(lambda: operator.patch(path, {"uses_total": 1}), "vouchers.limit_below_use")


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_not_paused(operator: Actor) -> None:
    path = f"{BASE}/campaigns/{current(status='draft').id}/pause"

    refused(lambda: operator.post(path), "vouchers.move_not_allowed")


def test_an_ended_campaign_gets_no_more_codes(operator: Actor) -> None:
    path = f"{BASE}/campaigns/{current(status='ended').id}/codes"

    refused(lambda: operator.post(path, {"count": 1}), "vouchers.campaign_not_active")


@pytest.mark.django_db(transaction=True)
def test_what_is_not_there_is_neither_changed_nor_cancelled_nor_read(operator: Actor) -> None:
    refused(lambda: operator.patch(f"{BASE}/campaigns/{new_id()}", {"name": "spring"}), "not_found", 404)
    refused(lambda: operator.post(f"{BASE}/jobs/{new_id()}/cancel"), "not_found", 404)
    refused(lambda: operator.get(f"{BASE}/redemptions/{new_id()}"), "not_found", 404)
