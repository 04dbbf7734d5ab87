"""From rules to the messages that publish them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from points.earning.rules import Span, end_of, span_of
from shared.contracts import rules as contracts


def rule_changed(row: Any, spans: Sequence[Span], *, at: datetime) -> contracts.RuleChanged:
    """Return the message that a version of a programme's rules was activated, or that its end moved."""
    return contracts.RuleChanged(
        programme_id=row.programme_id,
        version=row.version,
        starts_at=row.starts_at,
        ends_at=end_of(span_of(row), spans),
        rules=[contracts.RuleName(id=rule["id"], name=rule["name"]) for rule in row.document["rules"]],
        changed_at=at,
    )
