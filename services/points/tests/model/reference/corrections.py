"""What people undo, and give back."""

from tests.model.reference.arithmetic import midnight_after
from tests.model.reference.driver import said
from tests.model.reference.lots import End, Lot
from tests.model.reference.points import Points
from tests.model.reference.records import Deed
from tests.model.reference.refusals import RefusedError
from tests.model.world import POLICIES, Outcome, Where


class Corrections(Points):
    def reverse(self, deed: int) -> Outcome:
        found = self.deeds[deed]
        self._refuse_not_reversible(found)
        found.is_undone = True
        self.deeds.append(Deed("reversed", found.where, found.points))
        return self._let_come_back(found) if found.taken else self._take_back(found)

    def reinstate(self, where: Where, pick: int, points: int, days: int | None, expired: list[int]) -> Outcome:
        """Give back points of one expiry; which there are is the ledger's to say, what they come to is not."""
        self.expire(0)
        assert sum(expired) == self.accounts[where].gone, (expired, self.accounts[where].gone)
        if not expired:
            return ("nothing",)
        policy = POLICIES[where[1]]
        if points > expired[pick % len(expired)]:
            raise RefusedError("points.reinstatement_too_large", None)
        if policy.adjustment_limit is not None and points > policy.adjustment_limit:
            raise RefusedError("points.approval_needed", None)
        self.accounts[where].gone -= points
        named = None if days is None else End(midnight_after(self.now, days, policy.timezone))
        end = named or self._end_at(where[1], self.now)
        if (owner := self._owner(where)) == where:
            return self._give("reinstated", "reinstated", where, points, end)
        self._note(Deed("reinstated", where, points), None)
        back = [(Lot(end, 0, points), points)]
        self._pass_on(where, owner, back)
        return "done", points, said(back, 1)

    def _take_back(self, found: Deed) -> Outcome:
        """What was given is taken back: what waits of it, what is left of it, anything else; then it is owed."""
        account, before = self.accounts[found.where], self.accounts[found.where].available(self.now)
        account.sums[{"earned": "issued"}.get(found.kind, found.kind)] -= found.points
        waited = account.shrink(found.waiting, found.points) if found.waiting else 0
        taken = account.take(found.points - waited, self.now, own=found.lot)
        return "done", account.available(self.now) - before, said(taken, -1)

    def _let_come_back(self, found: Deed) -> Outcome:
        account = self.accounts[found.where]
        account.sums[found.kind] += found.points * (-1 if found.kind == "redeemed" else 1)
        back = account.give_back(found.taken)
        outcome = "done", sum(count for _, count in back), said(back, 1)
        account.bury([lot for lot, _ in found.taken], self.now)
        return outcome

    def _refuse_not_reversible(self, found: Deed) -> None:
        if found.kind not in ("earned", "redeemed", "adjusted"):
            raise RefusedError("points.not_reversible", None)
        if found.pays:
            raise RefusedError("points.pays_purchase", None)
        if found.is_undone:
            raise RefusedError("points.already_reversed", None)
        if found.never_came:
            raise RefusedError("points.not_reversible", "cancelled")
        self._refuse_merged(found.where)
