from datetime import timedelta

import msgspec
import pytest

from shared import clock
from shared.testing.messages import deliver, envelope_of
from tests import factories as a

pytestmark = pytest.mark.django_db
PATH = "/api/v1/reports/freshness"


def _said(message, *, ago):
    return msgspec.structs.replace(envelope_of(message), occurred_at=clock.now() - ago)


def test_tells_the_delay_of_each_kind_and_when_the_last_came(analyst):
    deliver(*(_said(a.earned(), ago=timedelta(seconds=seconds)) for seconds in range(1, 21)))
    deliver(_said(a.captured(), ago=timedelta(milliseconds=40)))

    answer = analyst.get(PATH).json()

    rows = {row[0]: dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]}
    assert list(rows) == ["payment_captured", "points_earned"]
    assert rows["points_earned"]["recent_messages"] == 20
    assert 19_000 <= rows["points_earned"]["recent_p95_ms"] < 21_000
    assert 40 <= rows["payment_captured"]["recent_p95_ms"] < 2_000
    assert rows["payment_captured"]["last_staged_at"] == answer["as_of"]


def test_names_kinds_that_nobody_knows_too(analyst):
    unknown = msgspec.structs.replace(envelope_of(a.earned()), name="tier_changed")
    deliver(unknown)

    assert [row[0] for row in analyst.get(PATH).json()["rows"]] == ["tier_changed"]


def test_is_empty_before_the_first_message(analyst):
    assert analyst.get(PATH).json()["rows"] == []
