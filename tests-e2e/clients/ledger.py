"""What the points ledger can do beside earning and spending."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from clients.api import Api, ok
from clients.points import POINTS

PURCHASES, MERGES, HOLDS = f"{POINTS}/purchases", f"{POINTS}/merges", f"{POINTS}/holds"
PENDING, REINSTATEMENTS = f"{POINTS}/pending", f"{POINTS}/reinstatements"
ADJUSTMENTS = f"{POINTS}/adjustments"
EVENTS = f"{POINTS}/events"
STATEMENT, EXPLANATION = f"{POINTS}/statement", f"{POINTS}/balance/explanation"


def purchase(member_id: str, *lines: tuple[str, int, int], **more: Any) -> dict[str, Any]:
    """Return the body that records a purchase of these lines: name, pieces, and what they cost together."""
    named = [{"line_id": name, "quantity": quantity, "amount": amount} for name, quantity, amount in lines]
    total = {"amount": sum(amount for _, _, amount in lines), "currency": "EUR"}
    return {"member_id": member_id, "purchase_id": str(uuid4()), "amount": total, "lines": named, **more}


def event(member_id: str, name: str, data: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return the body that tells of an event of now."""
    said = {"event_id": str(uuid4()), "name": name, "data": data or {}, "occurred_at": datetime.now(UTC).isoformat()}
    return {"member_id": member_id, **said, **more}


def pieces(**quantities: int) -> list[dict[str, Any]]:
    """Return so many pieces of lines, as a return names them."""
    return [{"line_id": name, "quantity": quantity} for name, quantity in quantities.items()]


def parts(done: dict[str, Any]) -> dict[str, int]:
    """Return what a return took and gave back, without what is zero."""
    names = ("points", "own", "others", "owed", "forgiven", "restored", "expired")
    return {name: done[name] for name in names if done[name]}


def on_delivery(days: int = 30) -> dict[str, Any]:
    """Return what points wait for: their delivery, at most so many days."""
    return {"on_event": "delivered", "deadline": (datetime.now(UTC) + timedelta(days=days)).isoformat()}


@dataclass(frozen=True)
class Ledger:
    """The points ledger as one caller uses it."""

    api: Api

    def buckets(self, **query: Any) -> tuple[int, int, int, int]:
        """Return the caller's points: available, held, pending, and what is owed, which is never positive."""
        found = self.balance(**query)
        return found["available"], found["held"], found["pending"], found["deficit"]

    def balance(self, **query: Any) -> dict[str, Any]:
        """Return all that the caller's balance says."""
        return self._get(f"{POINTS}/balance", **query)

    def record(self, body: dict[str, Any]) -> dict[str, Any]:
        """Record a purchase."""
        return self._post(PURCHASES, body)

    def record_all(self, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
        """Record purchases in one request; return what became of each."""
        found: list[dict[str, Any]] = self._post(f"{PURCHASES}/batches", {"purchases": list(bodies)}, 200)["results"]
        return found

    def purchase(self, purchase_id: str) -> dict[str, Any]:
        """Return a purchase with its returns."""
        return self._get(f"{PURCHASES}/{purchase_id}")

    def purchases(self, **query: Any) -> list[dict[str, Any]]:
        """Return the purchases that the caller may see, the newest first."""
        return self._list(PURCHASES, **query)

    def give_back(self, purchase_id: str, **what: Any) -> dict[str, Any]:
        """Return a purchase: `lines`, an `amount`, or all that is left."""
        return self._post(f"{PURCHASES}/{purchase_id}/returns", {"return_id": str(uuid4()), **what})

    def tell(self, body: dict[str, Any]) -> dict[str, Any]:
        """Tell an event."""
        return self._post(EVENTS, body)

    def tell_all(self, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
        """Tell events in one request; return what became of each."""
        found: list[dict[str, Any]] = self._post(f"{EVENTS}/batches", {"events": list(bodies)}, 200)["results"]
        return found

    def event(self, event_id: str) -> dict[str, Any]:
        """Return an event and what it earned."""
        return self._get(f"{EVENTS}/{event_id}")

    def events(self, **query: Any) -> list[dict[str, Any]]:
        """Return the events that the caller may see, the newest first."""
        return self._list(EVENTS, **query)

    def take_back(self, event_id: str) -> dict[str, Any]:
        """Take back what an event earned."""
        return self._post(f"{EVENTS}/{event_id}/reversal", {"reason": "told by mistake"})

    def pending(self, pending_id: str) -> dict[str, Any]:
        """Return points that wait or waited."""
        return self._get(f"{PENDING}/{pending_id}")

    def happened(self, member_id: str, event: str = "delivered", **more: Any) -> list[dict[str, Any]]:
        """Tell an event of a member and return the transactions that it activated points by."""
        body = {"member_id": member_id, "event": event, **more}
        found: list[dict[str, Any]] = self._post(f"{PENDING}/activations", body, 200)["activated"]
        return found

    def cancel(self, pending_id: str, reason: str = "not delivered") -> dict[str, Any]:
        """Cancel pending points."""
        return self._post(f"{PENDING}/{pending_id}/cancel", {"reason": reason}, 200)

    def merge(self, old: str, new: str, **more: Any) -> dict[str, Any]:
        """Merge a member into another."""
        return self._post(MERGES, {"from_member_id": old, "into_member_id": new, "reason": "two cards", **more})

    def reinstate(self, member_id: str, transaction_id: str, **more: Any) -> dict[str, Any]:
        """Give back points of a transaction that expired them."""
        body = {"member_id": member_id, "transaction_id": transaction_id, "reason": "goodwill", **more}
        return self._post(REINSTATEMENTS, body)

    def hold(self, points: int, **more: Any) -> dict[str, Any]:
        """Set the caller's points aside."""
        return self._post(HOLDS, {"points": points, "reference": "a table for two", **more})

    def capture(self, hold_id: str, **more: Any) -> dict[str, Any]:
        """Spend a hold, whole or in part."""
        return self._post(f"{HOLDS}/{hold_id}/capture", more, 200)

    def void(self, hold_id: str) -> dict[str, Any]:
        """Give a hold back."""
        return self._post(f"{HOLDS}/{hold_id}/void", {}, 200)

    def extend(self, hold_id: str, seconds: int) -> dict[str, Any]:
        """Make a hold last so many seconds from now."""
        return self._post(f"{HOLDS}/{hold_id}/extend", {"expires_in": seconds}, 200)

    def adjustments(self, **query: Any) -> list[dict[str, Any]]:
        """Return the adjustments above the limit, the newest first."""
        return self._list(ADJUSTMENTS, **query)

    def adjustment(self, request_id: str) -> dict[str, Any]:
        """Return an adjustment above the limit."""
        return self._get(f"{ADJUSTMENTS}/{request_id}")

    def statement(self, **query: Any) -> dict[str, Any]:
        """Return the caller's statement of this month, where no days are named."""
        return self._get(STATEMENT, **query)

    def explanation(self, **query: Any) -> dict[str, Any]:
        """Return the provenance of the caller's balance."""
        return self._get(EXPLANATION, **query)

    def _get(self, path: str, **query: Any) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.api.get(path, **query))
        return found

    def _list(self, path: str, **query: Any) -> list[dict[str, Any]]:
        return self.api.listed(path, **query)

    def _post(self, path: str, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
        done: dict[str, Any] = ok(self.api.post(path, body), status)
        return done
