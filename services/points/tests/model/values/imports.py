"""Files of postings, on values: their rows, posted in chunks."""

from points.imports.rules.rows import Wish, posting_of
from points.ledger.rules.values import Kind, Posted, Posting
from shared.errors import DomainError
from tests.model.values.desk import Desk
from tests.model.world import CHUNK, MEMBERS, OPERATORS, Outcome, Row

_KINDS = {"earn": Kind.EARNED, "redeem": Kind.REDEEMED, "adjust": Kind.ADJUSTED}


class Imports(Desk):
    def import_file(self, programme: int, rows: list[Row]) -> Outcome:
        keys, told = [row.key for row in rows], list[str]()
        wishes = [self._wish(row, programme, keys[: n + 1].count(row.key)) for n, row in enumerate(rows)]
        for start in range(0, len(wishes), CHUNK):
            chunk = wishes[start : start + CHUNK]
            answers = iter(self.post([wish for wish in chunk if isinstance(wish, Posting)]))
            told += [self._told(wish if isinstance(wish, DomainError) else next(answers)) for wish in chunk]
        return tuple(told)

    def _wish(self, row: Row, programme: int, occurrence: int) -> Posting | DomainError:
        nothing = {"amount": 0, "reference": "", "reason": "", "occurred_at": None, "expires_at": None}
        wish = Wish(
            kind=_KINDS[row.kind], member_id=MEMBERS[row.who], points=row.points, identity="", key=row.key, **nothing
        )
        terms = self.programmes[programme]
        try:
            how = {"posting_id": self.new_id(), "actor_id": OPERATORS[0], "at": self.now, "known": {}}
            return posting_of(wish, occurrence, terms, **how)
        except DomainError as refusal:
            return refusal

    def _told(self, answer: Posted | DomainError) -> str:
        if isinstance(answer, DomainError):
            return answer.code
        if answer.is_repeated:
            return "repeated"
        self.ids.append(answer.id)
        return "done"
