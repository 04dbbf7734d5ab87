"""Makers of versions of rules."""

from datetime import datetime
from typing import Any

from points.earning import operations
from points.earning.models import RuleSet
from points.programmes.rules import Programme
from shared.testing.roles import OPERATOR
from tests.factories import AT
from tests.rules.earning.factories import DOUBLE, PER_EURO, SHOES, fixed, rule, rule_set

# The page of docs/points/rules.md on paper.
PAPER = rule_set(
    rule("base", PER_EURO),
    rule("double-shoes", DOUBLE, lines=SHOES),
    rule("welcome", fixed(100), limits=[{"of": "uses", "most": 1, "per": "ever"}]),
)


def draft(programme: Programme, document: dict[str, Any] | None = None, *, at: datetime = AT) -> RuleSet:
    """Make a draft of a programme's rules: those on paper, where nothing else is said."""
    return operations.create_draft(programme.id, document or PAPER, actor_id=OPERATOR.id, at=at)


def activated(
    programme: Programme,
    document: dict[str, Any] | None = None,
    *,
    starts_at: datetime | None = None,
    at: datetime = AT,
) -> RuleSet:
    """Make a draft and activate it, from now or an instant to come on."""
    return activate(draft(programme, document, at=at), starts_at=starts_at, at=at)


def activate(row: RuleSet, *, starts_at: datetime | None = None, at: datetime = AT) -> RuleSet:
    """Activate a draft."""
    return operations.activate(row.programme_id, row.version, starts_at=starts_at, actor_id=OPERATOR.id, at=at)


def retire(row: RuleSet, *, ends_at: datetime | None = None, at: datetime = AT) -> RuleSet:
    """Retire a version."""
    return operations.retire(row.programme_id, row.version, ends_at=ends_at, actor_id=OPERATOR.id, at=at)
