"""Two members who are one person."""

from tests.model.clerk.office import Office
from tests.model.clerk.refusals import RefusedError
from tests.model.world import POLICIES, Outcome


class Merges(Office):
    def merge(self, who: int, into: int, void_holds: bool) -> Outcome:
        """All that one has becomes the other's, in every programme, for good; say what moved in each."""
        if who == into:
            raise RefusedError("points.merge_with_oneself", None)
        self._refuse_merged((who, 0))
        self._refuse_merged((into, 0))
        programmes = range(len(POLICIES))
        if not void_holds and any(self.books[who, programme].holds for programme in programmes):
            raise RefusedError("points.holds_open", None)
        moved = [self._move(who, into, programme) for programme in programmes]
        self.merged[who] = into
        return "done", moved

    def _move(self, who: int, into: int, programme: int) -> tuple[int, int, int]:
        book, other = self.books[who, programme], self.books[into, programme]
        for hold in sorted(book.holds, key=lambda hold: (hold.until, hold.made)):
            book.close(hold, "voided", self.now)
        book.bury(book.lots, self.now)
        points, waiting, owed = book.available(self.now), book.pending(), book.owed
        self._arrive((into, programme), book.take(points, self.now))
        for one in book.waiting:
            one.where = into, programme
        other.waiting, book.waiting = [*other.waiting, *book.waiting], []
        book.owed = 0
        other.take(owed, self.now)
        for whose, sign in ((book, -1), (other, 1)):
            whose.sums["adjusted"] += sign * (points - owed)
            whose.sums["issued"] += sign * waiting
        return points + waiting, waiting, owed
