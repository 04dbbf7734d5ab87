"""What the reference model needs for every operation: the accounts, the clock, and how points come and go."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tests.model.reference.account import Account
from tests.model.reference.arithmetic import midnight_after
from tests.model.reference.lots import End, Hold, Part, Waiting
from tests.model.reference.records import Deed, Purchase, Request
from tests.model.reference.refusals import RefusedError
from tests.model.world import ACCOUNTS, LARGEST, POLICIES, START, Outcome, Where, by_end, one_of_each


class Driver:
    """Keeps the accounts. What is due is done, and dead points go, at the very instant, whatever job ran."""

    def __init__(self) -> None:
        self.now = START
        self.accounts = {where: Account() for where in ACCOUNTS}
        self.deeds: list[Deed] = []
        self.causes: dict[str, Deed] = {}
        self.requests: list[Request] = []
        self.holds: list[tuple[Where, Hold]] = []
        self.purchases: list[Purchase] = []
        self.default = 0
        self.closed: set[int] = set()
        self.returns: list[tuple[str, int | None]] = [("arrears", None) for _ in POLICIES]
        self.pending_days: list[int | None] = [None for _ in POLICIES]
        self.merged: dict[int, int] = {}
        self.made = 0

    def do(self, operation: str, **command: Any) -> Outcome:
        """Carry out one operation, which changes nothing when it is refused."""
        try:
            return getattr(self, operation)(**command)  # type: ignore[no-any-return]
        except RefusedError as refusal:
            return "refused", *refusal.args

    def time_passes(self, to: datetime) -> Outcome:
        self.now = to
        for (_, programme), account in self.accounts.items():
            account.let_time_pass(to, lambda at, programme=programme: self._end_at(programme, at))  # type: ignore[misc]
        return ("done",)

    def switch_default(self) -> Outcome:
        self.default = 1 - self.default
        return ("done",)

    def open_or_close(self, programme: int) -> Outcome:
        self.closed ^= {programme}
        return ("done",)

    def change_returns(self, programme: int, policy: str, cap: int | None) -> Outcome:
        self.returns[programme] = (policy, cap)
        return ("done",)

    def let_earnings_wait(self, programme: int, days: int | None) -> Outcome:
        self.pending_days[programme] = days
        return ("done",)

    def state(self, where: Where) -> dict[str, Any]:
        account = self.accounts[where]
        alive = account.alive(self.now)
        sums = {name: account.sums[name] for name in ("issued", "redeemed", "adjusted", "returned")}
        points = {"available": sum(lot.left for lot in alive), "held": account.held(), "pending": account.pending()}
        return (
            points
            | {"owed": account.owed}
            | sums
            | {"lots": one_of_each((lot.ends, lot.born, lot.left) for lot in alive)}
        )

    def upcoming(self, of: str) -> list[datetime]:
        """The next instants at which a lot or a hold ends, or at which something waited long enough."""
        accounts = self.accounts.values()
        if of == "hold":
            return sorted({hold.until for account in accounts for hold in account.holds})
        if of == "pending":
            return sorted({one.until for account in accounts for one in account.waiting})
        ends = {lot.ends for account in accounts for lot in account.lots if lot.left and lot.ends}
        return sorted(end for end in ends if end > self.now)

    def _give(self, kind: str, counter: str, where: Where, points: int, end: End, key: str | None = None) -> Outcome:
        if key and (known := self._known(key, kind, where, points)) is not None:
            return known
        self._refuse_merged(where)
        account = self._count(where, counter, points)
        opened = account.open(points - account.pay(points), end)
        self._note(Deed(kind, where, points, opened=opened[0][0] if opened else None), key)
        if kind in ("earned", "bought"):
            self._slide(where)
        return "done", sum(count for _, count in opened), said(opened, 1)

    def _let_wait(self, kind: str, where: Where, points: int, waiting: Waiting, key: str | None = None) -> Outcome:
        if key and (known := self._known(key, kind, where, points)) is not None:
            return known
        self._refuse_merged(where)
        self._count(where, "issued", points).waiting.append(waiting)
        self._note(Deed(kind, where, points, waiting=waiting), key)
        self._slide(where)
        return "done", 0, ()

    def _count(self, where: Where, counter: str, points: int) -> Account:
        account = self.accounts[where]
        if account.sums[counter] + points > LARGEST:
            raise RefusedError("points.balance_too_large", None)
        account.sums[counter] += points
        return account

    def _spend(self, kind: str, counter: str, where: Where, points: int, sign: int, key: str | None = None) -> Outcome:
        if key and (known := self._known(key, kind, where, -points if kind == "adjusted" else points)) is not None:
            return known
        self._refuse_merged(where)
        account = self.accounts[where]
        taken = account.spend(points, self.now)
        account.sums[counter] += sign * points
        self._note(Deed(kind, where, points, taken), key)
        outcome = "done", -points, said(taken, -1)
        if kind == "redeemed":
            self._slide(where)
        return outcome

    def _arrive(self, where: Where, taken: list[Part]) -> tuple[int, list[Part]]:
        """Points that were another's: what is owed is paid first, the rest is a lot for each end."""
        arrived: dict[End, int] = {}
        for lot, count in taken:
            arrived[lot.end] = arrived.get(lot.end, 0) + count
        account, opened = self.accounts[where], list[Part]()
        paid = owed = account.pay(sum(arrived.values()))
        account.opened += 1
        for end, count in arrived.items():
            pays = min(count, owed)
            owed -= pays
            opened += account.open(count - pays, end, is_alone=False)
        return paid, opened

    def _pass_on(self, where: Where, owner: Where, parts: list[Part]) -> int:
        """What comes back to a merged member goes on to whose it is now, but for what has ended; say how much has."""
        alive = [(lot, count) for lot, count in parts if lot.is_alive(self.now)]
        points = sum(count for _, count in alive)
        if points:
            self._arrive(owner, alive)
        self.accounts[where].sums["adjusted"] -= points
        self.accounts[owner].sums["adjusted"] += points
        died = sum(count for _, count in parts) - points
        self.accounts[where].gone += died
        return died

    def _known(self, key: str, kind: str, where: Where, points: int) -> Outcome | None:
        """What became of a cause before: the same, or it was another one's."""
        if (before := self.causes.get(key)) is None:
            return None
        signed = -before.points if before.taken and kind == "adjusted" else before.points
        if (before.kind, before.where, signed) != (kind, where, points):
            raise RefusedError("points.key_reused", None)
        return "repeated", next(number for number, deed in enumerate(self.deeds) if deed is before)

    def _note(self, deed: Deed, key: str | None) -> None:
        self.deeds.append(deed)
        if key:
            self.causes[key] = deed

    def _number(self) -> int:
        self.made += 1
        return self.made

    def _refuse_closed(self, where: Where) -> None:
        if where[1] in self.closed:
            raise RefusedError("programmes.closed", None)

    def _refuse_merged(self, where: Where) -> None:
        if where[0] in self.merged:
            raise RefusedError("points.member_merged", None)

    def _owner(self, where: Where) -> Where:
        """Whose account it is now."""
        while where[0] in self.merged:
            where = self.merged[where[0]], where[1]
        return where

    def _named_end(self, hours: int | None) -> End | None:
        return None if hours is None else End(self.now + timedelta(hours=hours, minutes=7))

    def _end_at(self, programme: int, at: datetime) -> End:
        """When points of a programme end that can be spent from an instant on."""
        policy = POLICIES[programme]
        days = policy.lot_days or policy.sliding_days
        return End(midnight_after(at, days, policy.timezone), is_reckoned=True) if days else End()

    def _slide(self, where: Where) -> None:
        """In some programmes each activity lets all points of the account end as late as what is earned now."""
        if POLICIES[where[1]].sliding_days:
            self.accounts[where].slide(self._end_at(where[1], self.now), self.now)


def said(parts: Iterable[Part], sign: int) -> tuple[tuple[datetime | None, int], ...]:
    return by_end((lot.ends, sign * count) for lot, count in parts)
