"""What tests of birthdays start from."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from points.earning.rules import Schema
from points.ledger.models import Transaction
from tests.factories import make_programme
from tests.judging_factories import activate
from tests.rules.earning.factories import fixed, rule, rule_set
from tests.segment_factories import TYPES, name_attributes

DAY = timedelta(days=1)
# Midnight in Berlin, of the day of the tests' postings and of the next ones.
TODAY = datetime(2026, 2, 28, 23, tzinfo=UTC)
CAKE = rule("cake", fixed(50), trigger="birthday")
YEARLY = [{"of": "uses", "most": 1, "per": "year"}]


@pytest.fixture
def me(member: Any) -> UUID:
    """Return a member, and have a programme that knows members by attributes."""
    make_programme()
    name_attributes()
    return UUID(str(member.id))


def cake(*rules: dict[str, Any], **more: Any) -> int:
    """Let the default programme have these rules, that of a cake where none are named."""
    return activate(rule_set(*(rules or (CAKE,))), schema=Schema(attributes=TYPES), **more)


def posted() -> list[tuple[UUID, int, datetime]]:
    """Return who earned what and when."""
    found = Transaction.objects.filter(kind="earned").order_by("occurred_at", "account__member_id")
    return list(found.values_list("account__member_id", "points", "occurred_at"))
