"""Voucher campaigns and vouchers."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from eventually import eventually

from clients.api import Api, ok
from clients.payments import eur, line
from clients.points import CAMPAIGNS, VOUCHERS

REDEMPTIONS, VALIDATIONS, JOBS = f"{VOUCHERS}/redemptions", f"{VOUCHERS}/validations", f"{VOUCHERS}/jobs"


def order(amount: int = 5_000, *, merchant_id: str = "") -> dict[str, Any]:
    """Return a new order of one line that costs so many cents, of any merchant where none is named."""
    lines = [line("vase", amount)]
    return {"id": str(uuid4()), "merchant_id": merchant_id or str(uuid4()), "currency": "EUR", "lines": lines}


@dataclass(frozen=True)
class Vouchers:
    """Vouchers as one caller uses them."""

    api: Api

    def draft(self, programme: str, **terms: Any) -> str:
        """Make a campaign that is not open yet: 5.00 EUR off, for nothing, for 30 days."""
        ends_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        worth = {"kind": "amount", "amount": eur(500), "ends_at": ends_at}
        return str(
            ok(self.api.post(CAMPAIGNS, {"programme": programme, "name": "A draft", **worth, **terms}), 201)["id"]
        )

    def campaign(self, campaign_id: str) -> dict[str, Any]:
        """Return a campaign."""
        return self._get(f"{CAMPAIGNS}/{campaign_id}")

    def campaigns(self) -> list[dict[str, Any]]:
        """Return the campaigns that the caller may see, the newest first."""
        return self._list(CAMPAIGNS)

    def change(self, campaign_id: str, **terms: Any) -> dict[str, Any]:
        """Change a campaign's terms."""
        changed: dict[str, Any] = ok(self.api.send("PATCH", f"{CAMPAIGNS}/{campaign_id}", json=terms))
        return changed

    def move(self, campaign_id: str, move: str) -> str:
        """Activate, pause or end a campaign; return its status then."""
        return str(ok(self.api.post(f"{CAMPAIGNS}/{campaign_id}/{move}", key=None))["status"])

    def open(self, programme: str, **terms: Any) -> str:
        """Make and open a campaign with two codes."""
        campaign = self.draft(programme, **terms)
        job = ok(self.api.post(f"{CAMPAIGNS}/{campaign}/codes", {"count": 2}), 202)["id"]
        eventually(lambda: ok(self.api.get(f"{JOBS}/{job}"))["state"], "done")
        self.move(campaign, "activate")
        return campaign

    def codes(self, campaign_id: str) -> list[dict[str, str]]:
        """Return a campaign's codes as they are downloaded."""
        answer = self.api.get(f"{CAMPAIGNS}/{campaign_id}/codes.csv")
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    def cancel_job(self, job_id: str) -> dict[str, Any]:
        """Stop a code job."""
        done: dict[str, Any] = ok(self.api.post(f"{JOBS}/{job_id}/cancel", key=None))
        return done

    def mine(self) -> list[dict[str, Any]]:
        """Return the caller's vouchers, the last taken first."""
        return self._list(VOUCHERS)

    def voucher(self, code: str) -> dict[str, Any]:
        """Return a voucher."""
        return self._get(f"{VOUCHERS}/{code}")

    def validate(self, code: str, order: dict[str, Any]) -> dict[str, Any]:
        """Try a voucher on an order."""
        verdict: dict[str, Any] = ok(self.api.post(VALIDATIONS, {"code": code, "order": order}, key=None))
        return verdict

    def cancel(self, code: str) -> dict[str, Any]:
        """Give a bought voucher back for its price."""
        return dict(ok(self.api.post(f"{VOUCHERS}/{code}/cancel")))

    def redemption(self, redemption_id: str) -> dict[str, Any]:
        """Return a redemption."""
        return self._get(f"{REDEMPTIONS}/{redemption_id}")

    def redemptions(self) -> list[dict[str, Any]]:
        """Return the caller's redemptions, the newest first."""
        return self._list(REDEMPTIONS)

    def _get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.api.get(path))
        return found

    def _list(self, path: str) -> list[dict[str, Any]]:
        return self.api.listed(path)
