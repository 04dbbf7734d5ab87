"""What requests about expiry runs must look like, and how their answers do."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from points.ledger.api.bodies import Instant
from points.ledger.expiry_runs import STATES, pace
from points.ledger.models import ExpiryRun
from shared.http.fields import Body, Identifier

_FACTS = ("requested_by", "created_at", "started_at", "finished_at")


class NewExpiryRun(Body):
    """What is to expire: the lots whose time had passed at `as_of` (now where left out, and never later), of one
    programme, or of all where it is left out."""

    as_of = Instant(required=False)
    programme = Identifier(required=False)


class ExpiryRunAnswer(serializers.Serializer[Any]):
    """An expiry run: `total` lots were due when it was asked for, and it ended `done` of them, with so many `points`.

    Lots that others end meanwhile are in `total` and never in `done`. `rate` is in lots per second, `eta_seconds` how
    long the rest will take at that rate; null before the first chunk and when finished. `programme` is null for all,
    `requested_by` where the periodic job began it; `error` says why it failed.
    """

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=STATES)
    as_of = Instant()
    programme = serializers.UUIDField(allow_null=True)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    points = serializers.IntegerField()
    rate = serializers.IntegerField()
    eta_seconds = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    requested_by = serializers.UUIDField(allow_null=True)
    created_at = Instant()
    started_at = Instant(allow_null=True)
    finished_at = Instant(allow_null=True)

    class Meta:
        ref_name = "ExpiryRun"


class ExpiryRunPage(serializers.Serializer[Any]):
    """One page of expiry runs, the newest first."""

    results = ExpiryRunAnswer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


def expiry_run_json(run: ExpiryRun, *, at: datetime) -> dict[str, Any]:
    """Return an expiry run as it is answered."""
    rate, eta_seconds = pace(run, at=at)
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
