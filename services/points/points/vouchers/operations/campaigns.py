"""Writes of campaigns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from points.messages.outgoing import vouchers as outgoing
from points.tiers.queries.schemes import tier_codes
from points.vouchers import queries, rules
from points.vouchers.models import VoucherCampaign
from shared.db import unit_of_work
from shared.errors import NotFound
from shared.messaging.outbox import publish


def create_campaign(*, fields: Mapping[str, Any], at: datetime) -> VoucherCampaign:
    """Make a campaign, as a draft.

    :raises CampaignTermsInvalid: its terms contradict each other.
    :raises TierUnknown: it names a tier that the programme has not.
    """
    campaign = VoucherCampaign(**fields, status="draft", created_at=at, changed_at=at)
    _check(campaign)
    with unit_of_work():
        campaign.save(force_insert=True)
        publish([outgoing.voucher_campaign_changed(campaign)], at=at)
    return campaign


def change_campaign(campaign_id: UUID, *, changes: Mapping[str, Any], at: datetime) -> VoucherCampaign:
    """Change a campaign; once it was activated only its name, end and total limit.

    :raises NotFound: there is none.
    :raises CampaignFrozen: one of the fields can no longer be changed.
    :raises CampaignTermsInvalid: its terms would contradict each other.
    :raises TierUnknown: it would name a tier that the programme has not.
    :raises LimitBelowUse: more was used or claimed already.
    """
    with unit_of_work():
        campaign = _lock_campaign(campaign_id)
        rules.check_editable(campaign.status, list(changes))
        for name, value in changes.items():
            setattr(campaign, name, value)
        _check(campaign)
        rules.check_limits(uses_total=campaign.uses_total, used=campaign.used, claimed=campaign.claimed)
        return _save(campaign, list(changes), at=at)


def move_campaign(campaign_id: UUID, *, requested: str, at: datetime) -> VoucherCampaign:
    """Bring a campaign to another status; where it is there already, nothing happens.

    :raises NotFound: there is none.
    :raises MoveNotAllowed: its present status does not allow it.
    """
    with unit_of_work():
        campaign = _lock_campaign(campaign_id)
        if not rules.check_move(campaign.status, requested):
            return campaign
        campaign.status = requested
        return _save(campaign, ["status"], at=at)


def _check(campaign: VoucherCampaign) -> None:
    rules.check_terms(queries.terms_of(campaign))
    rules.check_prices(campaign.price_points, campaign.prices, campaign.tiers)
    if campaign.tiers or campaign.prices:
        # A programme's tiers keep their codes, whatever else is said of them later.
        rules.check_codes(campaign.tiers, campaign.prices, known=tier_codes(campaign.programme_id))


def _lock_campaign(campaign_id: UUID) -> VoucherCampaign:
    campaign = VoucherCampaign.objects.select_for_update(no_key=True).filter(id=campaign_id).first()
    if campaign is None:
        raise NotFound()
    return campaign


def _save(campaign: VoucherCampaign, fields: list[str], *, at: datetime) -> VoucherCampaign:
    campaign.changed_at = at
    campaign.save(update_fields=[*fields, "changed_at"])
    publish([outgoing.voucher_campaign_changed(campaign)], at=at)
    return campaign
