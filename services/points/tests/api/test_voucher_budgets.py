"""Budgets on campaigns over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from points.vouchers.models import VoucherCampaign
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.factories import make_programme
from tests.voucher_factories import claim, make_campaign, order_body

BASE = "/api/v1/vouchers"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


@pytest.fixture
def budgets(programme: Any) -> str:
    return f"/api/v1/programmes/{programme.id}/budgets"


@pytest.fixture
def campaign() -> VoucherCampaign:
    return make_campaign(codes=1, uses_per_code=9, ends_at=clock.now() + timedelta(days=9))


def spring(campaign: Any, **said: Any) -> dict[str, Any]:
    body = {"code": "spring", "name": "In spring", "campaign_id": str(campaign.id), "of": "money", "per": "ever"}
    return body | {"most": 700} | said


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    return answer.json().get("errors")


def test_a_campaigns_budget_is_made_used_and_read(
    operator: Actor, member: Actor, budgets: str, campaign: VoucherCampaign
) -> None:
    made = operator.post(budgets, spring(campaign))
    assert made.status_code == 201, made.content
    names = ("campaign_id", "rule_id", "of", "most", "points", "beyond")
    assert [made.json()[name] for name in names] == [str(campaign.id), None, "money", 700, None, "refuse"]
    assert operator.get(budgets).json()["results"] == [operator.get(f"{budgets}/spring").json()] == [made.json()]
    code = claim(campaign, member.id, at=clock.now()).code
    first = member.post(f"{BASE}/redemptions", {"code": code, "order": order_body()})
    assert first.status_code == 201, first.content

    with nothing_written():
        tried = member.post(f"{BASE}/validations", {"code": code, "order": order_body()}, key=None)
        refused(
            member.post(f"{BASE}/redemptions", {"code": code, "order": order_body()}), 409, "vouchers.budget_used_up"
        )

    assert tried.json() == {"valid": False, "reason": "vouchers.budget_used_up"}
    smaller = {"code": code, "order": order_body(200)}
    assert member.post(f"{BASE}/validations", smaller, key=None).json()["valid"] is True
    (period,) = operator.get(f"{budgets}/spring/periods").json()["results"]
    assert [period[name] for name in ("period", "used", "left", "points", "each")] == ["ever", 500, 200, None, None]
    assert operator.post(f"{BASE}/redemptions/{first.json()['id']}/rollback").status_code == 200
    assert operator.get(f"{budgets}/spring/periods").json()["results"][0]["left"] == 700


def test_a_budget_can_have_more_and_end(operator: Actor, budgets: str, campaign: VoucherCampaign) -> None:
    operator.post(budgets, spring(campaign))

    changed = operator.put(f"{budgets}/spring", {"name": "More", "most": 10**12}).json()

    assert (changed["most"], changed["points"], changed["campaign_id"]) == (10**12, None, str(campaign.id))
    assert operator.delete(f"{budgets}/spring").status_code == 204


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"rule_id": "base"}, "rule_id"),
        ({"of": "points"}, "of"),
        ({"beyond": "trim"}, "beyond"),
        ({"campaign_id": None}, "campaign_id"),
        ({"campaign_id": "spring"}, "campaign_id"),
        ({"campaign_id": "00000000-0000-0000-0000-000000000000"}, "campaign_id"),
    ],
)
def test_what_a_campaigns_budget_cannot_be_is_refused(
    operator: Actor, budgets: str, campaign: VoucherCampaign, said: dict[str, Any], field: str
) -> None:
    with nothing_written():
        errors = refused(operator.post(budgets, spring(campaign, **said)), 400, "request.invalid")

    assert [one["field"] for one in errors] == [field]


def test_it_is_on_a_campaign_of_its_programme(operator: Actor, budgets: str, campaign: VoucherCampaign) -> None:
    elsewhere = f"/api/v1/programmes/{make_programme(name='Other').id}/budgets"

    with nothing_written():
        nobodys = operator.post(budgets, spring(campaign, campaign_id=str(new_id())))
        others = operator.post(elsewhere, spring(campaign))
    refused(nobodys, 409, "budgets.campaign_unknown")
    refused(others, 409, "budgets.campaign_unknown")
    assert operator.post(budgets, spring(campaign, beyond="refuse")).status_code == 201
