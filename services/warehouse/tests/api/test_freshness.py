from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from shared import clock
from shared.ids import first_id_of, new_id
from shared.testing.fillings import at_any_size
from shared.testing.messages import deliver, envelope_of
from shared.testing.reads import rows_read
from tests import factories as a
from warehouse.reports.queries import MOST_RECENT, freshness

pytestmark = pytest.mark.django_db
PATH = "/api/v1/reports/freshness"


def _said(message, *, ago):
    """Return a message whose id was made some time ago."""
    made = first_id_of(clock.machine_now() - ago).int | new_id().int & (1 << 80) - 1
    return msgspec.structs.replace(envelope_of(message), id=UUID(int=made), occurred_at=clock.now() - ago)


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


def test_a_clock_that_is_moved_while_a_message_is_under_way_delays_nothing(analyst, request):
    before = _said(a.earned(), ago=timedelta(seconds=5))
    ahead = request.getfixturevalue("ahead")
    deliver(before)

    answer = analyst.get(PATH).json()

    row = dict(zip(answer["columns"], answer["rows"][0], strict=True))
    assert 5_000 <= row["recent_p95_ms"] < 7_000
    assert datetime.fromisoformat(row["last_staged_at"]) > clock.machine_now() + ahead - timedelta(minutes=1)


def test_names_kinds_that_nobody_knows_too(analyst):
    unknown = msgspec.structs.replace(envelope_of(a.earned()), name="tier_changed")
    deliver(unknown)

    assert [row[0] for row in analyst.get(PATH).json()["rows"]] == ["tier_changed"]


def test_is_empty_before_the_first_message(analyst):
    assert analyst.get(PATH).json()["rows"] == []


JUST_NOW = """
INSERT INTO staging_message (message_id, name, version, producer, occurred_at, correlation_id, causation_id, payload,
    is_readable, staged_at, delay_ms)
SELECT gen_random_uuid(), CASE n %% 2 WHEN 0 THEN 'points_earned' ELSE 'points_redeemed' END, 1, 'points',
    %(at)s::timestamptz - interval '2 seconds', '', '', '{}', true, %(at)s::timestamptz - n * interval '1 ms', 2000
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
"""


@at_any_size
def test_reads_as_many_messages_of_a_kind_however_many_there_are(filling):
    at = clock.now()
    filling.fill(["staging_message"], JUST_NOW, at=at)

    with rows_read("staging_message") as read:
        found = freshness(lately=at - timedelta(hours=1)).rows

    assert [(kind, count) for kind, _, _, count, *_ in found] == [
        ("points_earned", MOST_RECENT),
        ("points_redeemed", MOST_RECENT),
    ]
    # Besides the latest ones: the last of each kind, the kinds themselves, and the newest message of all.
    assert read() <= 2 * MOST_RECENT + 10
