"""What is answered about the test clock."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from rest_framework import serializers

from payments.sandbox import queries
from payments.sandbox.models import DONE, ClockMove
from payments.sandbox.rules import not_quiet
from shared.contracts.routes import SERVICES


class HappenedAnswer(serializers.Serializer[Any]):
    """So many things of a kind, at an instant."""

    at = serializers.DateTimeField()
    service = serializers.CharField()
    kind = serializers.CharField()
    count = serializers.IntegerField()


class NotQuietAnswer(serializers.Serializer[Any]):
    """Whom a move waits for: `no_answer`, or its `messages_under_way`."""

    service = serializers.CharField()
    reason = serializers.ChoiceField(choices=["no_answer", "messages_under_way"])


class ClockMoveAnswer(serializers.Serializer[Any]):
    """A move of the installation's time: how far it is, and what it brought about."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["moving", "done"])
    since = serializers.DateTimeField()
    target = serializers.DateTimeField()
    at = serializers.DateTimeField()
    happened = HappenedAnswer(many=True)
    not_quiet = NotQuietAnswer(many=True)


class ClockAnswer(serializers.Serializer[Any]):
    """The installation's time, the machine's, and the last move."""

    now = serializers.DateTimeField()
    machine_now = serializers.DateTimeField()
    move = ClockMoveAnswer(allow_null=True)


def move_json(move: ClockMove) -> dict[str, Any]:
    """Return a move as it is answered."""
    last = queries.answers(move, move.number)
    waited_for = [] if move.state == DONE else not_quiet(last, SERVICES)
    return {
        **{name: getattr(move, name) for name in ("id", "state", "since", "target", "at")},
        "happened": [asdict(one) for one in queries.happened(move)],
        "not_quiet": [{"service": service, "reason": reason} for service, reason in waited_for],
    }


def clock_json(*, now: datetime, machine_now: datetime) -> dict[str, Any]:
    """Return the test clock as it is answered."""
    move = queries.last_move()
    return {"now": now, "machine_now": machine_now, "move": move and move_json(move)}
