"""What people undo."""

from tests.model.clerk.office import Office, said
from tests.model.clerk.records import Deed
from tests.model.clerk.refusals import RefusedError
from tests.model.world import Outcome


class Corrections(Office):
    def reverse(self, deed: int) -> Outcome:
        found = self.deeds[deed]
        self._refuse_not_reversible(found)
        found.is_undone = True
        self.deeds.append(Deed("reversed", found.where, found.points))
        return self._let_come_back(found) if found.taken else self._take_back(found)

    def _take_back(self, found: Deed) -> Outcome:
        """What was given is taken back: what waits of it, what is left of it, anything else; then it is owed."""
        book, before = self.books[found.where], self.books[found.where].available(self.now)
        book.sums[{"earned": "issued"}.get(found.kind, found.kind)] -= found.points
        waited = book.shrink(found.waiting, found.points) if found.waiting else 0
        taken = book.take(found.points - waited, self.now, own=found.lot)
        return "done", book.available(self.now) - before, said(taken, -1)

    def _let_come_back(self, found: Deed) -> Outcome:
        book = self.books[found.where]
        book.sums[found.kind] += found.points * (-1 if found.kind == "redeemed" else 1)
        back = book.give_back(found.taken)
        outcome = "done", sum(count for _, count in back), said(back, 1)
        book.bury([lot for lot, _ in found.taken], self.now)
        return outcome

    def _refuse_not_reversible(self, found: Deed) -> None:
        if found.kind not in ("earned", "redeemed", "adjusted"):
            raise RefusedError("points.not_reversible", None)
        if found.pays:
            raise RefusedError("points.pays_purchase", None)
        if found.is_undone:
            raise RefusedError("points.already_reversed", None)
        if found.never_came:
            raise RefusedError("points.not_reversible", "cancelled")
