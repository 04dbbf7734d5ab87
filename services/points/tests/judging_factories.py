"""Versions of rules that are active, and what tests of purchases by rules start from."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from points.earning.models import RuleCounter, RuleSet
from points.earning.queries import MEMORY
from points.earning.rules import Schema
from points.programmes.queries import default_programme
from points.purchases import operations as purchases
from points.purchases.rules.purchases import Purchase, PurchaseLine, RecordedPurchase
from shared.ids import new_id
from tests.factories import AT
from tests.rules.earning.factories import DOUBLE, PER_EURO, SHOES, fixed, rule, rule_set

BASE = rule("base", PER_EURO)
ONCE = [{"of": "uses", "most": 1, "per": "ever"}]
WELCOME = rule("welcome", fixed(100), limits=ONCE)
# On paper in docs/points/rules.md.
PAPER = rule_set(BASE, rule("double-shoes", DOUBLE, lines=SHOES), WELCOME)
PAPER_LINES = {"1": ("shoes", 1, 3_333), "2": ("books", 1, 1_001)}


def activate(document: dict[str, Any], *, at: datetime = AT - timedelta(days=9), **more: Any) -> int:
    """Let a document be the default programme's next version, from an instant on; return its number."""
    programme_id = more.pop("programme_id", None) or default_programme().id
    version = RuleSet.objects.filter(programme_id=programme_id).count() + 1
    schema = msgspec.to_builtins(more.pop("schema", Schema()))
    by = {name: new_id() for name in ("created_by", "changed_by", "activated_by")}
    times = dict.fromkeys(("created_at", "changed_at", "activated_at", "starts_at"), at)
    values = {"programme_id": programme_id, "version": version, "document": document, "schema": schema}
    RuleSet.objects.create(**values, **by, **times, **({"rounding": "floor"} | more))
    MEMORY.invalidate()
    return version


def buy_lines(
    member_id: UUID, lines: dict[str, tuple[str, int, int]] | None = None, *, at: datetime = AT, **more: Any
) -> Purchase:
    """Record a purchase in the default programme: line → category, pieces, and what they cost together, in cents."""
    found = PAPER_LINES if lines is None else lines
    amount = more.pop("amount", sum(cost for _, _, cost in found.values()))
    parts = tuple(
        PurchaseLine(line_id=name, category=category, quantity=count, amount=cost)
        for name, (category, count, cost) in found.items()
    )
    occurred_at = more.pop("occurred_at", at)
    values = {"reference": str(new_id()), "merchant_id": None, "currency": "EUR"} | more
    recorded = RecordedPurchase(member_id=member_id, amount=amount, lines=parts, occurred_at=occurred_at, **values)
    return purchases.record_purchase(recorded, programme_id=None, actor_id=None, at=at)


def counts(member_id: UUID) -> dict[tuple[str, str, str], int]:
    """Return what a member used of limits: by rule, what is counted, and period."""
    found = RuleCounter.objects.filter(member_id=member_id)
    return {(one.rule_id, one.of, one.period): one.count for one in found}
