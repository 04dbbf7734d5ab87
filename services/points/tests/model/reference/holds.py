"""Points set aside for a while."""

from datetime import timedelta

from tests.model.reference.driver import Driver, said
from tests.model.reference.lots import Hold
from tests.model.reference.records import Deed
from tests.model.reference.refusals import RefusedError
from tests.model.world import Outcome, Where


class Holds(Driver):
    def hold(self, where: Where, points: int, hours: int) -> Outcome:
        self._refuse_merged(where)
        account = self.accounts[where]
        made = Hold(account.spend(points, self.now), self.now + timedelta(hours=hours), self._number())
        account.holds.append(made)
        self.holds.append((where, made))
        return "done", said(made.parts, 1)

    def capture(self, hold: int, points: int) -> Outcome:
        where, found = self.holds[hold]
        if points > found.points:
            raise RefusedError("points.capture_too_large", None)
        self._refuse_merged(where)
        self._refuse_not_open(found)
        spent = self.accounts[where].close(found, "captured", self.now, captured=points)
        self.accounts[where].sums["redeemed"] += points
        self.deeds.append(Deed("redeemed", where, points, spent))
        self._slide(where)
        return "captured", points

    def void(self, hold: int) -> Outcome:
        where, found = self.holds[hold]
        self._refuse_merged(where)
        self._refuse_not_open(found)
        self.accounts[where].close(found, "voided", self.now)
        return "voided", 0

    def extend(self, hold: int, hours: int) -> Outcome:
        _, found = self.holds[hold]
        self._refuse_not_open(found)
        found.until = max(found.until, self.now + timedelta(hours=hours))
        return "done", found.until

    def _refuse_not_open(self, found: Hold) -> None:
        if found.state != "held":
            raise RefusedError("points.hold_not_open", found.state)
