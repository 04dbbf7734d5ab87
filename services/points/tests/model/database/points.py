"""Points that come, go, are corrected and are given away, on the database."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from msgspec import structs

from points.adjustments import operations as adjustments
from points.adjustments.rows import Adjustment
from points.expiry import operations as expiry
from points.ledger import operations
from points.ledger.rules.values import Kind, Posted, Posting, Take
from points.programmes.rules import end_of_lot
from points.programmes.rules.expiry import NEVER
from shared.db import rows
from shared.errors import DomainError
from shared.http.views import to_json
from shared.postgres.optimistic import OptimisticConflict, attempt
from shared.postgres.render import ROWS, in_json
from shared.testing.render import render
from tests.factories import give
from tests.model.database.driver import Driver
from tests.model.values.driver import outcome_of, refusal_of, waited
from tests.model.world import ACCOUNTS, MEMBERS, OPERATORS, Outcome, Wait, Where

_EXPIRED = "SELECT programme_id, member_id, expired FROM account"


def _as_requests_do(work: Callable[..., Posted], command: dict[str, Any]) -> Posted:
    """Attempt it before the account is read; where that is a conflict, run it again."""
    try:
        with attempt(), transaction.atomic():
            fact = work(**command)
    except OptimisticConflict:
        return work(**command)
    return structs.replace(fact, lots=_lots_that_paid(fact)) if fact.lots is ROWS else fact


def _lots_that_paid(fact: Posted) -> tuple[Take, ...]:
    """What the server renders."""
    lots = msgspec.json.decode(render(to_json(in_json(fact.lots))))
    return tuple(msgspec.convert(tuple(lot.values()), type=Take) for lot in lots)


class Points(Driver):
    def earn(
        self, where: Where, points: int, hours: int | None = None, key: str | None = None, wait: Wait | None = None
    ) -> Outcome:
        ends = None if hours is None else self.now + timedelta(hours=hours, minutes=7)
        commands: dict[str, Any] = {"expires_at": ends, "wait": waited(wait, self.now), "source_key": key}
        command = {**self.named(where), "points": points, "reason": "r", "at": self.now, **commands}
        return outcome_of(_as_requests_do(give, command), self.ids)

    def redeem(self, where: Where, points: int, key: str | None = None) -> Outcome:
        command = {**self.named(where), "points": points, "reference": "", "reason": "r", "at": self.now}
        return outcome_of(_as_requests_do(operations.redeem_points, {**command, "source_key": key}), self.ids)

    def adjust(self, where: Where, points: int, asked_by: int) -> Outcome:
        made = adjustments.ask_for_adjustment(
            # A program's: the limit is then for each adjustment, as the reference knows it.
            **self.named(where),
            points=points,
            reason="r",
            actor_id=OPERATORS[asked_by],
            is_person=False,
            at=self.now,
        )
        if isinstance(made, Adjustment):
            self.requests.append(made.id)
            return ("pending",)
        return outcome_of(made, self.ids)

    def approve(self, request: int, by: int) -> Outcome:
        made = adjustments.approve_adjustment(self.requests[request], actor_id=OPERATORS[by], at=self.now)
        return self.posted(made.transaction_id)

    def reject(self, request: int, by: int) -> Outcome:
        adjustments.reject_adjustment(self.requests[request], actor_id=OPERATORS[by], at=self.now)
        return ("done",)

    def batch(self, lines: list[tuple[str, Where, int, str]]) -> Outcome:
        facts = operations.post([self.line(*line) for line in lines], at=self.now)
        return tuple(refusal_of(one) if isinstance(one, DomainError) else outcome_of(one, self.ids) for one in facts)

    def line(self, kind: str, where: Where, points: int, key: str) -> Posting:
        kinds = {"earn": Kind.EARNED, "redeem": Kind.REDEEMED, "adjust": Kind.ADJUSTED}
        programme_id, member_id = self.key(where)
        gives = kind == "adjust" and points > 0
        end = end_of_lot(self.programme(where[1]), earned_at=self.now) if gives else NEVER
        signed = points if kind == "adjust" else abs(points)
        return Posting(
            kind=kinds[kind],
            programme_id=programme_id,
            member_id=member_id,
            points=signed,
            source_key=key,
            **end._asdict(),
        )

    def transfer(self, where: Where, to: int, points: int) -> Outcome:
        programme_id, member_id = self.key(where)
        made = operations.transfer_points(
            programme_id=programme_id,
            from_member_id=member_id,
            to_member_id=MEMBERS[to],
            points=points,
            reason="t",
            at=self.now,
        )
        return outcome_of(made.sent, self.ids), outcome_of(made.received, self.ids)

    def expire(self, limit: int) -> Outcome:
        operations.expire_holds(at=self.now)
        assert operations.expire_holds(at=self.now) == (0, 0)
        operations.close_due_pending(at=self.now)
        assert operations.close_due_pending(at=self.now) == (0, 0)
        expiry.expire_all(at=self.now, limit=limit)
        assert expiry.expire_lots(at=self.now) == (0, 0)
        expired = {(programme, member): points for programme, member, points in rows(_EXPIRED)}
        return "done", [expired.get(self.key(where), 0) for where in ACCOUNTS]

    def expire_lot(self, deed: int) -> Outcome:
        ((programme_id, member_id),) = rows(
            "SELECT a.programme_id, a.member_id FROM points_transaction t JOIN account a ON a.id = t.account_id"
            " WHERE t.id = %s",
            [self.ids[deed]],
        )
        command = Posting(
            kind=Kind.EXPIRED, programme_id=programme_id, member_id=member_id, points=0, lots=(self.ids[deed],)
        )
        operations.post_one(command, at=self.now)
        return ("done",)

    def posted(self, transaction_id: UUID | None) -> Outcome:
        """What an approval posted, read back."""
        assert transaction_id
        self.ids.append(transaction_id)
        found = rows("SELECT change FROM points_transaction WHERE id = %s", [transaction_id])
        return "done", found[0][0]
