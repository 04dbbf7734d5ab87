"""Why rules gave what was kept of them: each rule that was looked at, what it asked, and what was there."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import structs

from points.earning.queries import ActiveRules
from points.earning.rules import (
    IS_FIRST_PURCHASE,
    Facts,
    Outcome,
    Rounding,
    RuleExplained,
    evaluate,
    explanations,
)
from points.earning.rules import Explained as Node
from points.earning.rules.postings import Together
from points.earning.simulations import Simulated
from points.segments.rules.members import ATTRIBUTES_VERSION


class Explained(NamedTuple):
    """An outcome as it was kept, with each rule that was looked at, what of its points came together, and the
    version of the member's attributes that rules were told, where one asked."""

    version: int
    rounding: Rounding
    judged: Simulated
    together: list[Together]
    attributes_version: int | None = None


def without_member(found: Explained) -> Explained:
    """Return why rules gave an outcome for who is not to know the member: without the conditions that ask what a
    programme knows of one."""
    rules = [(rule, outcome, _without_member(why)) for rule, outcome, why in found.judged.rules]
    return found._replace(judged=found.judged._replace(rules=rules), attributes_version=None)


def _without_member(why: RuleExplained) -> RuleExplained:
    return structs.replace(why, condition=None) if why.condition and _asks_member(why.condition) else why


def _asks_member(node: Node) -> bool:
    own = (node.field or "").startswith("member.") and node.field != IS_FIRST_PURCHASE
    return own or any(map(_asks_member, node.parts))


def explained_by(
    rules: ActiveRules, facts: Facts, outcome: Outcome, together: list[Together], known: Mapping[str, Any]
) -> Explained:
    """Return why rules gave an outcome that was kept, of facts as they were then."""
    # Whether a rule was met does not depend on what was used of limits; what those that were gave is kept.
    kept = {one.rule_id: one for one in outcome.rules}
    looked = [kept.get(one.rule_id, one) for one in evaluate(rules.ready, facts, {}, rules.rounding).rules]
    by_id = {rule.id: rule for rule in rules.rules.rules}
    found = [(by_id[one.rule_id], one, why) for one, why in zip(looked, explanations(rules.ready, facts), strict=True)]
    judged = Simulated(outcome, found, facts.parts)
    return Explained(rules.version, rules.rounding, judged, together, known.get(ATTRIBUTES_VERSION))
