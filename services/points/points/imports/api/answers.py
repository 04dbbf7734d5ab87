"""How answers about imports look."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from points.imports.models import STATES, Import, ImportRun
from points.imports.rules.plan import plan_from
from shared.http.pages import page_of
from shared.money import Money

_COUNTS = ("rows", "accepted", "known", "refused", "earned_rows", "redeemed_rows", "adjusted_rows")
_POINTS = ("earned", "redeemed", "added", "deducted")


class PassAnswer(serializers.Serializer[Any]):
    """A pass over the file: how far it is, and what its rows came to.

    `known` rows were posted before. `points` is what accepted rows add less what they take, `amount` the money that
    earned. `rate` is in rows per second, `eta_seconds` how long the rest will take at that rate; null when finished.
    """

    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    bytes_read = serializers.IntegerField()
    rows = serializers.IntegerField()
    accepted = serializers.IntegerField()
    known = serializers.IntegerField()
    refused = serializers.IntegerField()
    earned_rows = serializers.IntegerField()
    redeemed_rows = serializers.IntegerField()
    adjusted_rows = serializers.IntegerField()
    earned = serializers.IntegerField()
    redeemed = serializers.IntegerField()
    added = serializers.IntegerField()
    deducted = serializers.IntegerField()
    points = serializers.IntegerField()
    amount = serializers.JSONField()
    members = serializers.IntegerField(allow_null=True)
    rate = serializers.IntegerField()
    eta_seconds = serializers.IntegerField(allow_null=True)

    class Meta:
        ref_name = "ImportPass"


class ImportAnswer(serializers.Serializer[Any]):
    """A file of postings and what became of it; `bytes` were uploaded so far, and `error` says why it failed."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    programme = serializers.UUIDField()
    state = serializers.ChoiceField(choices=STATES)
    bytes = serializers.IntegerField()
    mapping = serializers.JSONField()
    error = serializers.JSONField(allow_null=True)
    validation = PassAnswer(allow_null=True)
    commit = PassAnswer(allow_null=True)
    created_by = serializers.UUIDField()
    committed_by = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "Import"


ImportPage = page_of(ImportAnswer)


def import_json(found: Import, runs: Mapping[tuple[UUID, str], ImportRun], *, at: datetime) -> dict[str, Any]:
    """Return an import as it is answered."""
    passes = {
        kind: run_json(found, run, at=at) if (run := runs.get((found.id, kind))) else None
        for kind in ("validation", "commit")
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


def run_json(found: Import, run: ImportRun, *, at: datetime) -> dict[str, Any]:
    """Return a pass over a file as it is answered."""
    ended_at = run.finished_at or found.finished_at
    seconds = ((ended_at or at) - run.started_at).total_seconds()
    left = found.bytes - run.position
    is_running = ended_at is None and run.position > 0
    return {
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "bytes_read": run.position,
        **{name: getattr(run, name) for name in (*_COUNTS, *_POINTS)},
        "points": run.earned + run.added - run.redeemed - run.deducted,
        "amount": Money(run.amount, plan_from(found.plan).currency),
        "members": run.members,
        "rate": round(run.rows / seconds) if seconds > 0 else 0,
        "eta_seconds": round(seconds * left / run.position) if is_running else None,
    }
