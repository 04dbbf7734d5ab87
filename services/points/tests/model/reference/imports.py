"""Files of postings."""

from tests.model.reference.lots import Waiting
from tests.model.reference.points import Points
from tests.model.reference.refusals import RefusedError
from tests.model.reference.waits import until
from tests.model.world import POLICIES, Outcome, Row, Where


class Imports(Points):
    def import_file(self, programme: int, rows: list[Row]) -> Outcome:
        """Each row on its own, upon those before it; a key names one row for ever, and no other of its file."""
        outcomes, keys = [], [row.key for row in rows]
        for number, row in enumerate(rows):
            if row.key in keys[:number]:
                outcomes.append("imports.key_repeated")
                continue
            word, *more = self.do("import_row", where=(row.who, programme), row=row)
            outcomes.append(more[0] if word == "refused" else word)
        return tuple(outcomes)

    def import_row(self, where: Where, row: Row) -> Outcome:
        programme, policy, key = where[1], POLICIES[where[1]], f"import:{where[1]}:{row.key}"
        if row.kind == "redeem":
            return self._spend("redeemed", "redeemed", where, row.points, 1, key)
        if row.kind == "adjust":
            if policy.adjustment_limit is not None and abs(row.points) > policy.adjustment_limit:
                raise RefusedError("points.approval_needed", None)
            return self._adjust(where, row.points, key)
        self._refuse_closed(where)
        ready = until(self.now, None, self.pending_days[programme], policy.timezone)
        if ready:
            return self._let_wait("earned", where, row.points, Waiting(where, row.points, ready, self._number()), key)
        return self._give("earned", "issued", where, row.points, self._end_at(programme, self.now), key)
