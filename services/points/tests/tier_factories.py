"""Makers of tiers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from points.programmes.queries import default_programme
from points.tiers import operations
from points.tiers.models import TierOverride
from points.tiers.queries.changes import tier_changes
from points.tiers.queries.schemes import schemes
from points.tiers.queries.tiers import Found, tier_of
from points.tiers.rules import effective
from shared.testing import roles
from tests.factories import AT

SILVER = {"code": "silver", "name": "Silver", "enter": 100, "stay": 80}
GOLD = {"code": "gold", "name": "Gold", "enter": 500, "stay": 400}
DIAMOND = {"code": "diamond", "name": "Diamond", "enter": 1_000, "stay": 1_000}
CALENDAR = {"kind": "calendar", "month": 1}
ANNIVERSARY = {"kind": "anniversary"}
ROLLING = {"kind": "rolling", "days": 30}


def document(*tiers: dict[str, Any], **said: Any) -> dict[str, Any]:
    """Return a document of tiers by points in calendar years; silver, gold and diamond where none is named.
    What is None is not said."""
    made = {"metric": "points", "window": CALENDAR, "tiers": list(tiers) or [SILVER, GOLD, DIAMOND]} | said
    return {name: value for name, value in made.items() if value is not None}


def make_tiers(*tiers: dict[str, Any], at: datetime = AT, **said: Any) -> None:
    """Let the default programme have tiers."""
    operations.change_scheme(default_programme().id, document(*tiers, **said), actor_id=roles.OPERATOR.id, at=at)


def by_hand(
    member_id: UUID, tier: str, *, until: datetime | None = None, reason: str = "a friend", at: datetime = AT
) -> TierOverride:
    """Give a member a tier of the default programme by hand."""
    who = roles.OPERATOR.id
    return operations.override_tier(
        default_programme(), member_id, tier=tier, reason=reason, until=until, actor_id=who, at=at
    )


def tier(member_id: UUID, *, at: datetime = AT) -> Found:
    """Return how a member stands in the default programme."""
    found = default_programme()
    return tier_of(found, schemes(found), member_id, at=at)


def code(member_id: UUID, *, at: datetime = AT) -> str | None:
    """Return the code of a member's tier."""
    return effective(tier(member_id, at=at).standing)


def changes(member_id: UUID) -> list[tuple[str | None, str | None, datetime, str]]:
    """Return what changed of a member's tier, the oldest first, without the transactions."""
    found = tier_changes(default_programme().id, member_id).order_by("number")
    return [(one.before, one.after, one.changed_at, one.cause) for one in found]
