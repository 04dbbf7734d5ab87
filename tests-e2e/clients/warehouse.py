"""The reports."""

from dataclasses import dataclass
from typing import Any

from clients.api import Api, ok

REPORTS = "/api/v1/reports"


@dataclass(frozen=True)
class Warehouse:
    """The warehouse as one caller uses it; each report comes as a list of rows by column."""

    api: Api

    def payments(self, **query: Any) -> list[dict[str, Any]]:
        """Return the volume of payments."""
        return self._report("payments/volume", **query)

    def points(self, **query: Any) -> list[dict[str, Any]]:
        """Return the flow of points."""
        return self._report("points/flow", **query)

    def points_of_rules(self, **query: Any) -> list[dict[str, Any]]:
        """Return what rules gave, by rule and version."""
        return self._report("points/rules", **query)

    def tiers(self, report: str, **query: Any) -> list[dict[str, Any]]:
        """Return the `movement` of tiers, the `changes`, or the `members` of a day."""
        return self._report(f"tiers/{report}", **query)

    def budgets(self, **query: Any) -> list[dict[str, Any]]:
        """Return what was used of budgets, and is left."""
        return self._report("budgets", **query)

    def reconciliation(self, **query: Any) -> list[dict[str, Any]]:
        """Return how the facts compare with the ledgers' own totals."""
        return self._report("reconciliation", **query)

    def freshness(self, message: str) -> list[dict[str, Any]]:
        """Return when messages of this kind last came; nothing where none ever did."""
        return [row for row in self._report("freshness") if row["kind"] == message]

    def _report(self, name: str, **query: Any) -> list[dict[str, Any]]:
        table = ok(self.api.get(f"{REPORTS}/{name}", **query))
        return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
