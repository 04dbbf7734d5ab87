"""Why rules gave a purchase what they did: what each of them asked, and what was there."""

from uuid import UUID

from msgspec import structs

from points.earning.explanations import Explained, explained_by
from points.earning.queries import rules_of
from points.purchases.rows import judgements, purchases
from points.purchases.rules.by_rules import together_of
from points.purchases.rules.facts import facts_of_purchase
from points.purchases.rules.purchases import ByRules, Purchase


def explain_purchase(payment_id: UUID) -> Explained | None:
    """Return why rules gave a purchase its points; None where none judged it."""
    purchase = judgements.with_them(purchases.read([payment_id])).get(payment_id)
    if purchase is None or purchase.programme_id is None or purchase.rules_version is None:
        return None
    by_rules = purchase.by_rules
    assert by_rules
    rules = rules_of(purchase.programme_id, purchase.rules_version)
    facts = facts_of_purchase(rules.fields, _as_told(purchase, by_rules), by_rules.known, timezone=by_rules.timezone)
    return explained_by(rules, facts, by_rules.outcome, together_of(purchase), by_rules.known)


def _as_told(purchase: Purchase, by_rules: ByRules) -> Purchase:
    """Return a purchase with its lines in the order in which they were told."""
    by_id = {line.line_id: line for line in purchase.lines}
    return structs.replace(purchase, lines=tuple(by_id[line.line_id] for line in by_rules.outcome.lines))
