"""Why rules gave points for an occasion: what each of them asked, and what was there."""

from uuid import UUID

from points.earning.explanations import Explained, explained_by
from points.earning.queries import rules_of
from points.earning.rules.postings import Together
from points.occasions import rows
from points.occasions.judging import facts_of_occasion


def explain_occasion(transaction_id: UUID) -> Explained | None:
    """Return why rules gave an occasion its points, by its transaction; None where that is of no occasion."""
    if (kept := rows.of_transaction(transaction_id)) is None:
        return None
    rules = rules_of(kept.programme_id, kept.version)
    facts = facts_of_occasion(rules, kept.occasion, kept.occasion.values, timezone=kept.timezone)
    gave = [one for one in kept.outcome.rules if one.points]
    return explained_by(rules, facts, kept.outcome, [Together(transaction_id, gave)], kept.occasion.values)
