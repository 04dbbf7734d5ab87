"""What is answered about statements and forecasts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from points.ledger.api.answers.balances import ExpiringAnswer
from points.ledger.api.answers.transactions import LotPartAnswer
from points.ledger.rules.values import Kind
from points.programmes.rules import Programme
from points.statements.api.answers.explanations import CauseAnswer
from points.statements.rules import Forecast
from shared.http.times import Instant


class EndingAnswer(serializers.Serializer[Any]):
    """Points whose last day is in one month, written as its first day."""

    month = serializers.DateField()
    points = serializers.IntegerField()
    lots = serializers.IntegerField()

    class Meta:
        ref_name = "Ending"


class ForecastAnswer(serializers.Serializer[Any]):
    """`total`, which can be spent now, is what ends in `months`, `later` and `never`."""

    programme = serializers.UUIDField()
    member_id = serializers.UUIDField(allow_null=True)
    timezone = serializers.CharField()
    as_of = Instant()
    months = EndingAnswer(many=True)
    later = serializers.IntegerField()
    never = serializers.IntegerField()
    total = serializers.IntegerField()

    class Meta:
        ref_name = "ExpiryForecast"


class StatementAccountAnswer(serializers.Serializer[Any]):
    """The member's buckets at one end of a statement."""

    balance = serializers.IntegerField()
    held = serializers.IntegerField()
    pending = serializers.IntegerField()
    deficit = serializers.IntegerField()

    class Meta:
        ref_name = "StatementAccount"


class StatementPartAnswer(LotPartAnswer):
    """What a line did to a lot, and the transaction that had opened it."""

    came_from = CauseAnswer(allow_null=True)

    class Meta:
        ref_name = "StatementPart"


class StatementLineAnswer(serializers.Serializer[Any]):
    """A transaction; `balance` is the one before it and `change`."""

    transaction_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    reason = serializers.CharField()
    reference = serializers.CharField(allow_blank=True)
    occurred_at = Instant()
    created_at = Instant()
    change = serializers.IntegerField()
    balance = serializers.IntegerField()
    lots = StatementPartAnswer(many=True)

    class Meta:
        ref_name = "StatementLine"


class StatementAnswer(serializers.Serializer[Any]):
    """The opening balance, what `came` and what `went` make the closing balance."""

    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    programme_name = serializers.CharField()
    timezone = serializers.CharField()
    to = serializers.DateField()
    as_of = Instant()
    opening = StatementAccountAnswer()
    came = serializers.IntegerField()
    went = serializers.IntegerField()
    closing = StatementAccountAnswer()
    lines = StatementLineAnswer(many=True)
    expiring = ExpiringAnswer(many=True)

    class Meta:
        ref_name = "Statement"

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which Python does not take as a name."""
        return super().get_fields() | {"from": serializers.DateField()}


def forecast_json(found: Forecast, programme: Programme, *, member_id: UUID | None, at: datetime) -> dict[str, Any]:
    """Return a forecast as it is answered."""
    return {
        "programme": programme.id,
        "member_id": member_id,
        "timezone": programme.timezone,
        "as_of": at,
        "months": [{"month": str(one.month), "points": one.points, "lots": one.lots} for one in found.months],
        "later": found.later,
        "never": found.never,
        "total": found.total,
    }
