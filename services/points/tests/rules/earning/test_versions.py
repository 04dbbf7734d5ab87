"""When each version of rules is active, whatever is written of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.earning.rules import Span, changed_with, end_of, next_start, state_of

DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
days = st.integers(0, 20).map(lambda day: MONDAY + day * DAY)


@st.composite
def timelines(draw: st.DrawFn) -> list[Span]:
    """Spans as the database takes them: of those that are ever active, no two start together."""
    starts = draw(st.lists(days, unique=True, max_size=6))
    return [Span(number, start, draw(st.none() | days)) for number, start in enumerate(starts, start=1)]


@given(timelines(), days)
def test_one_version_at_most_is_active_and_it_is_the_one_that_started_last(spans: list[Span], at: datetime) -> None:
    active = [span for span in spans if state_of(span, spans, at=at) == "active"]

    begun = [span for span in spans if span.is_ever_active and span.starts_at and span.starts_at <= at]
    last = max(begun, key=lambda span: span.starts_at or MONDAY, default=None)
    still = last and (last.retires_at is None or last.retires_at > at)
    assert active == ([last] if still else [])


@pytest.mark.parametrize(
    ("span", "state"),
    [
        (Span(1), "draft"),
        (Span(1, None, MONDAY), "retired"),
        (Span(1, MONDAY), "active"),
        (Span(1, MONDAY + DAY), "scheduled"),
        (Span(1, MONDAY - DAY, MONDAY), "retired"),
        (Span(1, MONDAY - DAY, MONDAY + DAY), "active"),
        (Span(1, MONDAY + DAY, MONDAY), "retired"),
        (Span(1, MONDAY + DAY, MONDAY + DAY), "retired"),
    ],
)
def test_a_version_is_what_its_instants_say(span: Span, state: str) -> None:
    assert state_of(span, [span], at=MONDAY) == state


def test_a_version_ends_with_the_next_ones_start_or_by_itself_before() -> None:
    first, second = Span(1, MONDAY), Span(2, MONDAY + 5 * DAY)
    gone = Span(3, MONDAY + 2 * DAY, MONDAY + DAY)
    spans = [first, second, gone]

    assert [end_of(span, spans) for span in spans] == [second.starts_at, None, gone.retires_at]
    assert end_of(Span(1, MONDAY, MONDAY + DAY), spans) == MONDAY + DAY
    assert (next_start(spans, at=MONDAY), next_start(spans, at=MONDAY + DAY)) == (MONDAY, second.starts_at)
    assert next_start(spans, at=MONDAY + 6 * DAY) is None


def test_whose_end_moved_is_known() -> None:
    first, second = Span(1, MONDAY), Span(2, MONDAY + 5 * DAY)

    assert changed_with(second, [first, Span(2)], [first, second]) == [1]
    assert changed_with(second, [first, second], [first, Span(2, MONDAY + 5 * DAY, MONDAY + 9 * DAY)]) == []
    assert changed_with(second, [first, second], [first, Span(2, MONDAY + 5 * DAY, MONDAY)]) == [1]
