"""Points that wait: activated by an event or by hand, or cancelled."""

from typing import Any

from tests.model.clerk.lots import Waiting
from tests.model.clerk.office import Office, said
from tests.model.clerk.refusals import RefusedError
from tests.model.world import Outcome, Where


class Pending(Office):
    def event_comes(self, where: Where, event: str) -> Outcome:
        """All that waits for it is activated, what is due first first."""
        waited = [one for one in self.books[where].waiting if one.event == event]
        return tuple(self._activated(where, one) for one in sorted(waited, key=lambda one: (one.until, one.made)))

    def activate(self, deed: int) -> Outcome:
        where, found = self._open(deed)
        self._activated(where, found)
        return found.state, found.activated

    def cancel(self, deed: int) -> Outcome:
        where, found = self._open(deed)
        self.books[where].cancel(found)
        return found.state, 0

    def _activated(self, where: Where, found: Waiting) -> Any:
        opened = self.books[where].activate(found, self._end_at(where[1], self.now))
        return sum(count for _, count in opened), said(opened, 1)

    def _open(self, deed: int) -> tuple[Where, Waiting]:
        found = self.deeds[deed].waiting
        assert found
        if found.state != "pending":
            raise RefusedError("points.pending_not_open", found.state)
        return self.deeds[deed].where, found
