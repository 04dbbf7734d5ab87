"""Why each rule that was looked at is met or not: what its conditions asked, and what was there."""

from collections.abc import Iterator

from msgspec import Struct

from points.earning.rules.conditions import Explained, explained
from points.earning.rules.engine.looking import ReadyRules
from points.earning.rules.facts import Facts
from points.earning.rules.rule import Rule


class RuleExplained(Struct, frozen=True):
    """A rule's condition, and its condition of lines for each line that may meet one, with the line's id."""

    rule_id: str
    condition: Explained | None
    lines: tuple[tuple[str, Explained], ...]


def explanations(rules: ReadyRules, facts: Facts) -> tuple[RuleExplained, ...]:
    """Return an explanation of each rule that `evaluate` looks at, in the same order.

    That a rule is for first purchases only is told by the outcome.
    """
    return tuple(_explained(one.rule, facts) for one in rules.by_trigger.get(facts.trigger, ()))


def _explained(rule: Rule, facts: Facts) -> RuleExplained:
    condition = explained(rule.condition, facts.values) if rule.condition else None
    return RuleExplained(rule.id, condition, tuple(_lines(rule, facts)))


def _lines(rule: Rule, facts: Facts) -> Iterator[tuple[str, Explained]]:
    for line in facts.lines:
        if rule.lines and line.values is not None:
            yield line.line_id, explained(rule.lines, line.values)
