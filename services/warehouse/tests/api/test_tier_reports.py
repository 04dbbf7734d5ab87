"""Who is in which tier, who came and who went: numbers that add up, whatever the days and the number of members."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from shared.contracts.tiers import TierChanged
from shared.db import execute, rows
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.fillings import at_any_size
from shared.testing.messages import deliver
from shared.testing.reads import rows_read
from tests import factories as a

pytestmark = pytest.mark.django_db
REPORTS = "/api/v1/reports/tiers"
OTHER = UUID("00000000-0000-7000-8000-000000000002")
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


def table(analyst: Actor, report: str, **query: Any) -> list[list[Any]]:
    """Return the rows of a report, without those columns that say the programme."""
    answer = analyst.get(f"{REPORTS}/{report}", **query)
    assert answer.status_code == 200, answer.content
    named = answer.json()["columns"]
    kept = [place for place, name in enumerate(named) if name not in ("programme_id", "programme")]
    return [[row[place] for place in kept] for row in answer.json()["rows"]]


def change(number: int, before: str | None, after: str | None, *, at: datetime = a.NOON, **said: Any) -> TierChanged:
    return a.tier_changed(number=number, before=before, after=after, changed_at=at, **said)


def told() -> list[TierChanged]:
    """Return a story of three members on three days."""
    next_day, later = a.NOON + timedelta(days=1), a.NOON + timedelta(days=40)
    third = new_id()
    return [
        change(1, None, "silver"), change(2, "silver", "gold", at=next_day),
        change(1, None, "silver", member_id=OTHER), change(2, "silver", None, member_id=OTHER, cause="taken_back"),
        change(1, None, "gold", member_id=third, cause="override", at=next_day),
        change(2, "gold", "silver", member_id=third, cause="override_ended", at=later),
    ]  # fmt: skip


def test_members_at_the_beginning_and_who_came_and_went_are_those_at_the_end(analyst: Actor) -> None:
    deliver(a.programme_changed(), a.tiers_changed(), *told())

    answer = analyst.get(f"{REPORTS}/movement", **{"from": "2026-11-23", "to": "2027-01-31"})

    assert answer.json()["columns"] == [
        "period", "programme_id", "programme", "tier",
        "at_start", "joined", "came", "up", "down", "went", "left", "at_end",
    ]  # fmt: skip
    programme = [str(a.PROGRAMME), "Everyday"]
    assert answer.json()["rows"] == [
        ["2026-11-23", *programme, "silver", 0, 2, 0, 0, 0, 0, 1, 1],
        ["2026-11-24", *programme, "gold", 0, 1, 1, 1, 0, 0, 0, 2],
        ["2026-11-24", *programme, "silver", 1, 0, 0, 0, 0, 1, 0, 0],
        ["2027-01-02", *programme, "gold", 2, 0, 0, 0, 0, 1, 0, 1],
        ["2027-01-02", *programme, "silver", 0, 0, 1, 0, 1, 0, 0, 1],
    ]
    # By month, and from a day on which nobody knows how it came to that.
    assert table(analyst, "movement", **NOVEMBER, granularity="month") == [
        ["2026-11-01", "gold", 0, 1, 1, 1, 0, 0, 0, 2], ["2026-11-01", "silver", 0, 2, 0, 0, 0, 1, 1, 0],
    ]  # fmt: skip
    assert table(analyst, "movement", **{"from": "2027-01-02", "to": "2027-01-02"})[0][2] == 2


def test_changes_are_counted_by_their_tiers_and_causes(analyst: Actor) -> None:
    deliver(*told(), *told()[:1], a.tiers_changed())

    answer = analyst.get(f"{REPORTS}/changes", **NOVEMBER, granularity="week")

    assert answer.json()["columns"] == [
        "period", "programme_id", "programme", "before", "before_name", "after", "after_name", "version", "cause",
        "direction", "changes",
    ]  # fmt: skip
    assert table(analyst, "changes", **NOVEMBER, granularity="week") == [
        ["2026-11-23", None, None, "gold", "Gold", 1, "override", "up", 1],
        ["2026-11-23", None, None, "silver", "Silver", 1, "earned", "up", 2],
        ["2026-11-23", "silver", "Silver", None, None, 1, "taken_back", "down", 1],
        ["2026-11-23", "silver", "Silver", "gold", "Gold", 1, "earned", "up", 1],
    ]


def directions(analyst: Actor) -> list[tuple[str | None, str | None, int, str | None, int]]:
    """Return before, after, version, direction and how many, of the changes of November."""
    found = table(analyst, "changes", **NOVEMBER, granularity="month")
    return [(before, after, version, way, count) for _, before, _, after, _, version, _, way, count in found]


def test_up_and_down_are_by_the_order_of_the_version_that_decided_the_change(analyst: Actor) -> None:
    turned = {"programme_id": a.PROGRAMME, "version": 2, "changed_at": a.NOON + timedelta(hours=1)}
    deliver(
        change(1, None, "silver"), change(2, "silver", "gold"),
        change(1, None, "silver", member_id=OTHER), change(2, "silver", "gold", member_id=OTHER, version=2),
        a.tiers_changed("gold", "silver", **turned), a.tiers_changed("silver", "gold"),
    )  # fmt: skip

    assert directions(analyst)[1:] == [("silver", "gold", 1, "up", 1), ("silver", "gold", 2, "down", 1)]
    [of_gold, of_silver] = table(analyst, "movement", **NOVEMBER, granularity="month")
    assert of_gold == ["2026-11-01", "gold", 0, 0, 2, 1, 1, 0, 0, 2]
    assert of_silver == ["2026-11-01", "silver", 0, 2, 0, 0, 0, 2, 0, 0]


def test_a_version_that_was_not_told_yet_is_neither_up_nor_down_until_it_is(analyst: Actor) -> None:
    deliver(change(1, None, "silver"), change(2, "silver", "gold"), change(3, "gold", "silver"),
            change(4, "silver", None))  # fmt: skip

    def found() -> dict[tuple[str | None, str | None], str | None]:
        return {(before, after): way for before, after, _, way, _ in directions(analyst)}

    ends = {(None, "silver"): "up", ("silver", None): "down"}
    assert found() == {**ends, ("silver", "gold"): None, ("gold", "silver"): None}
    assert [row[4:7] for row in table(analyst, "movement", **NOVEMBER)] == [[1, 0, 0], [1, 0, 0]]

    deliver(a.tiers_changed())

    assert found() == {**ends, ("silver", "gold"): "up", ("gold", "silver"): "down"}
    assert [row[4:7] for row in table(analyst, "movement", **NOVEMBER)] == [[1, 1, 0], [1, 0, 1]]


def test_names_are_those_of_then(analyst: Actor) -> None:
    renamed = a.tiers_changed(version=2, changed_at=a.NOON + timedelta(hours=1)).tiers
    renamed = [structs.replace(one, name=f"New {one.name}") for one in renamed]
    deliver(a.tiers_changed(), a.tiers_changed(version=2, tiers=renamed), change(1, None, "gold"),
            change(1, None, "gold", member_id=OTHER, version=2))  # fmt: skip

    assert [row[4] for row in table(analyst, "changes", **NOVEMBER)] == ["Gold", "New Gold"]


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        ("2026-11-22", []),
        ("2026-11-23", [["silver", 1]]),
        ("2026-11-24", [["gold", 2]]),
        ("2027-01-02", [["gold", 1], ["silver", 1]]),
        ("2026-12-31", [["gold", 2]]),
    ],
)
def test_members_are_counted_as_of_the_end_of_a_day(day: str, wanted: list[list[Any]], analyst: Actor) -> None:
    deliver(*told())

    assert table(analyst, "members", day=day) == wanted


def test_who_leaves_a_lowest_tier_came_to_it_by_that(analyst: Actor) -> None:
    deliver(a.tiers_changed("base", "silver"), change(1, "base", "silver"),
            change(1, "base", "silver", member_id=OTHER),
            change(2, "silver", "base", member_id=OTHER, cause="period_end"))  # fmt: skip

    assert table(analyst, "movement", **NOVEMBER) == [
        ["2026-11-23", "base", 0, 2, 1, 0, 1, 2, 0, 1], ["2026-11-23", "silver", 0, 0, 2, 2, 0, 1, 0, 1],
    ]  # fmt: skip
    # Who begins in a lowest tier does not rise to it.
    assert table(analyst, "changes", **NOVEMBER)[0] == [
        "2026-11-23", None, None, "base", "Base", 1, "began", None, 2,
    ]  # fmt: skip
    assert table(analyst, "members", day="2026-11-23") == [["base", 1], ["silver", 1]]


def test_days_are_those_of_the_zone_that_is_asked_for(analyst: Actor) -> None:
    deliver(change(1, None, "silver", at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC)))

    assert [row[0] for row in table(analyst, "movement", **NOVEMBER)] == ["2026-11-22"]
    assert [row[0] for row in table(analyst, "movement", **NOVEMBER, tz="Europe/Berlin")] == ["2026-11-23"]
    assert table(analyst, "members", day="2026-11-22", tz="Europe/Berlin") == []
    assert table(analyst, "members", day="2026-11-22") == [["silver", 1]]


def test_takes_one_programme(analyst: Actor) -> None:
    deliver(change(1, None, "silver"), change(1, None, "ruby", programme_id=a.OTHER_PROGRAMME))

    for report, query in (("movement", NOVEMBER), ("members", {"day": "2026-11-23"})):
        tiers = [row[-9] if report == "movement" else row[0] for row in table(analyst, report, **query)]
        assert tiers == ["silver", "ruby"]
        assert len(table(analyst, report, **query, programme=str(a.OTHER_PROGRAMME))) == 1
        assert table(analyst, report, **query, programme=str(a.MEMBER)) == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("granularity", ["day", "week", "month"])
def test_the_numbers_add_up_and_are_those_of_the_changes(seed: int, granularity: str, analyst: Actor) -> None:
    random = Random(seed)
    said = [one for _ in range(12) for one in a_life(random)]
    deliver(a.tiers_changed(), *random.sample(said, len(said)))
    asked = {"from": "2026-10-10", "to": "2027-02-20"}

    found = table(analyst, "movement", **asked, granularity=granularity, tz="Asia/Kathmandu")

    standing: dict[str, int] = {}
    for _, tier, at_start, joined, came, up, down, went, left, at_end in found:
        assert up + down == came
        assert at_start + joined + came - went - left == at_end
        assert standing.get(tier, at_start) == at_start
        standing[tier] = at_end
    last = {one.member_id: one.after for one in sorted(said, key=lambda one: one.number)}
    assert {tier: count for tier, count in standing.items() if count} == Counter(filter(None, last.values()))
    assert table(analyst, "members", day="2027-02-20", tz="Asia/Kathmandu") == sorted(
        [tier, count] for tier, count in standing.items() if count
    )
    changes = table(analyst, "changes", **asked, granularity=granularity)
    level = {None: 0, "silver": 1, "gold": 2, "diamond": 3}
    ways = Counter("up" if level[one.before] < level[one.after] else "down" for one in said)
    assert {way: sum(row[-1] for row in changes if row[-2] == way) for way in ("up", "down")} == ways
    assert sum(row[-1] for row in changes) == len(said)


def a_life(random: Random) -> list[TierChanged]:
    """Return changes of a member over some months."""
    who, at, before, found = new_id(), datetime(2026, 10, 12, tzinfo=UTC), None, list[TierChanged]()
    for number in range(1, random.randint(2, 6)):
        at += timedelta(days=random.randint(0, 24), minutes=random.randint(0, 600))
        after = random.choice([tier for tier in (None, "silver", "gold", "diamond") if tier != before])
        found.append(change(number, before, after, member_id=who, at=at))
        before = after
    return found


@pytest.mark.parametrize("report", ["movement", "changes"])
@pytest.mark.parametrize(("name", "value"), [("tz", "Mars/Base"), ("programme", "1"), ("day", "2026-11-23")])
def test_a_wrong_parameter_is_refused_by_name(report: str, name: str, value: str, analyst: Actor) -> None:
    answer = analyst.get(f"{REPORTS}/{report}", **{name: value})

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [name])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("day", "2026-02-30"),
        ("day", "1999-12-31"),
        ("day", "2101-01-01"),
        ("day", ""),
        ("day", "2026-11-23T00:00"),
        ("from", "2026-11-23"),
        ("granularity", "day"),
        ("tz", "../../etc/passwd"),
        ("tz", ""),
        ("programme", "' OR 1=1 --"),
        ("format", "xml"),
    ],
)
def test_a_wrong_day_is_refused_by_name(name: str, value: str, analyst: Actor) -> None:
    answer = analyst.get(f"{REPORTS}/members", **{name: value})

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [name]


def test_today_is_the_day_that_is_left_out(analyst: Actor) -> None:
    deliver(a.tier_changed(changed_at=datetime.now(UTC) - timedelta(minutes=1)))

    assert table(analyst, "members") == [["silver", 1]]


@pytest.mark.parametrize(
    ("report", "line"), [("movement", "silver,0,1,0,0,0,0,0,1"), ("changes", ",,silver,Silver,1,earned,up,1")]
)
def test_csv_is_a_download_with_the_same_numbers(report: str, line: str, analyst: Actor) -> None:
    deliver(a.programme_changed(), a.tiers_changed(), change(1, None, "silver"))

    answer = analyst.get(f"{REPORTS}/{report}", **NOVEMBER, format="csv")

    assert answer["Content-Disposition"] == f'attachment; filename="tiers-{report}.csv"'
    assert answer.content.decode().splitlines()[1] == f"2026-11-23,{a.PROGRAMME},Everyday,{line}"


# As many of each of four days, the second of which is DAY. Each row is of a programme of its own, but the thousandth
# part, which is of the one that is known.
OF_FOUR_DAYS = """
INSERT INTO movement_total (ledger, slot, unit, about, kind, part, count, amount)
SELECT ledger, CASE ledger WHEN 'tiers' THEN '2026-11-22 12:00Z'::timestamptz + n %% 4 * interval '1 day'
                           ELSE '2026-01-01 00:00Z'::timestamptz + n %% 10 * interval '1 month' END,
       '>t' || n || '>1', CASE WHEN n <= 40 THEN %(programme)s ELSE 100000 + n END, 'earned', 0, 1, 0
FROM (VALUES ('tiers'), ('tier_months')) AS of (ledger)
CROSS JOIN generate_series(%(first)s::integer, %(last)s::integer) AS n ON CONFLICT DO NOTHING
"""


@at_any_size
@pytest.mark.parametrize(
    ("report", "query", "most"),
    [
        ("movement", {"from": str(a.DAY), "to": str(a.DAY)}, 60),
        ("changes", {"from": str(a.DAY), "to": str(a.DAY)}, 10),
        ("members", {"day": str(a.DAY)}, 60),
    ],
)
def test_a_report_reads_its_totals_however_many_there_are(report, query, most, filling, analyst) -> None:
    deliver(a.tier_changed(changed_at=a.NOON))
    [(programme,)] = rows("SELECT programme_key FROM dim_programme")
    execute("DELETE FROM movement_total")
    filling.fill(["movement_total"], OF_FOUR_DAYS, programme=programme)

    with rows_read("movement_total") as read, rows_read("fact_tier_change", "dim_member") as of_members:
        assert table(analyst, report, **query)

    assert 10 <= read() <= most
    assert of_members() == 0
    assert read.pages() <= 80


def test_a_report_takes_as_many_statements_for_much_as_for_little(
    analyst: Actor, django_assert_max_num_queries: Any
) -> None:
    deliver(*(change(1, None, f"t{number}", member_id=new_id()) for number in range(40)))

    for report in ("movement", "changes", "members"):
        with django_assert_max_num_queries(4):
            table(analyst, report, **({"day": str(date(2026, 11, 23))} if report == "members" else NOVEMBER))
