from datetime import timedelta

import pytest

from points.vouchers import errors, operations, queries
from points.vouchers.models import VoucherCampaign
from shared.contracts import vouchers as contracts
from shared.errors import NotFound
from shared.ids import new_id
from shared.testing.messages import published
from tests.voucher_factories import AT, claim, make_campaign, refused

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


def test_a_campaign_begins_as_a_draft_and_is_published() -> None:
    campaign = make_campaign(status="draft")

    assert (campaign.status, campaign.codes_total, campaign.claimed, campaign.used) == ("draft", 0, 0, 0)
    (said,) = published(contracts.VoucherCampaignChanged)
    assert (said.campaign_id, said.name, said.kind, said.status) == (campaign.id, "5 EUR off", "amount", "draft")


def test_each_move_is_published_once_and_staying_is_not() -> None:
    campaign = make_campaign(status="draft")

    for requested in ("active", "active", "paused", "active", "ended", "ended"):
        operations.move_campaign(campaign.id, requested=requested, at=LATER)

    assert [said.status for said in published(contracts.VoucherCampaignChanged)] == [
        "draft",
        "active",
        "paused",
        "active",
        "ended",
    ]


def test_a_move_that_the_table_lacks_changes_nothing() -> None:
    campaign = make_campaign(status="ended")

    with refused(errors.MoveNotAllowed):
        operations.move_campaign(campaign.id, requested="active", at=LATER)


def test_a_draft_may_change_all_its_terms() -> None:
    campaign = make_campaign(status="draft")

    changes = {"kind": "percent", "amount": None, "percent": 20, "max_discount": 800, "price_points": 50}
    operations.change_campaign(campaign.id, changes=changes, at=LATER)

    changed = queries.campaign(campaign.id)
    assert (changed.kind, changed.amount, changed.percent, changed.max_discount) == ("percent", None, 20, 800)
    assert (changed.price_points, changed.changed_at) == (50, LATER)


@pytest.mark.parametrize("changes", [{"amount": 600}, {"price_points": 1}, {"name": "x", "uses_per_member": 9}])
def test_an_active_campaign_keeps_what_it_promised(changes: dict[str, object]) -> None:
    campaign = make_campaign()

    with refused(errors.CampaignFrozen):
        operations.change_campaign(campaign.id, changes=changes, at=LATER)


def test_the_total_may_not_fall_below_what_is_out() -> None:
    campaign = make_campaign(codes=3)
    claim(campaign, new_id())
    claim(campaign, new_id())

    with refused(errors.LimitBelowUse):
        operations.change_campaign(campaign.id, changes={"uses_total": 1}, at=LATER)
    operations.change_campaign(campaign.id, changes={"uses_total": 2}, at=LATER)
    with refused(errors.CampaignUsedUp):
        claim(campaign, new_id())


def test_contradicting_terms_are_not_written() -> None:
    campaign = make_campaign(status="draft")

    with refused(errors.CampaignTermsInvalid):
        operations.change_campaign(campaign.id, changes={"kind": "percent"}, at=LATER)
    with refused(errors.CampaignTermsInvalid):
        make_campaign(ends_at=AT - timedelta(days=2))


def test_an_absent_campaign_cannot_be_moved_or_changed() -> None:
    with refused(NotFound):
        operations.move_campaign(new_id(), requested="active", at=AT)
    with refused(NotFound):
        operations.change_campaign(new_id(), changes={"name": "x"}, at=AT)
    assert not VoucherCampaign.objects.exists()
