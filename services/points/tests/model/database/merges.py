"""Two members who are one person, on the database."""

from points.ledger import merges, operations
from tests.model.database.driver import Driver
from tests.model.world import MEMBERS, OPERATORS, Outcome


class Merges(Driver):
    def merge(self, who: int, into: int, void_holds: bool) -> Outcome:
        made = operations.merge_members(
            from_member_id=MEMBERS[who],
            into_member_id=MEMBERS[into],
            reason="m",
            void_holds=void_holds,
            actor_id=OPERATORS[0],
            at=self.now,
        )
        moved = {one.programme_id: (one.points, one.pending, one.owed) for one in merges.moved(made.id)[made.id]}
        return "done", [moved.get(programme_id, (0, 0, 0)) for programme_id in self.programmes]
