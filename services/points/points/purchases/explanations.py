"""Why rules gave a purchase what they did: what each of them asked, and what was there."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import structs

from points.earning.queries import ActiveRules, rules_of
from points.earning.rules import Facts, Outcome, Rounding, evaluate, explanations
from points.earning.simulations import Simulated
from points.purchases.rows import judgements, purchases
from points.purchases.rules.facts import facts_of_purchase
from points.purchases.rules.purchases import ByRules, Purchase
from points.segments.rules.members import ATTRIBUTES_VERSION


class Explained(NamedTuple):
    """An outcome as it was kept, with each rule that was looked at, and the version of the member's attributes that
    they were told, where one asked."""

    version: int
    rounding: Rounding
    judged: Simulated
    attributes_version: int | None = None


def explain_purchase(payment_id: UUID) -> Explained | None:
    """Return why rules gave a purchase its points; None where none judged it."""
    purchase = purchases.read([payment_id]).get(payment_id)
    if purchase is None or purchase.programme_id is None or purchase.rules_version is None:
        return None
    by_rules = judgements.read([payment_id])[payment_id]
    rules = rules_of(purchase.programme_id, purchase.rules_version)
    facts = facts_of_purchase(rules.fields, _as_told(purchase, by_rules), by_rules.known, timezone=by_rules.timezone)
    return explained_by(rules, facts, by_rules.outcome, by_rules.known)


def explained_by(rules: ActiveRules, facts: Facts, outcome: Outcome, known: Mapping[str, Any]) -> Explained:
    """Return why rules gave what they did, of the outcome that was kept."""
    # Whether a rule was met does not depend on what was used of limits; what those that were gave is kept.
    kept = {one.rule_id: one for one in outcome.rules}
    looked = [kept.get(one.rule_id, one) for one in evaluate(rules.ready, facts, {}, rules.rounding).rules]
    by_id = {rule.id: rule for rule in rules.rules.rules}
    found = [(by_id[one.rule_id], one, why) for one, why in zip(looked, explanations(rules.ready, facts), strict=True)]
    judged = Simulated(outcome, found, facts.parts)
    return Explained(rules.version, rules.rounding, judged, known.get(ATTRIBUTES_VERSION))


def _as_told(purchase: Purchase, by_rules: ByRules) -> Purchase:
    """Return a purchase with its lines in the order in which they were told."""
    by_id = {line.line_id: line for line in purchase.lines}
    return structs.replace(purchase, lines=tuple(by_id[line.line_id] for line in by_rules.outcome.lines))
