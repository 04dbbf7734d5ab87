"""Why rules gave what was kept of them: each rule that was looked at, what it asked, and what was there."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from points.earning.queries import ActiveRules
from points.earning.rules import Facts, Outcome, Rounding, evaluate, explanations
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
