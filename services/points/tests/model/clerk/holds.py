"""Points set aside for a while."""

from datetime import timedelta

from tests.model.clerk.lots import Hold
from tests.model.clerk.office import Office, said
from tests.model.clerk.records import Deed
from tests.model.clerk.refusals import RefusedError
from tests.model.world import Outcome, Where


class Holds(Office):
    def hold(self, where: Where, points: int, hours: int) -> Outcome:
        self._refuse_merged(where)
        book = self.books[where]
        made = Hold(book.spend(points, self.now), self.now + timedelta(hours=hours), self._number())
        book.holds.append(made)
        self.holds.append((where, made))
        return "done", said(made.parts, 1)

    def capture(self, hold: int, points: int) -> Outcome:
        where, found = self.holds[hold]
        if points > found.points:
            raise RefusedError("points.capture_too_large", None)
        self._refuse_merged(where)
        self._refuse_not_open(found)
        spent = self.books[where].close(found, "captured", self.now, captured=points)
        self.books[where].sums["redeemed"] += points
        self.deeds.append(Deed("redeemed", where, points, spent))
        self._slide(where)
        return "captured", points

    def void(self, hold: int) -> Outcome:
        where, found = self.holds[hold]
        self._refuse_merged(where)
        self._refuse_not_open(found)
        self.books[where].close(found, "voided", self.now)
        return "voided", 0

    def extend(self, hold: int, hours: int) -> Outcome:
        _, found = self.holds[hold]
        self._refuse_not_open(found)
        found.until = max(found.until, self.now + timedelta(hours=hours))
        return "done", found.until

    def _refuse_not_open(self, found: Hold) -> None:
        if found.state != "held":
            raise RefusedError("points.hold_not_open", found.state)
