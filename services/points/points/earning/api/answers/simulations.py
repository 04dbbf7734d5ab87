"""What is answered about a purchase that was tried."""

from datetime import datetime
from typing import Any

import msgspec
from rest_framework import serializers

from points.earning.api.fields import Explanation
from points.earning.rules import Counter, Given, Rounding, Rule, RuleExplained, RuleOutcome, rule_in_words
from points.earning.rules.engine import Part, Why
from points.earning.simulations import LIMITS, Simulated
from points.programmes.api.fields import ExpiryPolicy
from points.programmes.rules import Programme


class SimulatedLineAnswer(serializers.Serializer[Any]):
    """A line with its points; `earning` is its part of the money that earns."""

    line_id = serializers.CharField()
    amount = serializers.IntegerField()
    quantity = serializers.IntegerField()
    earning = serializers.IntegerField()
    points = serializers.IntegerField()

    class Meta:
        ref_name = "SimulatedLine"


class LimitAnswer(serializers.Serializer[Any]):
    """A limit that took points, or had nothing left: what it counts, and in which period."""

    of = serializers.ChoiceField(choices=["uses", "points"])
    period = serializers.CharField()

    class Meta:
        ref_name = "RuleLimit"


class ExplainedLineAnswer(serializers.Serializer[Any]):
    """A rule's condition of lines, of one line."""

    line_id = serializers.CharField()
    condition = Explanation()

    class Meta:
        ref_name = "ExplainedLine"


class RuleOutcomeAnswer(serializers.Serializer[Any]):
    """What became of a rule that was looked at, and `why` it gave nothing.

    `exact` is what it gave before limits and rounding, as a whole number or a fraction; `limit` took `trimmed` points
    of it, and budgets `cut` of its whole points: `budget` is the last that did. `pending_days` and `lifetime` are its
    own, where it has them.
    """

    rule_id = serializers.CharField()
    name = serializers.CharField()
    sentence = serializers.CharField()
    is_met = serializers.BooleanField()
    why = serializers.ChoiceField(choices=[str(why) for why in Why], allow_null=True)
    points = serializers.IntegerField()
    exact = serializers.CharField()
    limit = LimitAnswer(allow_null=True)
    trimmed = serializers.IntegerField()
    budget = serializers.CharField(allow_null=True)
    cut = serializers.IntegerField()
    pending_days = serializers.IntegerField(allow_null=True)
    lifetime = ExpiryPolicy(allow_null=True)
    condition = Explanation(allow_null=True)
    lines = ExplainedLineAnswer(many=True)

    class Meta:
        ref_name = "RuleOutcome"


class GivenAnswer(serializers.Serializer[Any]):
    """Points of a rule on a line, on what no line has (`rest`), or `fixed`; a multiplier's are `of` the rule whose
    points it multiplied."""

    rule_id = serializers.CharField()
    of = serializers.CharField()
    part = serializers.ChoiceField(choices=[str(part) for part in Part])
    line_id = serializers.CharField(allow_null=True)
    points = serializers.IntegerField()

    class Meta:
        ref_name = "GivenPoints"


class ByRulesAnswer(serializers.Serializer[Any]):
    """What rules of a version gave. `points` is the sum of those of `rules`, of `given`, and of `lines`, `rest` and
    `fixed`."""

    version = serializers.IntegerField()
    rounding = serializers.ChoiceField(choices=[str(one) for one in Rounding])
    amount = serializers.IntegerField()
    points = serializers.IntegerField()
    lines = SimulatedLineAnswer(many=True)
    rest = serializers.IntegerField()
    fixed = serializers.IntegerField()
    rules = RuleOutcomeAnswer(many=True)
    given = GivenAnswer(many=True)

    class Meta:
        ref_name = "Judged"


class SimulationAnswer(ByRulesAnswer):
    """What a purchase or an event would earn; `version` is null where a document was tried.

    `limits` says how these were taken. With `too_many_points` the programme would refuse it: it gives fewer at once.
    """

    programme_id = serializers.UUIDField()
    version = serializers.IntegerField(allow_null=True)
    limits = serializers.ChoiceField(choices=LIMITS)
    too_many_points = serializers.BooleanField()
    at = serializers.DateTimeField()

    class Meta:
        ref_name = "Simulation"


def simulation_json(
    tried: Simulated, programme: Programme, *, version: int | None, rounding: Rounding, limits: str, at: datetime
) -> dict[str, Any]:
    """Return what a purchase would earn as it is answered."""
    found = by_rules_json(tried, version=version, rounding=rounding, currency=programme.currency)
    too_many = tried.outcome.points > programme.max_points_per_purchase
    return found | {"programme_id": programme.id, "limits": limits, "too_many_points": too_many, "at": at}


def by_rules_json(tried: Simulated, *, version: int | None, rounding: Rounding, currency: str) -> dict[str, Any]:
    """Return what rules gave, and why, as it is answered."""
    outcome = tried.outcome
    earning = dict(zip([line.line_id for line in outcome.lines], tried.parts, strict=False))
    return {
        "version": version,
        "rounding": str(rounding),
        "amount": outcome.amount,
        "points": outcome.points,
        "lines": [msgspec.structs.asdict(line) | {"earning": earning[line.line_id]} for line in outcome.lines],
        "rest": outcome.rest,
        "fixed": outcome.fixed,
        "rules": [_rule(*one, currency=currency) for one in tried.rules],
        "given": [given_json(one) for one in outcome.given],
    }


def _rule(rule: Rule, outcome: RuleOutcome, why: RuleExplained, *, currency: str) -> dict[str, Any]:
    return {
        "rule_id": rule.id,
        "name": rule.name,
        "sentence": rule_in_words(rule, currency=currency),
        "is_met": outcome.is_met,
        "why": outcome.why and str(outcome.why),
        "points": outcome.points,
        "exact": str(outcome.exact),
        "limit": _limit(outcome.limit),
        "trimmed": outcome.trimmed,
        "budget": outcome.budget,
        "cut": outcome.cut,
        "pending_days": outcome.pending_days,
        "lifetime": msgspec.to_builtins(outcome.lifetime),
        "condition": msgspec.to_builtins(why.condition),
        "lines": [{"line_id": line_id, "condition": msgspec.to_builtins(one)} for line_id, one in why.lines],
    }


def _limit(counter: Counter | None) -> dict[str, str] | None:
    return {"of": counter.of, "period": counter.period} if counter else None


def given_json(one: Given) -> dict[str, Any]:
    """Return points of a rule as they are answered."""
    return msgspec.structs.asdict(one) | {"part": str(one.part)}
