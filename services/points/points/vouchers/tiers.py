"""Which tiers members have, where campaigns ask.

Read without a lock, before what it decides: whoever loses a tier at the same moment came first. It changes with
postings, and those of this very claim or use are not among them. A campaign that asks for no tier costs no statement.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from points.ledger.merges import aliases
from points.programmes.queries import programme
from points.tiers.queries.tiers import tiers_of
from points.vouchers.models import VoucherCampaign
from points.vouchers.rules import Offer


class Tiers:
    """The tiers of a member at an instant, each programme's asked for once."""

    def __init__(self, member_id: UUID, *, at: datetime) -> None:
        self._member_id, self._at = member_id, at
        self._found: dict[UUID, str | None] = {}

    def of(self, programme_id: UUID) -> str | None:
        """Return the code of the member's tier in a programme, of whoever that is now; None where there is none."""
        if programme_id not in self._found:
            self._found[programme_id] = _tier(programme_id, self._member_id, self._at)
        return self._found[programme_id]

    def asked_by(self, campaign: VoucherCampaign) -> str | None:
        """Return the code of the member's tier, where a campaign asks for one; None where not, or there is none."""
        return self.of(campaign.programme_id) if campaign.tiers or campaign.prices else None


def _tier(programme_id: UUID, member_id: UUID, at: datetime) -> str | None:
    found = programme(programme_id)
    if not found.has_tiers:
        return None
    now = aliases([member_id]).get(member_id, member_id)
    return tiers_of(found, [now], at=at).get(now)


def with_tier(offer: Offer, *, at: datetime) -> Offer:
    """Return an offer with the tier of its member, where its campaign asks for one."""
    if not offer.terms.tiers or offer.member_id is None:
        return offer
    return replace(offer, tier=Tiers(offer.member_id, at=at).of(offer.programme_id))
