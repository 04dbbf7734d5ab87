from datetime import UTC, datetime

import pytest

from shared.testing.messages import deliver
from tests import factories as a

pytestmark = pytest.mark.django_db
PATH = "/api/v1/reports/payments/volume"
RANGE = {"from": "2026-11-01", "to": "2026-11-30"}


def test_sums_each_day_and_currency(analyst):
    deliver(a.captured(12000), a.captured(3000), a.refunded(2000), a.failed(700), a.captured(50, currency="USD"))

    answer = analyst.get(PATH, **RANGE).json()

    assert answer["columns"] == [
        "period", "currency", "captured_count", "captured_amount", "refunded_count", "refunded_amount", "net_amount",
        "failed_count", "failed_amount",
    ]  # fmt: skip
    assert answer["rows"] == [
        ["2026-11-23", "EUR", 2, 15000, 1, 2000, 13000, 1, 700],
        ["2026-11-23", "USD", 1, 50, 0, 0, 50, 0, 0],
    ]


def test_takes_one_merchant(analyst):
    deliver(a.captured(100), a.captured(7, merchant_id=a.OTHER_MERCHANT))

    answer = analyst.get(PATH, merchant_id=str(a.OTHER_MERCHANT), **RANGE).json()

    assert [row[3] for row in answer["rows"]] == [7]


def test_is_empty_for_a_merchant_nobody_knows(analyst):
    deliver(a.captured(100))

    answer = analyst.get(PATH, merchant_id="00000000-0000-7000-8000-0000000000ff", **RANGE)

    assert (answer.status_code, answer.json()["rows"]) == (200, [])


def test_a_day_begins_and_ends_where_the_time_zone_says(analyst):
    # In Berlin the clock went back on 25 October 2026: that day lasts from 22:00Z to 23:00Z the day after.
    instants = [(24, 21, 59), (24, 22, 0), (25, 22, 59), (25, 23, 0)]
    deliver(*(a.captured(1, at=datetime(2026, 10, d, h, m, tzinfo=UTC)) for d, h, m in instants))

    answer = analyst.get(PATH, **{"from": "2026-10-24", "to": "2026-10-26", "tz": "Europe/Berlin"}).json()

    assert [row[:3] for row in answer["rows"]] == [
        ["2026-10-24", "EUR", 1],
        ["2026-10-25", "EUR", 2],
        ["2026-10-26", "EUR", 1],
    ]


@pytest.mark.parametrize(
    ("granularity", "periods"), [("week", ["2026-11-16", "2026-11-23"]), ("month", ["2026-11-01"])]
)
def test_sums_by_week_and_month(analyst, granularity, periods):
    deliver(a.captured(1, at=datetime(2026, 11, 22, 23, 59, tzinfo=UTC)), a.captured(2))

    answer = analyst.get(PATH, granularity=granularity, **RANGE).json()

    assert [row[0] for row in answer["rows"]] == periods


def test_says_as_of_when_it_is(analyst):
    before = analyst.get(PATH).json()["as_of"]
    deliver(a.captured())

    assert before is None
    assert analyst.get(PATH).json()["as_of"].endswith("Z")
