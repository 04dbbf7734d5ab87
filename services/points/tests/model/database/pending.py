"""Points that wait: activated by an event or by hand, or cancelled, on the database."""

from points.ledger import operations
from points.ledger.rules.values import Pending as PendingPoints
from tests.model.database.driver import Driver
from tests.model.values.driver import moved_by
from tests.model.world import OPERATORS, Outcome, Where


class Pending(Driver):
    def event_comes(self, where: Where, event: str) -> Outcome:
        facts = operations.activate_on_event(**self.named(where), event=event, at=self.now)
        return tuple(moved_by(fact) for fact in facts)

    def activate(self, deed: int) -> Outcome:
        return _outcome(operations.activate_pending(self.ids[deed], actor_id=OPERATORS[0], at=self.now))

    def cancel(self, deed: int) -> Outcome:
        return _outcome(operations.cancel_pending(self.ids[deed], actor_id=OPERATORS[0], at=self.now))


def _outcome(found: PendingPoints) -> Outcome:
    return str(found.state), found.activated
