"""The proof at the end of each drill: what the services say is what their clients were promised, to the cent."""

import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.drills.databases import Databases
from tools.drills.readings import Readings
from tools.drills.tally import Tally, differences
from tools.drills.waits import eventually, must
from tools.stack.layout import PACKAGES
from tools.target import Native

# Upstream first: once an outbox is empty, all that it caused is done or in the next one.
ORDER = ("auth", "payments", "points", "warehouse")
LEDGERS = ("points", "payments")
# The stack of the drills compares what is this old (MESSAGE_SETTLED_AFTER_SECONDS); others wait two minutes.
SETTLED_AFTER_SECONDS = 5
HURRY_SECONDS = 5.0


@dataclass
class Proof:
    """Everything that has to hold when the traffic has ended; `deleted` are messages that a drill made disappear.

    A message whose report is lost is sent again after half a minute. With `in_a_hurry` nobody waits for that: it is
    made due at once, again and again; nor for the warehouse's next reconciliation, which is run by hand.
    """

    target: Native
    databases: Databases
    readings: Readings
    tally: Tally
    in_a_hurry: bool
    deleted: Counter[tuple[str, str]] = field(default_factory=Counter)
    _hurried_at: float = 0.0

    def that_all_arrived(self) -> None:
        """Wait until nothing waits in any outbox: a row leaves when its consumer has committed."""
        eventually(self._nothing_waits, "everything arrived", seconds=400)

    def _nothing_waits(self) -> bool:
        if self.in_a_hurry and time.monotonic() > self._hurried_at + HURRY_SECONDS:
            self.databases.make_due()
            self._hurried_at = time.monotonic()
        return not any(self.databases.waiting(service) for service in ORDER)

    def of_totals(self) -> None:
        """Show that every member's points, money and entries, and the warehouse's sums, are exactly as promised."""
        wrong = differences(self.tally.expected(), self.readings.all())
        must(not wrong, "\n  ".join(["not exactly once:", *wrong]))

    def of_ledgers(self) -> None:
        """Show that every balance follows from its entries."""
        self._ask(LEDGERS, "verify_ledger")

    def of_reconciliation(self) -> None:
        """Show that the warehouse's facts are what the ledgers themselves count, movement by movement."""
        self._ask(LEDGERS, "publish_day_totals", "--day", datetime.now(UTC).date().isoformat())
        if self.in_a_hurry:
            self.that_all_arrived()
            self._ask(("warehouse",), "run_job", "reconcile")
        eventually(lambda: self.readings.reconciliation() == {"matched"}, "all reconciled", seconds=120)

    def of_comparison(self) -> None:
        """Show that producers and consumers know the same messages, and lacked none but those that were deleted."""
        settled = datetime.now(UTC) + timedelta(seconds=SETTLED_AFTER_SECONDS)
        eventually(lambda: datetime.now(UTC) > settled, "old enough to be compared")
        self._ask(PACKAGES, "messages", "compare")
        for service in PACKAGES:
            eventually(lambda name=service: self.databases.agrees(name, settled), f"agreed: {service}")  # type: ignore[misc]
        for producer in PACKAGES:
            for flow in self.readings.flows(producer):
                self._check(producer, flow, settled)

    def _check(self, producer: str, flow: dict[str, Any], since: datetime) -> None:
        deleted = self.deleted[producer, flow["destination"]]
        is_agreed = flow["agreed_at"] and datetime.fromisoformat(flow["agreed_at"]) >= since
        must(is_agreed and (flow["missing"], flow["surplus"]) == (deleted, 0), f"{producer} does not agree: {flow}")

    def _ask(self, services: Iterable[str], *arguments: str) -> dict[str, str]:
        """Run a management command of several services at once; return what each printed."""
        names = list(services)
        with ThreadPoolExecutor(len(names)) as pool:
            return dict(zip(names, pool.map(lambda name: self.target.ask(name, *arguments), names), strict=True))
