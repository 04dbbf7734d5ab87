"""Programmes, points and vouchers."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from eventually import until_all_have_read_anew

from clients.api import Api, ok, once_known

POINTS, PROGRAMMES, VOUCHERS = "/api/v1/points", "/api/v1/programmes", "/api/v1/vouchers"
IMPORTS = f"{POINTS}/imports"
EXPIRY_RUNS = f"{POINTS}/expiry-runs"
CAMPAIGNS = f"{VOUCHERS}/campaigns"


@dataclass(frozen=True)
class Points:
    """The points service as one caller uses it."""

    api: Api

    def default_programme(self) -> dict[str, Any] | None:
        """Return the programme that purchases earn in, None while there is none."""
        found = self.api.listed(PROGRAMMES, page_size=200)
        return next((programme for programme in found if programme["is_default"]), None)

    def make_programme(self, name: str, **more: Any) -> dict[str, Any]:
        """Make a programme: 1 point for 1.00 EUR, 100 are worth 1.00 EUR, from any merchant; 365 days without an
        `expiry`."""
        terms = {"currency": "EUR", "timezone": "UTC", "earn_points": 1, "earn_amount": 100, "merchants": None}
        lives = {} if "expiry" in more else {"lot_days": 365}
        made: dict[str, Any] = ok(self.api.post(PROGRAMMES, {"name": name, **terms, **lives, **more}), 201)
        return made

    def change_programme(self, programme_id: str, **changes: Any) -> dict[str, Any]:
        """Change what a programme says, and let every process know it."""
        changed: dict[str, Any] = ok(self.api.send("PATCH", f"{PROGRAMMES}/{programme_id}", json=changes))
        until_all_have_read_anew()
        return changed

    def balance(self, **query: Any) -> int:
        """Return how many points the caller can spend."""
        return int(ok(self.api.get(f"{POINTS}/balance", **query))["available"])

    def lots(self, **query: Any) -> list[dict[str, Any]]:
        """Return the caller's lots that have points left, the oldest first; everybody's the newest first."""
        return self._list(f"{POINTS}/lots", **query)

    def transactions(self, **query: Any) -> list[dict[str, Any]]:
        """Return the caller's transactions, the newest first."""
        return self._list(f"{POINTS}/transactions", **query)

    def all_transactions(self, **query: Any) -> list[dict[str, Any]]:
        """Return all of the caller's transactions, page by page, the oldest first."""
        found = self.api.listed(f"{POINTS}/transactions", page_size=7, **query)
        return found[::-1]

    def earn(self, member_id: str, points: int, **more: Any) -> dict[str, Any]:
        """Give a member points."""
        body = {"member_id": member_id, "points": points, "reason": "a gift", **more}
        posted: dict[str, Any] = ok(self.api.post(f"{POINTS}/earnings", body), 201)
        return posted

    def redeem(self, points: int, **more: Any) -> dict[str, Any]:
        """Spend the caller's points."""
        posted: dict[str, Any] = ok(
            self.api.post(f"{POINTS}/redemptions", {"points": points, "reason": "a treat", **more}), 201
        )
        return posted

    def transfer(self, to_member_id: str, points: int, **more: Any) -> dict[str, Any]:
        """Give the caller's points to another member, who may have registered just now."""
        body = {"to_member_id": to_member_id, "points": points, "reason": "a present", **more}
        made: dict[str, Any] = ok(once_known(lambda: self.api.post(f"{POINTS}/transfers", body)), 201)
        return made

    def earn_lots(self, member_id: str, count: int, **more: Any) -> None:
        """Give a member so many lots of one point, up to 10,000."""
        body = {"kind": "earn", "member_id": member_id, "points": 1, "reason": "a gift", **more}
        postings = [{"key": str(uuid4()), **body} for _ in range(count)]
        answer = ok(self.api.post(f"{POINTS}/batches", {"postings": postings}))
        assert {one["status"] for one in answer["results"]} == {"posted"}, answer["results"][0]

    def start_expiry_run(self, **body: Any) -> str:
        """Ask for the expiry of what has ended."""
        return str(ok(self.api.post(EXPIRY_RUNS, body), 202)["id"])

    def expiry_run(self, run_id: str) -> dict[str, Any]:
        """Return how far an expiry run is."""
        found: dict[str, Any] = ok(self.api.get(f"{EXPIRY_RUNS}/{run_id}"))
        return found

    def expiry_runs(self, **query: Any) -> list[dict[str, Any]]:
        """Return the expiry runs, the newest first."""
        return self._list(EXPIRY_RUNS, **query)

    def make_import(self, mapping: dict[str, Any]) -> str:
        """Make an import: say how its file is read."""
        return str(ok(self.api.post(IMPORTS, mapping), 201)["id"])

    def upload(self, import_id: str, content: bytes, *, piece: int = 8 * 1024 * 1024) -> None:
        """Upload an import's file in pieces of so many bytes."""
        for offset in range(0, len(content), piece):
            path, headers = f"{IMPORTS}/{import_id}/content", {"Content-Type": "text/csv"}
            part = content[offset : offset + piece]
            ok(self.api.send("PUT", path, params={"offset": offset}, headers=headers, data=part))

    def validate_import(self, import_id: str) -> None:
        """Ask for an import's dry run."""
        ok(self.api.post(f"{IMPORTS}/{import_id}/validate"), 202)

    def commit_import(self, import_id: str, **body: Any) -> None:
        """Ask for an import's rows to be posted."""
        ok(self.api.post(f"{IMPORTS}/{import_id}/commit", body), 202)

    def read_import(self, import_id: str) -> dict[str, Any]:
        """Return how far an import is."""
        found: dict[str, Any] = ok(self.api.get(f"{IMPORTS}/{import_id}"))
        return found

    def imports(self) -> list[dict[str, Any]]:
        """Return the imports, the newest first."""
        return self._list(IMPORTS)

    def cancel_import(self, import_id: str) -> dict[str, Any]:
        """Stop an import."""
        done: dict[str, Any] = ok(self.api.post(f"{IMPORTS}/{import_id}/cancel", key=None))
        return done

    def refused_rows(self, import_id: str) -> list[dict[str, str]]:
        """Return an import's refused rows as they are downloaded."""
        answer = self.api.get(f"{IMPORTS}/{import_id}/errors")
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    def make_campaign(self, programme: str, *, name: str, off: int, price: int) -> dict[str, Any]:
        """Make and open a campaign: so many cents off, for a price in points."""
        worth = {"kind": "amount", "amount": {"amount": off, "currency": "EUR"}, "price_points": price}
        ends_at = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        made = ok(self.api.post(CAMPAIGNS, {"programme": programme, "name": name, "ends_at": ends_at, **worth}), 201)
        opened: dict[str, Any] = ok(self.api.post(f"{CAMPAIGNS}/{made['id']}/activate", key=None))
        return opened

    def make_codes(self, campaign_id: str, count: int) -> str:
        """Ask for codes and return the id of the job that makes them."""
        return str(ok(self.api.post(f"{CAMPAIGNS}/{campaign_id}/codes", {"count": count}), 202)["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """Return how far a code job is."""
        found: dict[str, Any] = ok(self.api.get(f"{VOUCHERS}/jobs/{job_id}"))
        return found

    def claim(self, campaign_id: str, **body: Any) -> dict[str, Any]:
        """Take a voucher and pay for it with points; an operator names the member."""
        voucher: dict[str, Any] = ok(self.api.post(f"{CAMPAIGNS}/{campaign_id}/claims", body), 201)
        return voucher

    def use_voucher(self, code: str, order: dict[str, Any]) -> dict[str, Any]:
        """Use a voucher on an order."""
        used: dict[str, Any] = ok(self.api.post(f"{VOUCHERS}/redemptions", {"code": code, "order": order}), 201)
        return used

    def _list(self, path: str, **query: Any) -> list[dict[str, Any]]:
        return self.api.listed(path, **query)
