"""How answers about expiry runs look."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from points.expiry.models import ExpiryRun
from points.expiry.rows.expiry_runs import STATES
from shared.http.pages import page_of
from shared.http.times import Instant
from shared.jobs.progress import pace

_FACTS = ("requested_by", "created_at", "started_at", "finished_at")


class ExpiryRunAnswer(serializers.Serializer[Any]):
    """An expiry run and how far it is; lots that others end meanwhile are in `total` and never in `done`."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=STATES)
    as_of = Instant(help_text="the lots whose time had passed then are meant")
    programme = serializers.UUIDField(allow_null=True, help_text="null: all programmes")
    done = serializers.IntegerField(help_text="lots that this run ended")
    total = serializers.IntegerField(help_text="lots that were due when it was asked for")
    points = serializers.IntegerField(help_text="points of the lots that it ended")
    rate = serializers.IntegerField(help_text="lots per second")
    eta_seconds = serializers.IntegerField(
        allow_null=True, help_text="until it is done, at this rate; null before the first chunk and when finished"
    )
    error = serializers.CharField(allow_null=True, help_text="the code of the refusal that it failed by")
    requested_by = serializers.UUIDField(allow_null=True, help_text="null: the periodic job began it")
    created_at = Instant()
    started_at = Instant(allow_null=True)
    finished_at = Instant(allow_null=True)

    class Meta:
        ref_name = "ExpiryRun"


ExpiryRunPage = page_of(ExpiryRunAnswer)


def expiry_run_json(run: ExpiryRun, *, at: datetime) -> dict[str, Any]:
    """Return an expiry run as it is answered."""
    rate, eta_seconds = pace(run, total=run.total, at=at)
    return {
        "id": run.id,
        "state": run.state,
        "as_of": run.as_of,
        "programme": run.programme_id,
        "done": run.done,
        "total": run.total,
        "points": run.points,
        "rate": rate,
        "eta_seconds": eta_seconds,
        "error": run.error or None,
        **{name: getattr(run, name) for name in _FACTS},
    }
