"""What people undo, on the database."""

from points.ledger import operations
from tests.model.database.driver import Driver
from tests.model.values.driver import outcome_of
from tests.model.world import OPERATORS, Outcome


class Corrections(Driver):
    def reverse(self, deed: int) -> Outcome:
        fact = operations.reverse_transaction(self.ids[deed], reason="r", actor_id=OPERATORS[0], at=self.now)
        return outcome_of(fact, self.ids)
