"""How answers about imports look."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from points.imports.models import PASSES, STATES, Import, ImportRun
from points.imports.rules.plan import plan_from
from points.imports.rules.tallies import Tally
from shared.http.pages import page_of
from shared.money import Money

UNKNOWN_MEMBERS = (
    "accepted rows of members who never registered; 0 of earnings where the programme's `unknown_members` is `refuse`: "
    "those rows are among `refused` (`members.unknown`)"
)


class PassAnswer(serializers.Serializer[Any]):
    """A pass over the file: how far it is, and what its rows came to.

    Each row was accepted, `known` (posted before), `refused` (why, says `refused_by_code`), too small for a point
    (`earns_nothing`) or `left_out`. `points` is what accepted rows add less what they take, `amount` the money that
    earned; `already_expired` points had ended before they came, those of rows left out too. `unknown_members` are
    accepted rows of members who never registered. `rate` is in rows per
    second since the first, `eta_seconds` how long the rest will take at that rate; null when finished.
    """

    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    bytes_read = serializers.IntegerField()
    rows = serializers.IntegerField()
    accepted = serializers.IntegerField()
    known = serializers.IntegerField()
    refused = serializers.IntegerField()
    refused_by_code = serializers.DictField(child=serializers.IntegerField())
    earns_nothing = serializers.IntegerField()
    left_out = serializers.IntegerField()
    earned_rows = serializers.IntegerField()
    redeemed_rows = serializers.IntegerField()
    adjusted_rows = serializers.IntegerField()
    already_expired_rows = serializers.IntegerField()
    already_expired = serializers.IntegerField()
    earned = serializers.IntegerField()
    redeemed = serializers.IntegerField()
    added = serializers.IntegerField()
    deducted = serializers.IntegerField()
    points = serializers.IntegerField()
    amount = serializers.JSONField()
    unknown_members = serializers.IntegerField(help_text=UNKNOWN_MEMBERS)
    members = serializers.IntegerField(allow_null=True)
    rate = serializers.IntegerField()
    eta_seconds = serializers.IntegerField(allow_null=True)

    class Meta:
        ref_name = "ImportPass"


class ImportAnswer(serializers.Serializer[Any]):
    """A file of postings and what became of it; `bytes` were uploaded so far, and `error` says why it failed.

    A commit that expects totals has a `rehearsal` before it: posted is what it came to, or nothing. Where a later chunk
    comes to something else, or the import is cancelled, a `reversal` undoes the chunks that were posted (`reversing`):
    its accepted rows are reversed, known ones had come to nothing before, refused ones stay posted.
    """

    id = serializers.UUIDField()
    name = serializers.CharField()
    programme = serializers.UUIDField()
    state = serializers.ChoiceField(choices=STATES)
    bytes = serializers.IntegerField()
    mapping = serializers.JSONField()
    error = serializers.JSONField(allow_null=True)
    validation = PassAnswer(allow_null=True)
    rehearsal = PassAnswer(allow_null=True)
    commit = PassAnswer(allow_null=True)
    reversal = PassAnswer(allow_null=True)
    created_by = serializers.UUIDField()
    committed_by = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "Import"


ImportPage = page_of(ImportAnswer)


def import_json(found: Import, runs: Mapping[tuple[UUID, str], ImportRun], *, at: datetime) -> dict[str, Any]:
    """Return an import as it is answered."""
    of_this = {kind: run for kind in PASSES if (run := runs.get((found.id, kind)))}
    sizes = {"reversal": of_this["commit"].position} if "commit" in of_this else {}
    passes = {
        kind: run_json(found, of_this[kind], size=sizes.get(kind, found.bytes), at=at) if kind in of_this else None
        for kind in PASSES
    }
    return {
        "id": found.id,
        "name": found.name,
        "programme": found.programme_id,
        "state": found.state,
        "bytes": found.bytes,
        "mapping": {name: value for name, value in found.plan.items() if name != "may"},
        "error": found.error,
        **passes,
        "created_by": found.created_by,
        "committed_by": found.committed_by,
        "created_at": found.created_at,
        "finished_at": found.finished_at,
    }


def run_json(found: Import, run: ImportRun, *, size: int, at: datetime) -> dict[str, Any]:
    """Return a pass over so many bytes of a file as it is answered."""
    counts = Tally.of(run)
    ended_at = run.finished_at or found.finished_at
    seconds = ((ended_at or at) - run.started_at).total_seconds()
    left = size - run.position
    is_running = ended_at is None and run.position > 0
    return {
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "bytes_read": run.position,
        **dict(counts.items()),
        "refused_by_code": run.refused_by_code,
        "points": counts.points,
        "amount": Money(run.amount, plan_from(found.plan).currency),
        "unknown_members": run.unknown_members,
        "members": run.members,
        "rate": round(run.rows / seconds) if seconds > 0 else 0,
        "eta_seconds": round(seconds * left / run.position) if is_running else None,
    }
