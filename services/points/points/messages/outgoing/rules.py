"""From rules to the messages that publish them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from points.earning.rules import Rule, Span, effect_in_words, end_of, span_of
from shared.contracts import rules as contracts


def rule_changed(
    row: Any, rules: Sequence[Rule], spans: Sequence[Span], *, currency: str, at: datetime
) -> contracts.RuleChanged:
    """Return the message that a version of a programme's rules was activated, or that its end moved."""
    return contracts.RuleChanged(
        programme_id=row.programme_id,
        version=row.version,
        starts_at=row.starts_at,
        ends_at=end_of(span_of(row), spans),
        rules=[_named(rule, currency) for rule in rules],
        changed_at=at,
    )


def _named(rule: Rule, currency: str) -> contracts.RuleName:
    effect = effect_in_words(rule, currency=currency)
    return contracts.RuleName(id=rule.id, name=rule.name, trigger=rule.trigger.value, effect=effect)
