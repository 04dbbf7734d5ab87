"""How answers about backtests look."""

from datetime import datetime
from typing import Any

import msgspec
from rest_framework import serializers

from points.backtests.models import Backtest
from points.backtests.queries import STATES
from points.backtests.rules import Changed, RuleSum, Sums, Terms
from points.earning.rules import Trigger
from shared.http.pages import page_of
from shared.http.times import Instant
from shared.jobs.progress import pace

# What is noted as an event.
_TRIGGERS = (Trigger.EVENT, Trigger.REGISTRATION, Trigger.BIRTHDAY)
_FACTS = ("requested_by", "created_at", "started_at", "finished_at")


class CostAnswer(serializers.Serializer[Any]):
    """What points are worth, by the programme's words of when the backtest was asked for."""

    amount = serializers.IntegerField(help_text="minor units")
    currency = serializers.CharField()

    class Meta:
        ref_name = "BacktestCost"


class PointsAnswer(serializers.Serializer[Any]):
    """Points of all purchases and events: earned, less those that were taken back of them, and what these are worth."""

    earned = serializers.IntegerField()
    returned = serializers.IntegerField()
    points = serializers.IntegerField(help_text="what is left")
    cost = CostAnswer()

    class Meta:
        ref_name = "BacktestPoints"


class RuleGaveAnswer(serializers.Serializer[Any]):
    """What a rule would have given, and how many times."""

    rule_id = serializers.CharField()
    times = serializers.IntegerField(help_text="purchases or events that it gave points")
    earned = serializers.IntegerField()
    returned = serializers.IntegerField()
    points = serializers.IntegerField()

    class Meta:
        ref_name = "BacktestRule"


class ChangeAnswer(serializers.Serializer[Any]):
    """A member whose points would be others: by how many, those by the rules, and those that it really got."""

    member_id = serializers.UUIDField()
    change = serializers.IntegerField()
    points = serializers.IntegerField()
    points_then = serializers.IntegerField()

    class Meta:
        ref_name = "BacktestChange"


class MembersAnswer(serializers.Serializer[Any]):
    """How many members would have more points, fewer, and as many, and the twenty whose points change most."""

    count = serializers.IntegerField()
    winners = serializers.IntegerField()
    losers = serializers.IntegerField()
    same = serializers.IntegerField()
    gained = serializers.IntegerField(help_text="points that all winners together have more")
    lost = serializers.IntegerField(help_text="points that all losers together have fewer")
    largest_gains = ChangeAnswer(many=True)
    largest_losses = ChangeAnswer(many=True)

    class Meta:
        ref_name = "BacktestMembers"


class UnsureAnswer(serializers.Serializer[Any]):
    """A field that rules asked, and how many times it was not kept what was there then: today's value counts, or it is
    missing."""

    field = serializers.CharField()
    times = serializers.IntegerField(help_text="purchases or events")

    class Meta:
        ref_name = "BacktestUnsure"


class ReplayedAnswer(serializers.Serializer[Any]):
    """What was played back: `done` of them together."""

    purchases = serializers.IntegerField()
    events = serializers.IntegerField(help_text="those that were told")
    registrations = serializers.IntegerField()
    birthdays = serializers.IntegerField()

    class Meta:
        ref_name = "BacktestReplayed"


class ResultAnswer(serializers.Serializer[Any]):
    """What came out: by the rules (`tried`), and what the same purchases and events really earned (`then`)."""

    replayed = ReplayedAnswer()
    tried = PointsAnswer()
    then = PointsAnswer()
    rules = RuleGaveAnswer(many=True)
    members = MembersAnswer()
    too_many_points = serializers.IntegerField(
        help_text="purchases and events that would earn more than the programme lets one earn, and so earn nothing"
    )
    unsure = UnsureAnswer(many=True)

    class Meta:
        ref_name = "BacktestResult"


class BacktestAnswer(serializers.Serializer[Any]):
    """A backtest and how far it is; `result` is null until it is done."""

    id = serializers.UUIDField()
    programme = serializers.UUIDField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=STATES)

    def get_fields(self) -> dict[str, Any]:
        """Add `from` and `to`, which Python does not take as names."""
        return super().get_fields() | {"from": Instant(), "to": Instant()}

    done = serializers.IntegerField(help_text="purchases and events")
    total = serializers.IntegerField(
        allow_null=True, help_text="purchases and events that were noted when it began; null before the first chunk"
    )
    rate = serializers.IntegerField(help_text="purchases and events per second")
    eta_seconds = serializers.IntegerField(
        allow_null=True, help_text="until it is done, at this rate; null before the first chunk and when finished"
    )
    error = serializers.CharField(allow_null=True, help_text="the code of the refusal that it failed by")
    requested_by = serializers.UUIDField()
    created_at = Instant()
    started_at = Instant(allow_null=True)
    finished_at = Instant(allow_null=True)
    result = ResultAnswer(allow_null=True)

    class Meta:
        ref_name = "Backtest"


BacktestPage = page_of(BacktestAnswer)


def backtest_json(row: Backtest, *, version: int, at: datetime) -> dict[str, Any]:
    """Return a backtest of a version as it is answered."""
    rate, eta_seconds = pace(row, total=row.total or 0, at=at)
    return {
        "id": row.id,
        "programme": row.programme_id,
        "version": version,
        "state": row.state,
        "from": row.starts_at,
        "to": row.ends_at,
        "done": row.done,
        "total": row.total,
        "rate": rate,
        "eta_seconds": eta_seconds,
        "error": row.error or None,
        **{name: getattr(row, name) for name in _FACTS},
        "result": _result(row) if row.state == "done" else None,
    }


def _result(row: Backtest) -> dict[str, Any]:
    sums, terms = msgspec.convert(row.sums, Sums), msgspec.convert(row.terms, Terms)
    return {
        "replayed": _replayed(sums),
        "tried": _points(sums.points, sums.returned, terms),
        "then": _points(sums.then, sums.returned_then, terms),
        "rules": [_rule(rule_id, sums.rules.get(rule_id, RuleSum())) for rule_id in terms.rule_ids],
        "members": _members(sums),
        "too_many_points": sums.refused,
        "unsure": [{"field": name, "times": count} for name, count in sorted(sums.unsure.items())],
    }


def _replayed(sums: Sums) -> dict[str, int]:
    return {"purchases": sums.purchases} | {f"{trigger}s": sums.events.get(trigger, 0) for trigger in _TRIGGERS}


def _points(earned: int, returned: int, terms: Terms) -> dict[str, Any]:
    left = earned - returned
    cost = {"amount": terms.cost_of(left), "currency": terms.currency}
    return {"earned": earned, "returned": returned, "points": left, "cost": cost}


def _rule(rule_id: str, one: RuleSum) -> dict[str, Any]:
    numbers = {"times": one.times, "earned": one.points, "returned": one.returned}
    return {"rule_id": rule_id, **numbers, "points": one.points - one.returned}


def _members(sums: Sums) -> dict[str, Any]:
    return {
        "count": sums.members,
        "winners": sums.winners,
        "losers": sums.losers,
        "same": sums.members - sums.winners - sums.losers,
        "gained": sums.gained,
        "lost": sums.lost,
        "largest_gains": [_change(one) for one in sums.largest_gains],
        "largest_losses": [_change(one) for one in sums.largest_losses],
    }


def _change(one: Changed) -> dict[str, Any]:
    return {"member_id": one.member_id, "change": one.change, "points": one.points, "points_then": one.then}
