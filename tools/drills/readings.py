"""What the services say about everybody who takes part, by the names that the tally gives its totals."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.drills.people import People
from tools.drills.tally import FLOW, Tally


@dataclass(frozen=True)
class Readings:
    """Reads through the gateway only, as the operator."""

    people: People
    tally: Tally

    def all(self) -> dict[str, int]:
        """Read every total."""
        return dict(self._all())

    def reconciliation(self) -> set[str]:
        """Return how the warehouse's facts compare with the ledgers' own counts: the verdicts on all movements."""
        return {row["status"] for row in self._report("reconciliation")}

    def flows(self, producer: str) -> list[dict[str, Any]]:
        """Return how a service's messages to each destination fare, and what their comparison found."""
        found: list[dict[str, Any]] = self.people.operator.get(f"{producer}/messages/flows")["results"]
        return found

    def _all(self) -> Iterator[tuple[str, int]]:
        for member in sorted(self.tally.members | self.tally.crowd):
            yield f"{member} points", self.people.operator.get(f"points/members/{member}/balance")["available"]
        for member in sorted(self.tally.members):
            yield from self._posted_to(member)
            yield from self._wallet_of(member)
        yield from self._payments()
        yield from self._flow()

    def _posted_to(self, member: str) -> Iterator[tuple[str, int]]:
        posted = self.people.operator.pages("points/transactions", member_id=member)
        for kind, times in Counter(one["kind"] for one in posted).items():
            yield f"{member} {kind}", times
            yield f"{member} {kind} points", sum(one["points"] for one in posted if one["kind"] == kind)

    def _wallet_of(self, member: str) -> Iterator[tuple[str, int]]:
        for wallet in self.people.operator.get("wallets", member_id=member)["results"]:
            yield f"{member} wallet", wallet["balance"]["amount"]
            yield f"{member} wallet entries", len(self.people.operator.pages(f"wallets/{wallet['id']}/entries"))

    def _payments(self) -> Iterator[tuple[str, int]]:
        periods = self._report("payments/volume", merchant_id=self.people.merchant)
        for name in ("captured", "refunded"):
            yield f"warehouse {name}", sum(period[f"{name}_count"] for period in periods)
            yield f"warehouse {name} amount", sum(period[f"{name}_amount"] for period in periods)

    def _flow(self) -> Iterator[tuple[str, int]]:
        periods = self._report("points/flow", programme=self.people.programme)
        for name in (*FLOW, "transactions"):
            yield f"warehouse {name}", sum(period[name] for period in periods)

    def _report(self, name: str, **query: Any) -> list[dict[str, Any]]:
        table = self.people.operator.get(f"reports/{name}", **query)
        return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
