"""What was used of budgets, given back and is left, by the days on which that was posted."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.db import execute, rows
from shared.testing.actors import Actor
from shared.testing.fillings import at_any_size
from shared.testing.messages import deliver
from shared.testing.reads import rows_read
from tests import factories as a

pytestmark = pytest.mark.django_db
PATH = "/api/v1/reports/budgets"
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}
DAY = timedelta(days=1)
OTHER_BUDGET = UUID("00000000-0000-7000-8000-0000000000d2")
NUMBERS = ("period", "budget_period", "used", "returned", "total", "spent", "left")


def found(analyst: Actor, **query: Any) -> list[Mapping[str, Any]]:
    answer = analyst.get(PATH, **(NOVEMBER | query))
    assert answer.status_code == 200, answer.content
    return [dict(zip(answer.json()["columns"], row, strict=True)) for row in answer.json()["rows"]]


def numbers(analyst: Actor, **query: Any) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in NUMBERS) for row in found(analyst, **query)]


def test_a_budget_burns_down_day_by_day(analyst: Actor) -> None:
    deliver(
        a.programme_changed(), a.budget_changed(), a.budget_used(a.use(300)), a.budget_used(a.use(100)),
        a.budget_used(a.use(250), at=a.NOON + DAY), a.budget_used(a.use(-60), at=a.NOON + DAY),
        a.budget_used(a.use(-40), at=a.NOON + 2 * DAY),
    )  # fmt: skip

    answer = analyst.get(PATH, **NOVEMBER).json()

    assert answer["columns"] == [
        "period", "programme_id", "programme", "budget_id", "code", "budget", "of", "per", "each", "most",
        "budget_period", "used", "returned", "total", "spent", "left",
    ]  # fmt: skip
    which = [str(a.PROGRAMME), "Everyday", str(a.BUDGET), "spring", "In spring", "points", "month", None, 1_000]
    assert answer["rows"] == [
        ["2026-11-23", *which, "2026-11", 400, 0, 400, 400, 600],
        ["2026-11-24", *which, "2026-11", 250, 60, 590, 590, 410],
        ["2026-11-25", *which, "2026-11", 0, 40, 550, 550, 450],
    ]


def test_a_total_has_what_was_used_before_the_days_that_are_asked_for(analyst: Actor) -> None:
    deliver(a.budget_changed(), *(a.budget_used(a.use(10), at=a.NOON + number * DAY) for number in range(-30, 3)))

    assert numbers(analyst, **{"from": "2026-11-24", "to": "2026-11-24"}) == [
        ("2026-11-24", "2026-11", 10, 0, 320, 320, 680)
    ]
    assert numbers(analyst, granularity="month") == [("2026-11-01", "2026-11", 250, 0, 330, 330, 670)]


def test_each_period_of_a_budget_has_its_own(analyst: Actor) -> None:
    deliver(
        a.budget_changed(per="day", most=50),
        a.budget_used(a.use(50, period="2026-11-23")),
        # One that was told a day late, and one that came back.
        a.budget_used(a.use(20, period="2026-11-24"), a.use(-5, period="2026-11-23"), at=a.NOON + DAY),
    )

    assert numbers(analyst) == [
        ("2026-11-23", "2026-11-23", 50, 0, 50, 50, 0),
        ("2026-11-24", "2026-11-23", 0, 5, 45, 45, 5),
        ("2026-11-24", "2026-11-24", 20, 0, 20, 20, 30),
    ]


def test_money_of_a_campaign_is_counted_as_it_is(analyst: Actor) -> None:
    on = {"campaign_id": OTHER_BUDGET, "of": "money", "value_points": None, "value_amount": None}
    deliver(a.budget_changed(**on), a.budget_used(a.use(333)), a.budget_used(a.use(-33)))

    assert numbers(analyst) == [("2026-11-23", "2026-11", 333, 33, 300, 300, 700)]


def test_money_is_what_the_points_are_worth_rounded_up(analyst: Actor) -> None:
    deliver(a.budget_changed(of="money", most=100, value_points=3, value_amount=1), a.budget_used(a.use(10)))

    assert numbers(analyst) == [("2026-11-23", "2026-11", 10, 0, 10, 4, 96)]


def test_of_a_budget_that_each_has_there_is_a_sum_and_nothing_left(analyst: Actor) -> None:
    other = UUID(int=7)
    deliver(
        a.budget_changed(each="member", of="uses"),
        a.budget_used(a.use(1, each=a.MEMBER), a.use(1, each=other)), a.budget_used(a.use(1, each=a.MEMBER)),
    )  # fmt: skip

    (row,) = found(analyst)

    assert (row["each"], row["used"], row["spent"], row["left"]) == ("member", 3, 3, None)


def test_less_than_was_used_leaves_nothing(analyst: Actor) -> None:
    deliver(a.budget_changed(most=50), a.budget_used(a.use(70)))

    assert [row["left"] for row in found(analyst)] == [0]


def test_days_are_those_of_the_zone_that_is_asked_for(analyst: Actor) -> None:
    deliver(a.budget_changed(), a.budget_used(a.use(10), at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC)))

    assert [row["period"] for row in found(analyst)] == ["2026-11-22"]
    assert [row["period"] for row in found(analyst, tz="Europe/Berlin")] == ["2026-11-23"]


def test_takes_one_programme_and_one_budget(analyst: Actor) -> None:
    elsewhere = a.budget_changed(budget_id=UUID(int=9), programme_id=a.OTHER_PROGRAMME)
    deliver(
        a.programme_changed(), a.programme_changed(programme_id=a.OTHER_PROGRAMME), a.budget_changed(), elsewhere,
        a.budget_changed(budget_id=OTHER_BUDGET, code="autumn"),
        a.budget_used(a.use(1), a.use(2, budget_id=OTHER_BUDGET), a.use(4, budget_id=UUID(int=9))),
    )  # fmt: skip

    assert [row["used"] for row in found(analyst)] == [2, 1, 4]
    assert [row["used"] for row in found(analyst, budget="spring")] == [1, 4]
    assert [row["used"] for row in found(analyst, budget="spring", programme=str(a.PROGRAMME))] == [1]
    assert found(analyst, budget="winter") == found(analyst, programme=str(a.MEMBER)) == []


def test_a_budget_that_nobody_has_told_yet_has_no_row(analyst: Actor) -> None:
    deliver(a.budget_used(a.use(1)))
    assert found(analyst) == []

    deliver(a.budget_changed(), a.programme_changed())
    assert [row["used"] for row in found(analyst)] == [1]


@pytest.mark.parametrize(
    ("name", "value"),
    [("budget", ""), ("budget", "x" * 65), ("budget", "a\x00b"), ("budget", ["a", "b"]), ("programme", "1"),
     ("granularity", "hour"), ("code", "spring")],
)  # fmt: skip
def test_a_wrong_parameter_is_refused_by_name(name: str, value: Any, analyst: Actor) -> None:
    answer = analyst.get(PATH, **{name: value})

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [name]


def test_csv_is_a_download_with_the_same_numbers(analyst: Actor) -> None:
    deliver(a.programme_changed(), a.budget_changed(name="=1+1"), a.budget_used(a.use(7)))

    answer = analyst.get(PATH, **NOVEMBER, format="csv")

    assert answer["Content-Disposition"] == 'attachment; filename="budgets.csv"'
    assert answer.content.decode().splitlines()[1] == (
        f"2026-11-23,{a.PROGRAMME},Everyday,{a.BUDGET},spring,'=1+1,points,month,,1000,2026-11,7,0,7,7,993"
    )


# Of each budget ten periods, of each a quarter of an hour on each of four days. Ten rows are of the known budget's
# period on the day that is asked for, and thirty of the days before and after.
OF_FOUR_DAYS = """
INSERT INTO budget_total (budget_key, period, slot, part, used, returned)
SELECT CASE WHEN n <= 40 THEN %(budget)s ELSE %(budget)s + 1 + n / 40 END, 'p' || n %% 10,
       '2026-11-22 12:00Z'::timestamptz + n %% 40 / 10 * interval '1 day', 0, 5, 0
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n ON CONFLICT DO NOTHING
"""


@at_any_size
def test_a_report_reads_its_totals_however_many_there_are(filling, analyst) -> None:
    deliver(a.programme_changed(), a.budget_changed(), a.budget_used(a.use(5)))
    [(budget,)] = rows("SELECT budget_key FROM dim_budget")
    execute("DELETE FROM budget_total")
    filling.fill(["budget_total"], OF_FOUR_DAYS, budget=budget)

    with rows_read("budget_total") as read, rows_read("fact_budget_use") as of_facts:
        lines = found(analyst, **{"from": str(a.DAY), "to": str(a.DAY)})

    assert len(lines) == 10
    assert {row["total"] for row in lines} == {10}
    # Those of the day, and those of their periods until then.
    assert read() <= 40
    assert of_facts() == 0
    assert read.pages() <= 80
