"""Two members who are one person."""

from tests.model.reference.driver import Driver
from tests.model.reference.refusals import RefusedError
from tests.model.world import POLICIES, Outcome


class Merges(Driver):
    def merge(self, who: int, into: int, void_holds: bool) -> Outcome:
        """All that one has becomes the other's, in every programme, for good; say what moved in each."""
        if who == into:
            raise RefusedError("points.merge_with_oneself", None)
        self._refuse_merged((who, 0))
        self._refuse_merged((into, 0))
        programmes = range(len(POLICIES))
        if not void_holds and any(self.accounts[who, programme].holds for programme in programmes):
            raise RefusedError("points.holds_open", None)
        moved = [self._move(who, into, programme) for programme in programmes]
        self.merged[who] = into
        return "done", moved

    def _move(self, who: int, into: int, programme: int) -> tuple[int, int, int]:
        account, other = self.accounts[who, programme], self.accounts[into, programme]
        for hold in sorted(account.holds, key=lambda hold: (hold.until, hold.made)):
            account.close(hold, "voided", self.now)
        account.bury(account.lots, self.now)
        points, waiting, owed = account.available(self.now), account.pending(), account.owed
        self._arrive((into, programme), account.take(points, self.now))
        for one in account.waiting:
            one.where = into, programme
        other.waiting, account.waiting = [*other.waiting, *account.waiting], []
        account.owed = 0
        other.take(owed, self.now)
        for whose, sign in ((account, -1), (other, 1)):
            whose.sums["adjusted"] += sign * (points - owed)
            whose.sums["issued"] += sign * waiting
        return points + waiting, waiting, owed
