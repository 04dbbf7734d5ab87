"""Points that wait: activated by an event or by hand, or cancelled, on values."""

from points.ledger.errors import MemberMerged, PendingNotOpen
from points.ledger.rules.pending import end_of, move
from points.ledger.rules.values import Kind, PendingState, Posting
from points.ledger.rules.values import Pending as PendingPoints
from tests.model.values.driver import Driver, key_of, moved_by
from tests.model.world import MEMBERS, Outcome, Where


class Pending(Driver):
    def event_comes(self, where: Where, event: str) -> Outcome:
        found = [one for one in self.pending.values() if (one.programme_id, one.member_id) == key_of(where)]
        found = [
            one
            for one in found
            if one.state == PendingState.PENDING and one.on_event == event and self.now < one.due_at
        ]
        found.sort(key=lambda one: (one.due_at, one.id))
        if not found and (into := self.merged.get(MEMBERS[where[0]])):
            raise MemberMerged(member_id="", merged_into=str(into))
        facts = self.all([self._activation(one) for one in found], allow=(PendingNotOpen,))
        return tuple(moved_by(fact) for fact in facts)

    def activate(self, deed: int) -> Outcome:
        return self._close(self._activation(self.pending[self.ids[deed]]))

    def cancel(self, deed: int) -> Outcome:
        found = self.pending[self.ids[deed]]
        return self._close(move(found, Kind.CANCELLED, reason="", at=self.now))

    def _close(self, command: Posting) -> Outcome:
        self.all([command])
        assert command.pending
        closed = self.pending[command.pending.pending_id]
        return str(closed.state), closed.activated

    def _activation(self, found: PendingPoints) -> Posting:
        end = end_of(found, self.now, end_of_lot=self.end_of_lot)
        return move(found, Kind.ACTIVATED, reason="", at=self.now, end=end)
