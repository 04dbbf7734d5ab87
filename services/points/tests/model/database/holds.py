"""Points set aside for a while, on the database."""

from datetime import timedelta

from points.ledger import operations
from tests.model.database.driver import Driver
from tests.model.world import Outcome, Where, by_end


class Holds(Driver):
    def hold(self, where: Where, points: int, hours: int) -> Outcome:
        ends = self.now + timedelta(hours=hours)
        made = operations.hold_points(**self.named(where), points=points, reference="h", expires_at=ends, at=self.now)
        self.holds.append(made.id)
        return "done", by_end((lot.expires_at, lot.remaining) for lot in made.lots)

    def capture(self, hold: int, points: int) -> Outcome:
        found = operations.capture_hold(self.holds[hold], points=points, at=self.now)
        assert found.capture_id
        self.ids.append(found.capture_id)
        return str(found.state), found.captured

    def void(self, hold: int) -> Outcome:
        found = operations.void_hold(self.holds[hold], at=self.now)
        return str(found.state), found.captured

    def extend(self, hold: int, hours: int) -> Outcome:
        ends = self.now + timedelta(hours=hours)
        return "done", operations.extend_hold(self.holds[hold], expires_at=ends, at=self.now).expires_at
