"""What must have happened: written down as answers come in, never read from the system."""

import threading
from collections import Counter
from collections.abc import Mapping

# Sums of one member, and those of the warehouse, by name.
Totals = Mapping[str, int]
FLOW = ("earned", "redeemed", "returned")


class Tally:
    """Every effect that was promised to a client, summed up by member and for the warehouse; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: Counter[str] = Counter()
        self.members: set[str] = set()
        self.crowd: set[str] = set()

    def topped_up(self, member: str, amount: int) -> None:
        """Note money that came into a wallet."""
        self._add(member, {"wallet": amount, "wallet entries": 1}, {})

    def paid(self, member: str, amount: int) -> None:
        """Note a payment from the wallet: it earns a point for each whole euro, by a message."""
        sums = {"wallet": -amount, "wallet entries": 1}
        self._add(member, {**sums, **_posted("earned", amount // 100)}, {"captured": 1, "captured amount": amount})

    def refunded(self, member: str, amount: int) -> None:
        """Note a whole payment that was given back: its points go with it, by a message."""
        sums = {"wallet": amount, "wallet entries": 1}
        self._add(member, {**sums, **_posted("returned", amount // 100)}, {"refunded": 1, "refunded amount": amount})

    def given(self, member: str, points: int) -> None:
        """Note points that the operator gave."""
        self._add(member, _posted("earned", points), {})

    def flooded(self, member: str, points: int, *, times: int) -> None:
        """Note points that one of the crowd was given so many times: the balance alone tells how often."""
        given = points * times
        with self._lock:
            self.crowd.add(member)
            self._sums.update({f"{member} points": given, "warehouse earned": given, "warehouse transactions": times})

    def redeemed(self, member: str, points: int) -> None:
        """Note points that were spent."""
        self._add(member, _posted("redeemed", points), {})

    def expected(self) -> dict[str, int]:
        """Return every total by its name, as `proof.found` names what it finds."""
        with self._lock:
            return dict(self._sums)

    def _add(self, member: str, own: Totals, warehouse: Totals) -> None:
        flow = {name: own[f"{name} points"] for name in FLOW if f"{name} points" in own}
        posted = sum(own.get(name, 0) for name in FLOW)
        with self._lock:
            self.members.add(member)
            self._sums.update({f"{member} {name}": value for name, value in own.items()})
            self._sums.update({f"warehouse {name}": value for name, value in {**warehouse, **flow}.items()})
            self._sums["warehouse transactions"] += posted


def _posted(kind: str, points: int) -> dict[str, int]:
    return {"points": points if kind == "earned" else -points, kind: 1, f"{kind} points": points}


def differences(expected: Totals, found: Totals) -> list[str]:
    """Return a line for each total that is not as it must be; what one side does not know is zero there."""
    names = sorted(expected.keys() | found.keys())
    return [
        f"{name}: {expected.get(name, 0)} expected, {found.get(name, 0)} found"
        for name in names
        if expected.get(name, 0) != found.get(name, 0)
    ]
