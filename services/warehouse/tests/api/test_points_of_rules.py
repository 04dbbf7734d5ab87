"""What rules gave and cost, over the days of their programme's zone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.rules import RuleName
from shared.db import execute, rows
from shared.testing.actors import Actor
from shared.testing.fillings import at_any_size
from shared.testing.messages import deliver
from shared.testing.reads import rows_read
from tests import factories as a
from warehouse.reconciliation import operations
from warehouse.reconciliation.models import Comparison

pytestmark = pytest.mark.django_db
PATH = "/api/v1/reports/points/rules"
DAY = {"from": "2026-11-23", "to": "2026-11-23"}


def found(analyst: Actor, **query: Any) -> list[list[Any]]:
    answer = analyst.get(PATH, **(DAY | query))
    assert answer.status_code == 200, answer.content
    table: list[list[Any]] = answer.json()["rows"]
    return table


def said_rules() -> Any:
    named = [RuleName(id="base", name="Base", trigger="purchase", effect="1 point for each 1.00 EUR"),
             RuleName(id="welcome", name="Welcome", trigger="first_purchase", effect="100 points")]  # fmt: skip
    return a.rule_changed(rules=named)


def test_sums_what_each_rule_gave_and_what_came_back(analyst: Actor) -> None:
    deliver(
        a.programme_changed(value_points=3, value_amount=2), said_rules(),
        a.earned_by_rules(a.by_rule(43), a.by_rule(100, "welcome")), a.earned_by_rules(a.by_rule(10)),
        a.pending(7, rules=[a.by_rule(7)]), a.returned_by_rules(a.by_rule(20)), a.earned(999),
        a.returned_by_rules(a.by_rule(2, version=3)),
    )  # fmt: skip

    answer = analyst.get(PATH, **DAY).json()

    assert answer["columns"] == [
        "programme_id", "programme", "rule_id", "version", "rule", "trigger", "effect", "given", "taken_back", "points",
        "cost", "currency", "transactions",
    ]  # fmt: skip
    programme = [str(a.PROGRAMME), "Everyday"]
    assert answer["rows"] == [
        [*programme, "base", 1, "Base", "purchase", "1 point for each 1.00 EUR", 60, 20, 40, 26, "EUR", 3],
        [*programme, "base", 3, "", "", "", 0, 2, -2, -1, "EUR", 0],
        [*programme, "welcome", 1, "Welcome", "first_purchase", "100 points", 100, 0, 100, 66, "EUR", 1],
    ]


def test_what_was_taken_back_with_an_event_counts_as_taken_back(analyst: Actor) -> None:
    given = [a.earned_by_rules(a.by_rule(7)) for _ in range(3)]
    deliver(a.programme_changed(), said_rules(), *given, a.adjusted(-7, rules=[a.by_rule(7)]), a.adjusted(5))

    (row,) = found(analyst)

    assert row[7:10] == [21, 7, 14]
    operations.reconcile(days=[a.DAY], at=a.NOON + timedelta(minutes=5))
    compared = Comparison.objects.filter(ledger="rules").values_list("kind", "status")
    assert set(compared) == {("earned", "matched"), ("adjusted", "matched")}


def test_a_point_of_unknown_value_has_no_cost(analyst: Actor) -> None:
    deliver(a.earned_by_rules(a.by_rule(43)))

    (row,) = found(analyst)

    assert row[-4:] == [43, None, "", 1]


def test_days_are_those_of_the_programmes_zone(analyst: Actor) -> None:
    midnight = datetime(2026, 11, 22, 23, tzinfo=UTC)  # in Berlin
    deliver(
        a.programme_changed(), a.programme_changed(programme_id=a.OTHER_PROGRAMME, timezone="UTC"),
        a.earned_by_rules(a.by_rule(1), at=midnight), a.earned_by_rules(a.by_rule(2), at=midnight.replace(hour=22)),
        a.earned_by_rules(a.by_rule(4), at=midnight, programme_id=a.OTHER_PROGRAMME),
        a.earned_by_rules(a.by_rule(8), at=a.NOON, programme_id=a.OTHER_PROGRAMME),
    )  # fmt: skip

    assert [(row[0], row[7]) for row in found(analyst)] == [(str(a.PROGRAMME), 1), (str(a.OTHER_PROGRAMME), 8)]


def test_takes_one_programme_or_merchant(analyst: Actor) -> None:
    deliver(
        a.earned_by_rules(a.by_rule(1)), a.earned_by_rules(a.by_rule(2), merchant_id=a.OTHER_MERCHANT),
        a.earned_by_rules(a.by_rule(4), merchant_id=None),
        a.earned_by_rules(a.by_rule(8), merchant_id=a.OTHER_MERCHANT, programme_id=a.OTHER_PROGRAMME),
    )  # fmt: skip
    other = {"merchant_id": str(a.OTHER_MERCHANT)}

    assert [row[7] for row in found(analyst)] == [7, 8]
    assert [row[7] for row in found(analyst, **other)] == [2, 8]
    assert [row[7] for row in found(analyst, **other, programme=str(a.PROGRAMME))] == [2]
    assert found(analyst, merchant_id=str(a.MEMBER)) == found(analyst, programme=str(a.MEMBER)) == []


@pytest.mark.parametrize("name", ["merchant_id", "programme"])
@pytest.mark.parametrize("value", ["1", "", "' OR 1=1 --"])
def test_an_id_that_is_none_is_refused(name: str, value: str, analyst: Actor) -> None:
    assert analyst.get(PATH, **{name: value}).status_code == 400


@pytest.mark.parametrize(("name", "value"), [("granularity", "day"), ("tz", "UTC"), ("from", "2026-02-30")])
def test_a_wrong_parameter_is_refused_by_name(name: str, value: str, analyst: Actor) -> None:
    answer = analyst.get(PATH, **{name: value})

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [name])


def test_csv_is_a_download_with_the_same_numbers(analyst: Actor) -> None:
    deliver(a.programme_changed(), said_rules(), a.earned_by_rules(a.by_rule(100, "welcome")))

    answer = analyst.get(PATH, **DAY, format="csv")

    assert answer["Content-Disposition"] == 'attachment; filename="points-rules.csv"'
    assert answer.content.decode().splitlines()[1] == (
        f"{a.PROGRAMME},Everyday,welcome,1,Welcome,first_purchase,100 points,100,0,100,100,EUR,1"
    )


# As many of each of four days, the second of which is DAY. Each row is of a rule, programme or merchant of its own, but
# the thousandth part, which is of those that are asked for.
OF_FOUR_DAYS = """
INSERT INTO movement_total (ledger, slot, unit, about, kind, part, count, amount)
SELECT ledger, '2026-11-22 12:00Z'::timestamptz + n %% 4 * interval '1 day',
       CASE ledger WHEN 'merchant_rules' THEN %(rule)s::text ELSE n::text END,
       CASE WHEN n > 40 THEN -n WHEN ledger = 'rules' THEN %(rule)s ELSE %(merchant)s END, 'earned',
       n %% 7, 1, 5
FROM (VALUES ('rules'), ('merchant_rules')) AS of (ledger)
CROSS JOIN generate_series(%(first)s::integer, %(last)s::integer) AS n ON CONFLICT DO NOTHING
"""


@at_any_size
@pytest.mark.parametrize("query", [{}, {"merchant_id": str(a.MERCHANT)}], ids=["all", "of a merchant"])
def test_a_days_report_reads_its_totals_however_many_there_are(query, filling, analyst) -> None:
    deliver(a.earned_by_rules(a.by_rule(5), at=a.NOON))
    [(rule, merchant)] = rows("SELECT rule_key, merchant_key FROM dim_rule, dim_merchant")
    execute("DELETE FROM movement_total")
    filling.fill(["movement_total"], OF_FOUR_DAYS, rule=rule, merchant=merchant)

    with rows_read("movement_total") as read, rows_read("fact_points_rule", "fact_points_entry") as of_facts:
        (row,) = found(analyst, **query)

    assert (row[7], row[-1]) == (5 * read(), read())
    assert 5 <= read() <= 10
    assert of_facts() == 0
    assert read.pages() <= 40
