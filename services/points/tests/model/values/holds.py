"""Points set aside for a while, on values."""

from datetime import timedelta

from msgspec import structs

from points.ledger.errors import CaptureTooLarge
from points.ledger.rules.holds import open_or_refuse
from points.ledger.rules.holds import releases as releases_of
from points.ledger.rules.values import HoldMove, HoldState, Kind
from tests.model.values.driver import Driver, where_of
from tests.model.world import Outcome, Where, by_end


class Holds(Driver):
    def hold(self, where: Where, points: int, hours: int) -> Outcome:
        command = self.posting(Kind.HELD, where, points, expires_at=self.now + timedelta(hours=hours))
        (fact,) = self.all([command])
        self.hold_ids.append(fact.id)
        made = self.holds[fact.id]
        return "done", by_end((lot.expires_at, lot.remaining) for lot in made.lots)

    def capture(self, hold: int, points: int) -> Outcome:
        found = self.hold_now(self.hold_ids[hold])
        if points > found.points:
            raise CaptureTooLarge(requested=points, held=found.points)
        move = HoldMove(found.id, HoldState.CAPTURED)
        command = self.posting(Kind.REDEEMED, where_of(found), points, hold=move)
        rest = releases_of(found, to=HoldState.CAPTURED, captured=points, at=self.now)
        self.all([command, *rest])
        self.ids.append(command.id)
        found = self.holds[found.id]
        return str(found.state), found.captured

    def void(self, hold: int) -> Outcome:
        found = self.hold_now(self.hold_ids[hold])
        self.all(releases_of(found, to=HoldState.VOIDED, at=self.now))
        found = self.holds[found.id]
        return str(found.state), found.captured

    def extend(self, hold: int, hours: int) -> Outcome:
        found = open_or_refuse(self.holds[self.hold_ids[hold]], at=self.now)
        ends = max(found.expires_at, self.now + timedelta(hours=hours))
        self.holds[found.id] = structs.replace(found, expires_at=ends)
        return "done", ends
