"""What can be seen of the ledger on values, and the invariants that hold in it."""

from typing import Any
from uuid import UUID

from points.ledger.rules.due import released
from points.ledger.rules.lots import is_alive, spending_order
from points.ledger.rules.values import NO_POINTS, Account, HoldState, Key, Lot, PendingState
from tests.model.values.driver import Driver, key_of
from tests.model.values.engine import key_of as owner_of
from tests.model.world import Where, one_of_each


class Proofs(Driver):
    """Looks at a ledger and changes nothing."""

    def state(self, where: Where) -> dict[str, Any]:
        """As `queries.balance` counts it: what is due as if it were done; of that, more cannot be said yet."""
        key = key_of(where)
        account = self.accounts.get(key) or Account(0, *key, NO_POINTS, 0)
        buckets = account.buckets
        over = self.overdue(key) if buckets["held"] else []
        come = self.due(key) if buckets["pending"] else []
        paid, back = released(over, come, owed=-buckets["deficit"], end_of_lot=self.end_of_lot)
        alive = [lot for lot in account.lots if is_alive(lot, at=self.now)]
        free = sum(lot.remaining for lot in back if is_alive(lot, at=self.now))
        return {
            "available": sum(lot.remaining for lot in alive) + free,
            "held": buckets["held"] - sum(hold.points for hold in over),
            "pending": buckets["pending"] - sum(one.remaining for one in come),
            "owed": -buckets["deficit"] - paid,
            "issued": None if come else -buckets["issued"],
            "redeemed": buckets["redeemed"],
            "adjusted": -buckets["adjusted"],
            "returned": buckets["returned"],
            "lots": None if over or come else one_of_each((lot.expires_at, lot.number, lot.remaining) for lot in alive),
        }

    def prove(self) -> None:
        """The invariants of ledger/proofs, as far as they are about what the rules decide."""
        rows: dict[Key, list[Lot]] = {key: [] for key in self.accounts}
        for lot_id, row in self.lots.items():
            assert 0 <= row.remaining <= row.points
            if row.remaining:
                rows[row.key].append(row.lot(lot_id, row.remaining))
        for key, account in self.accounts.items():
            buckets = account.buckets
            assert sum(buckets.values()) == 0
            assert min(buckets[name] for name in ("available", "held", "pending", "redeemed", "expired")) >= 0
            assert max(buckets["deficit"], buckets["issued"], -buckets["returned"]) <= 0
            assert list(account.lots) == sorted(account.lots, key=spending_order)
            assert sorted(rows[key], key=_of_id) == sorted(account.lots, key=_of_id)
            assert buckets["available"] == sum(lot.remaining for lot in account.lots)
            held = [hold for hold in self.holds.values() if owner_of(hold) == key and hold.state == HoldState.HELD]
            assert buckets["held"] == sum(hold.points for hold in held)
            assert buckets["pending"] == sum(one.remaining for one in self.pending.values() if owner_of(one) == key)
        for one in self.pending.values():
            assert (one.state == PendingState.PENDING) == (one.remaining > 0)


def _of_id(lot: Lot) -> UUID:
    """Lots that one transfer brought and that end together by now come in any order."""
    return lot.id
