"""What is answered about pending points."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from points.ledger.api.answers.transactions import TransactionAnswer
from points.ledger.rules import pending as rules
from points.ledger.rules.values import Pending, PendingState
from shared.http.times import Instant


class PendingAnswer(serializers.Serializer[Any]):
    """Points that were earned and wait; it has the id of the transaction that earned them.

    They are activated at `activates_at`, or at `on_event` and cancelled at `deadline`. `remaining` is what returns have
    left of them, `activated` how many became available.
    """

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=[state.value for state in PendingState])
    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    remaining = serializers.IntegerField()
    activated = serializers.IntegerField()
    reference = serializers.CharField()
    activates_at = Instant(allow_null=True)
    on_event = serializers.CharField(allow_null=True)
    deadline = Instant(allow_null=True)
    expires_at = Instant(allow_null=True)
    created_at = Instant()
    closed_at = Instant(allow_null=True)
    closed_by = serializers.UUIDField(allow_null=True)

    class Meta:
        ref_name = "Pending"


class ActivationsAnswer(serializers.Serializer[Any]):
    """The transactions that an event activated points by; none where nothing waited for it."""

    activated = TransactionAnswer(many=True)

    class Meta:
        ref_name = "Activations"


def pending_json(found: Pending, *, at: datetime) -> dict[str, Any]:
    """Return pending points as they are answered; they close when their time comes, whether or not the job has run."""
    state, waits = rules.state_of(found, at=at), bool(found.on_event)
    due = found.remaining if rules.is_due(found, at=at) else 0
    return {
        "id": found.id,
        "state": state,
        "member_id": found.member_id,
        "programme": found.programme_id,
        "points": found.points,
        "remaining": found.remaining - due,
        "activated": due if due and not waits else found.activated,
        "reference": found.reference,
        "activates_at": None if waits else found.due_at,
        "on_event": found.on_event or None,
        "deadline": found.due_at if waits else None,
        "expires_at": found.expires_at,
        "created_at": found.created_at,
        "closed_at": found.due_at if due else found.closed_at,
        "closed_by": found.closed_by,
    }
