"""What is answered about why purchases and events earned what they did."""

from typing import Any

from rest_framework import serializers

from points.earning.api.answers.simulations import ByRulesAnswer, by_rules_json
from points.earning.explanations import Explained
from points.earning.rules.postings import Together
from points.events.api.answers import EventAnswer, event_json
from points.programmes.rules import Programme
from points.statements.queries.explanations import EarningProvenance
from points.statements.queries.provenance import Earned


class RuleAnswer(serializers.Serializer[Any]):
    """What a purchase earned, and the programme's terms as they are now: `earn_points` for each `earn_amount`.

    `rules_version` is the version of its rules that judged the purchase, where one did in place of these terms. Budgets
    `cut` so many points of what these gave, which was `points` and `cut` together; `budget` is the last that did. `cut`
    is null where rules judged it, of which each says it, and of purchases that were noted before it was kept.
    """

    payment_id = serializers.UUIDField()
    amount = serializers.IntegerField()
    currency = serializers.CharField()
    points = serializers.IntegerField()
    returned = serializers.IntegerField()
    points_returned = serializers.IntegerField()
    earn_points = serializers.IntegerField()
    earn_amount = serializers.IntegerField()
    rules_version = serializers.IntegerField(allow_null=True)
    budget = serializers.CharField(allow_null=True)
    cut = serializers.IntegerField(allow_null=True)

    class Meta:
        ref_name = "EarningRule"


class TogetherAnswer(serializers.Serializer[Any]):
    """Points of a purchase or an event that wait and end alike: those of these rules add up to their transaction."""

    transaction_id = serializers.UUIDField()
    points = serializers.IntegerField()
    rules = serializers.ListField(child=serializers.CharField())

    class Meta:
        ref_name = "EarnedTogether"


class ExplainedByRulesAnswer(ByRulesAnswer):
    """What rules gave a purchase or an event; `transactions` are those by which it came, and add up to `points`."""

    transactions = TogetherAnswer(many=True)

    class Meta:
        ref_name = "ByRules"


class EarningExplanationAnswer(serializers.Serializer[Any]):
    """Why a purchase or an event earned its `points`, or nothing.

    `by_rules` has all rules that were looked at, met or not, where a version judged it; else `no_points_reason` or the
    programme's terms in `rule` say why. Who is neither its member nor may see anybody's is told no condition that asks
    what the programme knows of the member, and no `attributes_version`.
    """

    points = serializers.IntegerField()
    no_points_reason = serializers.CharField(allow_null=True)
    rule = RuleAnswer(allow_null=True)
    event = EventAnswer(allow_null=True)
    by_rules = ExplainedByRulesAnswer(allow_null=True)
    attributes_version = serializers.IntegerField(allow_null=True)

    class Meta:
        ref_name = "EarningExplanation"


def earning_provenance_json(provenance: EarningProvenance, *, programme: Programme | None) -> dict[str, Any]:
    """Return why a purchase or an event earned what it did as it is answered."""
    by_rules = provenance.by_rules
    return {
        "points": provenance.points,
        "no_points_reason": provenance.no_points_reason,
        "rule": rule_json(provenance.purchase, programme) if programme else None,
        "event": event_json(provenance.event) if provenance.event else None,
        "by_rules": by_rules_answered(by_rules, programme) if by_rules and programme else None,
        "attributes_version": by_rules and by_rules.attributes_version,
    }


def rule_json(earned: Earned | None, programme: Programme) -> dict[str, Any] | None:
    """Return the purchase behind an earning, and the programme's terms, as they are answered."""
    if earned is None:
        return None
    facts = earned._asdict()
    del facts["transaction_id"]
    terms = {"earn_points": programme.earn_points, "earn_amount": programme.earn_amount}
    return facts | terms | {"currency": programme.currency}


def by_rules_answered(explained: Explained, programme: Programme) -> dict[str, Any]:
    """Return what rules gave, why, and by which transactions, as it is answered."""
    version, rounding, found, together, _ = explained
    said = by_rules_json(found, version=version, rounding=rounding, currency=programme.currency)
    return said | {"transactions": [_together_json(one) for one in together]}


def _together_json(one: Together) -> dict[str, Any]:
    rules = [rule.rule_id for rule in one.rules]
    return {"transaction_id": one.transaction_id, "points": one.points, "rules": rules}
