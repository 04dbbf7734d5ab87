"""Points that wait: activated by an event or by hand, or cancelled."""

from typing import Any

from tests.model.reference.driver import Driver, said
from tests.model.reference.lots import Waiting
from tests.model.reference.refusals import RefusedError
from tests.model.world import Outcome, Where


class Pending(Driver):
    def event_comes(self, where: Where, event: str) -> Outcome:
        """All that waits for it is activated, what is due first first."""
        if not any(one.event == event for one in self.accounts[where].waiting):
            self._refuse_merged(where)
        waited = [one for one in self.accounts[where].waiting if one.event == event]
        return tuple(self._activated(one) for one in sorted(waited, key=lambda one: (one.until, one.made)))

    def activate(self, deed: int) -> Outcome:
        found = self._open(deed)
        self._activated(found)
        return found.state, found.activated

    def cancel(self, deed: int) -> Outcome:
        found = self._open(deed)
        self.accounts[found.where].cancel(found)
        return found.state, 0

    def _activated(self, found: Waiting) -> Any:
        opened = self.accounts[found.where].activate(found, self._end_at(found.where[1], self.now))
        return sum(count for _, count in opened), said(opened, 1)

    def _open(self, deed: int) -> Waiting:
        found = self.deeds[deed].waiting
        assert found
        self._refuse_merged(found.where)
        if found.state != "pending":
            raise RefusedError("points.pending_not_open", found.state)
        return found
