"""Files of postings, on values: their rows, posted in chunks."""

from points.imports.rules.rows import Command, posting_of
from points.ledger.rules.values import Kind, Posted, Posting
from shared.errors import DomainError
from tests.model.values.driver import Driver
from tests.model.world import CHUNK, MEMBERS, OPERATORS, Outcome, Row

_KINDS = {"earn": Kind.EARNED, "redeem": Kind.REDEEMED, "adjust": Kind.ADJUSTED}


class Imports(Driver):
    def import_file(self, programme: int, rows: list[Row]) -> Outcome:
        keys, outcomes = [row.key for row in rows], list[str]()
        commands = [self._command(row, programme, keys[: n + 1].count(row.key)) for n, row in enumerate(rows)]
        for start in range(0, len(commands), CHUNK):
            chunk = commands[start : start + CHUNK]
            answers = iter(self.post([command for command in chunk if isinstance(command, Posting)]))
            outcomes += [
                self._outcome(command if isinstance(command, DomainError) else next(answers)) for command in chunk
            ]
        return tuple(outcomes)

    def _command(self, row: Row, programme: int, occurrence: int) -> Posting | DomainError:
        nothing = {"amount": 0, "reference": "", "reason": "", "occurred_at": None, "expires_at": None}
        command = Command(
            kind=_KINDS[row.kind], member_id=MEMBERS[row.who], points=row.points, identity="", key=row.key, **nothing
        )
        terms = self.programmes[programme]
        try:
            how = {"posting_id": self.new_id(), "actor_id": OPERATORS[0], "at": self.now, "known": {}}
            return posting_of(command, occurrence, terms, **how)
        except DomainError as refusal:
            return refusal

    def _outcome(self, answer: Posted | DomainError) -> str:
        if isinstance(answer, DomainError):
            return answer.code
        if answer.is_repeated:
            return "repeated"
        self.ids.append(answer.id)
        return "done"
