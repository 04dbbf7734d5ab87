"""Why rules gave what was kept of them: each rule that was looked at, what it asked, and what was there."""

from typing import NamedTuple

from points.earning.queries import ActiveRules
from points.earning.rules import Facts, Outcome, Rounding, evaluate, explanations
from points.earning.rules.postings import Together
from points.earning.simulations import Simulated


class Explained(NamedTuple):
    """An outcome as it was kept, with each rule that was looked at, and what of its points came together."""

    version: int
    rounding: Rounding
    judged: Simulated
    together: list[Together]


def explained_by(rules: ActiveRules, facts: Facts, outcome: Outcome, together: list[Together]) -> Explained:
    """Return why rules gave an outcome that was kept, of facts as they were then."""
    # Whether a rule was met does not depend on what was used of limits; what those that were gave is kept.
    kept = {one.rule_id: one for one in outcome.rules}
    looked = [kept.get(one.rule_id, one) for one in evaluate(rules.ready, facts, {}, rules.rounding).rules]
    by_id = {rule.id: rule for rule in rules.rules.rules}
    found = [(by_id[one.rule_id], one, why) for one, why in zip(looked, explanations(rules.ready, facts), strict=True)]
    return Explained(rules.version, rules.rounding, Simulated(outcome, found, facts.parts), together)
