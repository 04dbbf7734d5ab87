"""What stands in front of every operation of this service."""

import pytest

from shared.testing.doors import Doors
from tests.factories import make_programme


@pytest.mark.django_db
class TestDoors(Doors):
    """Each door at each operation."""

    of_own_form = (
        "timezone",
        "pattern",
        "POST /api/v1/programmes/{programme_id}/budgets code",
        "POST /api/v1/programmes/{programme_id}/budgets rule_id",
        "POST /api/v1/programmes/{programme_id}/segments code",
        "POST /api/v1/vouchers/campaigns prices.0.tier",
        "POST /api/v1/vouchers/campaigns tiers.0",
        "PATCH /api/v1/vouchers/campaigns/{campaign_id} prices.0.tier",
        "PATCH /api/v1/vouchers/campaigns/{campaign_id} tiers.0",
    )
    judged_alone = (
        "POST /api/v1/points/batches ",
        "POST /api/v1/points/events/batches ",
        "POST /api/v1/points/purchases/batches ",
        "POST /api/v1/programmes/{programme_id}/tiers/imports ",
        "POST /api/v1/programmes expiry.",
        "PATCH /api/v1/programmes/{programme_id} expiry.",
    )

    of_columns = ("POST /api/v1/points/imports columns.member_id", "POST /api/v1/points/imports columns.reference")

    @pytest.fixture(autouse=True)
    def _default_programme(self) -> None:
        """Lists of accounts look up the programme that is meant where none is named."""
        make_programme()
