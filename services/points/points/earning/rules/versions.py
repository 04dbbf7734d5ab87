"""When each version of a programme's rules is active: from its start until the next one's, or its own retirement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

State = Literal["draft", "scheduled", "active", "retired"]


class Span(Struct, frozen=True):
    """What is written of when a version counts; both are None of a draft."""

    version: int
    starts_at: datetime | None = None
    retires_at: datetime | None = None

    @property
    def is_ever_active(self) -> bool:
        """Tell whether it counts for a while: one that retires before it starts never does."""
        return self.starts_at is not None and (self.retires_at is None or self.retires_at > self.starts_at)


def span_of(row: Any) -> Span:
    """Return the span of a version that is stored."""
    return Span(row.version, row.starts_at, row.retires_at)


def end_of(span: Span, others: Sequence[Span]) -> datetime | None:
    """Return when a version ends or has ended: by its retirement, or by the next one's start; None for never.

    `others` are the versions of its programme, itself among them or not.
    """
    ends = [other.starts_at for other in others if other.is_ever_active and _is_after(other, span)]
    return min([end for end in (*ends, span.retires_at) if end], default=None)


def _is_after(other: Span, span: Span) -> bool:
    return bool(span.is_ever_active and other.starts_at and span.starts_at and other.starts_at > span.starts_at)


def state_of(span: Span, others: Sequence[Span], *, at: datetime) -> State:
    """Return what a version is at an instant."""
    end = end_of(span, others)
    if (end and end <= at) or (span.retires_at and not span.is_ever_active):
        return "retired"
    if span.starts_at is None:
        return "draft"
    return "scheduled" if span.starts_at > at else "active"


def next_start(spans: Sequence[Span], *, at: datetime) -> datetime | None:
    """Return when the first version starts that starts then or later; None where none does."""
    return min(
        [one.starts_at for one in spans if one.is_ever_active and one.starts_at and one.starts_at >= at], default=None
    )


def changed_with(span: Span, before: Sequence[Span], after: Sequence[Span]) -> list[int]:
    """Return the versions whose end another one's activation or retirement moved, that one left out."""
    return [
        one.version
        for one in before
        if one.version != span.version and one.is_ever_active and end_of(one, before) != end_of(one, after)
    ]
