"""Backtesting in the background: a job whose chunks are members with all their purchases and events (shared.jobs)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from points.backtests import queries, rows
from points.backtests.errors import BacktestFinished, BacktestNotFound, TooManyBacktests
from points.backtests.locks import lock_backtest
from points.backtests.models import Backtest
from points.backtests.rules import Sums, Terms, Under, added, replayed, under
from points.earning.locks import lock_rules
from points.earning.models import RuleSet as StoredRules
from points.earning.queries import rules_in, schema_of, version
from points.earning.rules import IS_FIRST_PURCHASE, Rounding, RuleSet, Schema, fields_of, ready
from points.ledger.merges import aliases
from points.programmes.queries import programme
from points.segments.queries.segments import known_of
from points.segments.rules.members import asked_of_members, said_of
from shared.contracts.rules import BacktestPurchases
from shared.db import unit_of_work
from shared.jobs.runner import Job
from shared.jobs.slices import enqueue_next

CHUNK = 10_000
_MOVING = (
    "reach", "total", "done", "chunk", "reached", "sums", "state", "error", "started_at", "finished_at",
)  # fmt: skip
MOST_OPEN = 5


class _Backtests(Job[Backtest]):
    not_found, has_ended = BacktestNotFound, BacktestFinished

    def locked(self, job_id: UUID) -> Backtest | None:
        return lock_backtest(job_id)

    def keep(self, row: Backtest) -> None:
        row.save(update_fields=_MOVING)

    def message(self, row: Backtest) -> BacktestPurchases:
        return BacktestPurchases(backtest_id=row.id, chunk=row.chunk)

    def overlaps(self, row: Backtest) -> bool:
        return True

    def work(self, row: Backtest, *, at: datetime) -> Iterator[bool]:
        if not row.reach:
            rows.begin(row)
        chunk = rows.next_chunk(row, limit=CHUNK)
        tried = _under(row)
        earlier = _who_bought_earlier(row, tried, chunk.members)
        today = _known_today(row, tried, chunk.members)
        row.done += chunk.size
        row.reached = chunk.window.until
        # The next chunk reads, while this one reckons; what came out before it is there by then.
        yield chunk.window.is_more
        sums = msgspec.convert(queries.sums(row.id), Sums)
        for who, bought, told in rows.by_member(chunk):
            known = today.get(who, {})
            added(sums, who, replayed(bought, told, tried, has_bought=who in earlier, today=known))
        row.sums = msgspec.to_builtins(sums)


BACKTESTS = _Backtests()


def _under(row: Backtest) -> Under:
    terms, fields = msgspec.convert(row.terms, Terms), fields_of(msgspec.convert(row.schema, Schema))
    asked = ready(rules_in(row.document, fields))
    said: dict[str, Any] = {"timezone": terms.timezone, "max_points": terms.max_points}
    return under(asked, fields, asked_then=queries.asked_by(row.programme_id), rounding=terms.rounding, **said)


def _who_bought_earlier(row: Backtest, tried: Under, members: list[UUID]) -> set[UUID]:
    is_asked = IS_FIRST_PURCHASE in tried.needs.fields
    return rows.who_bought_earlier(row, members) if is_asked and members else set()


def _known_today(row: Backtest, tried: Under, members: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what rules ask of members as it is known now, of whoever they are by merges."""
    asked = asked_of_members(tried.needs)
    if not (members and asked):
        return {}
    persons = dict(zip(members, members, strict=True)) | aliases(members)
    known = known_of(row.programme_id, set(persons.values()), asked)
    return {who: said_of(known[now], tried.fields, tried.needs) for who, now in persons.items()}


def start_backtest(
    programme_id: UUID, number: int, *, starts_at: datetime, ends_at: datetime, requested_by: UUID, at: datetime
) -> Backtest:
    """Ask what a version of a programme's rules would have given for the purchases and events from one instant until
    before another; it is found out in the background.

    :raises ProgrammeNotFound, VersionNotFound: there is none.
    :raises RulesRefused: a draft that was put away says no rules any more.
    :raises TooManyBacktests: as many go on as may.
    """
    with unit_of_work():
        lock_rules(programme_id)
        rule_set = version(programme_id, number)
        if queries.count_open(programme_id) >= MOST_OPEN:
            raise TooManyBacktests(most=MOST_OPEN)
        schema = schema_of(rule_set)
        row = Backtest.objects.create(
            rule_set=rule_set,
            programme_id=programme_id,
            document=rule_set.document,
            schema=msgspec.to_builtins(schema),
            starts_at=starts_at,
            ends_at=ends_at,
            terms=msgspec.to_builtins(_terms(rule_set, rules_in(rule_set.document, fields_of(schema)))),
            sums=msgspec.to_builtins(Sums()),
            requested_by=requested_by,
            created_at=at,
        )
        enqueue_next(BACKTESTS.message(row), at=at)
        return row


def _terms(rule_set: StoredRules, rules: RuleSet) -> Terms:
    found = programme(rule_set.programme_id)
    return Terms(
        rule_ids=tuple(rule.id for rule in rules.rules),
        rounding=Rounding(rule_set.rounding or found.rounding),
        timezone=found.timezone,
        currency=found.currency,
        value_points=found.value_points,
        value_amount=found.value_amount,
        max_points=found.max_points_per_purchase,
    )
