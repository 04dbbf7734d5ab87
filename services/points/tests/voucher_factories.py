"""Makers of campaigns, codes and vouchers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.programmes.models import Programme
from points.programmes.queries import default_programme
from points.vouchers import jobs, operations, queries
from points.vouchers.models import Voucher, VoucherCampaign, VoucherMemberUse
from points.vouchers.rules import Order, Redeemer, Redemption
from shared.ids import new_id
from shared.testing.proofs import nothing_written
from shared.testing.roles import MERCHANT_ID
from tests.factories import make_programme

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPERATOR = UUID("00000000-0000-7000-8000-000000000004")


def make_campaign(*, codes: int = 0, status: str = "active", **changes: Any) -> VoucherCampaign:
    """Make a campaign of 5.00 EUR off that is open for a year around AT, with so many codes made."""
    fields = {
        "programme_id": _programme(),
        "name": "5 EUR off",
        "kind": "amount",
        "amount": 500,
        "currency": "EUR",
        "starts_at": AT - timedelta(days=1),
        "ends_at": AT + timedelta(days=365),
    }
    campaign = operations.create_campaign(fields=fields | changes, at=AT)
    if codes:
        make_codes(campaign.id, codes)
    for requested in {"draft": [], "active": ["active"], "paused": ["active", "paused"]}.get(status, ["ended"]):
        operations.move_campaign(campaign.id, requested=requested, at=AT)
    return queries.campaign(campaign.id)


def _programme() -> UUID:
    return default_programme().id if Programme.objects.exists() else make_programme().id


def make_codes(campaign_id: UUID, count: int, pattern: str = "####-####-####") -> UUID:
    """Make so many codes of a campaign, chunk by chunk, as the messages would; return the job's id."""
    job = jobs.start_code_job(campaign_id, count=count, pattern=pattern, requested_by=OPERATOR, at=AT)
    while (now := queries.code_job(job.id)).state in ("queued", "running"):
        jobs.CODE_JOBS.run_chunk(job.id, chunk=now.chunk, at=AT)
    return job.id


def claim(campaign: VoucherCampaign, member_id: UUID, *, at: datetime = AT) -> Voucher:
    """Let a member take a voucher."""
    return operations.claim_voucher(campaign.id, member_id=member_id, actor_id=member_id, at=at)


@contextmanager
def refused(error: type[Exception] | tuple[type[Exception], ...]) -> Iterator[pytest.ExceptionInfo[Any]]:
    """Assert that what happens inside is refused and leaves no trace; a savepoint stands for its transaction."""
    with nothing_written(), pytest.raises(error) as refusal, transaction.atomic():
        yield refusal


def order(total: int = 2000, *, order_id: str = "", currency: str = "EUR") -> Order:
    """Return an order of one line of the merchant."""
    return Order(order_id or str(new_id()), currency, total, MERCHANT_ID)


def order_body(total: int = 2000, *, order_id: str = "", currency: str = "EUR") -> dict[str, Any]:
    """Return an order of one line of the merchant as it is sent."""
    line = {"line_id": "1", "sku": "shoe-42", "category": "shoes", "quantity": 1, "unit_amount": total}
    return {"id": order_id or str(new_id()), "merchant_id": str(MERCHANT_ID), "currency": currency, "lines": [line]}


def redeem(voucher: Voucher, on: Order | None = None, *, by: Redeemer | None = None, at: datetime = AT) -> Redemption:
    """Use a voucher on an order as the member who holds it."""
    assert voucher.member_id
    redeemer = by or Redeemer(voucher.member_id, None, None, False)
    return operations.redeem_voucher(voucher.code, redeemer=redeemer, order=on or order(), at=at)


def counts(voucher: Voucher) -> tuple[int, int, int]:
    """Return how often a voucher, its member and its campaign count as used."""
    assert voucher.member_id
    member = VoucherMemberUse.objects.get(campaign_id=voucher.campaign_id, member_id=voucher.member_id)
    return Voucher.objects.get(id=voucher.id).uses, member.used, queries.campaign(voucher.campaign_id).used
