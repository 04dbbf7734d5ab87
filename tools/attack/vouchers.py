"""Vouchers to be attacked: a campaign of free ones, claimed for members."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tools.attack.people import Caller
from tools.attack.stage import Stage
from tools.drills.waits import eventually

OFF = {"amount": 500, "currency": "EUR"}


def open_campaign(stage: Stage, codes: int) -> str:
    """Open a campaign of free vouchers with so many codes."""
    ends_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    terms = {"name": "Attacked", "kind": "amount", "amount": OFF, "price_points": 0, "ends_at": ends_at}
    campaign = str(stage.operator.post("vouchers/campaigns", {"programme": stage.people.programme, **terms})["id"])
    job = stage.operator.post(f"vouchers/campaigns/{campaign}/codes", {"count": codes})["id"]
    eventually(lambda: stage.operator.get(f"vouchers/jobs/{job}")["state"] == "done", "codes made", seconds=60)
    stage.operator.post(f"vouchers/campaigns/{campaign}/activate", {})
    return campaign


def claimed(stage: Stage, campaign: str, member: Caller) -> str:
    """Give a member a voucher; return its code."""
    return str(stage.operator.post(f"vouchers/campaigns/{campaign}/claims", {"member_id": member.id})["code"])


def order(merchant_id: str) -> dict[str, Any]:
    """Return a new order of one line."""
    line = {"line_id": "vase", "sku": "vase", "category": "books", "quantity": 1, "unit_amount": 5_000}
    return {"id": str(uuid4()), "merchant_id": merchant_id, "currency": "EUR", "lines": [line]}
