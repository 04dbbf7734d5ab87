"""Rows become commands, and what cannot be one says which cell is at fault."""

from datetime import UTC, datetime

import pytest

from points.imports.errors import InvalidValue, RowMalformed
from points.imports.rules.plan import Heading, Plan
from points.imports.rules.rows import Layout, command_of
from points.ledger.rules.values import Kind
from shared.errors import InsufficientScope
from shared.testing.texts import NO_TEXTS, TEXTS
from tests.rules.row_factories import AT, MEMBER, command


def test_a_row_with_every_field() -> None:
    found = command({"Receipt": "r-1", "Note": "a book", "Sold": "2026-02-28T12:00:00+01:00", "Ends": "2026-12-31"})

    assert (found.kind, found.member_id, found.points, found.amount) == (Kind.EARNED, MEMBER, 10, 0)
    assert (found.reference, found.reason) == ("r-1", "a book")
    assert found.occurred_at == datetime(2026, 2, 28, 11, tzinfo=UTC)
    assert found.expires_at == datetime(2027, 1, 1, tzinfo=UTC)


def test_money_earns_as_the_programme_says_where_the_points_are_empty() -> None:
    found = command({"Points": "", "Total": "12,99"}, decimal_mark=",")

    assert (found.points, found.amount) == (12, 1299)


def test_constants_stand_in_for_empty_cells() -> None:
    found = command({"Type": ""}, constants={"kind": "adjust", "reason": "opening balance"})

    assert (found.kind, found.reason) == (Kind.ADJUSTED, "opening balance")


@pytest.mark.parametrize(
    "row",
    [
        {"Card": ""},
        {"Card": "4711"},
        {"Card": "{00000000-0000-7000-8000-000000000001}"},
        {"Points": "0", "Type": "spent"},
        {"Points": "0", "Type": "adjust"},
        {"Points": "-1"},
        {"Points": "1.5"},
        {"Points": "1e3"},
        {"Points": "1_000"},
        {"Points": "1.000"},
        {"Points": "10.01"},
        {"Points": "1'00"},
        {"Points": "٣"},
        {"Points": "9" * 5000},
        {"Points": str(2**63)},
        {"Points": "1000000000001"},
        {"Points": ""},
        {"Points": "", "Total": "-1.00"},
        {"Points": "", "Total": "NaN"},
        {"Points": "", "Total": "1.001"},
        {"Points": "", "Total": "1,00"},
        {"Points": "", "Total": "9" * 13},
        {"Points": "", "Total": "5.00", "Type": "spent"},
        {"Type": ""},
        {"Type": "stolen"},
        {"Receipt": "x" * 101},
        {"Sold": "yesterday"},
        {"Sold": "2026-02-30"},
        {"Sold": "1999-12-31"},
        {"Sold": "9999-12-31"},
        {"Sold": "2026-03-02"},
        {"Ends": "2026-02-01", "Sold": "2026-02-02T01:00"},
        {"Ends": "2026-02-01", "Sold": "2026-02-02T00:00"},
        {"Ends": "9999-12-31"},
    ],
)
def test_a_cell_that_has_no_proper_value_is_named(row: dict[str, str]) -> None:
    with pytest.raises(InvalidValue) as refusal:
        command(row)

    assert refusal.value.members["column"] in (*row, "Points", "Total")


@pytest.mark.parametrize("row", [{"Points": "", "Total": "0.99"}, {"Points": "", "Total": "0"}, {"Points": "0"}])
def test_what_is_too_little_to_earn_a_point_is_no_fault(row: dict[str, str]) -> None:
    assert command(row).points == 0


@pytest.mark.parametrize("fault", [{"Card": "4711"}, {"Sold": "yesterday"}, {"Receipt": "a\x00"}])
def test_nor_does_it_hide_one(fault: dict[str, str]) -> None:
    with pytest.raises((InvalidValue, RowMalformed)):
        command({"Points": "", "Total": "0.50"} | fault)


def test_an_end_that_has_passed_is_taken_as_one_that_the_programme_gives_is() -> None:
    assert command({"Ends": "2026-02-01"}).expires_at == datetime(2026, 2, 2, tzinfo=UTC)
    assert command({"Ends": "2026-02-27", "Sold": "2026-02-27"}).expires_at == datetime(2026, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["1234.0", "1234.00", "1'234", "1\u2019234", "1\u202f234", "1\u00a0234", "1 234.0", "+1,234"]
)
def test_whole_points_as_spreadsheets_write_them(cell: str) -> None:
    assert command({"Points": cell}).points == 1234


def test_the_mark_of_decimals_is_that_of_points_too() -> None:
    assert [command({"Points": cell}, decimal_mark=",").points for cell in ("10,0", "1.234")] == [10, 1234]
    with pytest.raises(InvalidValue):
        command({"Points": "10.0"}, decimal_mark=",")


def test_a_kind_that_the_caller_may_not_post_is_refused() -> None:
    with pytest.raises(InsufficientScope) as refusal:
        command({"Type": "spent"}, may=("earn",))

    assert refusal.value.members == {"required": ["points:redeem-any"]}


@pytest.mark.parametrize(("row", "width"), [(["a"], 2), (["a", "b", "c"], 2), (["x"] * 10_000, 2)])
def test_a_row_of_another_width_is_refused(row: list[str], width: int) -> None:
    layout = Layout(Plan(columns={"member_id": "a", "points": "b"}), Heading(columns=("a", "b")))

    with pytest.raises(RowMalformed):
        layout.fitted(row)


def test_empty_cells_beyond_the_heading_are_dropped() -> None:
    layout = Layout(Plan(columns={"member_id": "a", "points": "b"}), Heading(columns=("a", "b")))

    assert layout.fitted(["1", "2", "", ""]) == ["1", "2"]


@pytest.mark.parametrize("column", ["Card", "Receipt", "Note", "Total", "Shop"])
@pytest.mark.parametrize("text", [*NO_TEXTS, "a\tb", "\x00", "a\x85", "\x1fa"], ids=ascii)
def test_a_cell_that_is_no_text_is_refused_whether_or_not_it_is_read(column: str, text: str) -> None:
    with pytest.raises(RowMalformed) as refusal:
        command({column: text})

    assert refusal.value.members == {"column": column.casefold()}
    assert (refusal.value.detail or "").startswith(column.casefold())


@pytest.mark.parametrize("column", ["Note", "Shop"])
@pytest.mark.parametrize("text", [*TEXTS, "a line, its end\r\n", "\ttab"])
def test_a_cell_may_have_words_of_all_languages(column: str, text: str) -> None:
    assert command({column: text}).reason == (text.strip() if column == "Note" else "import")


def test_a_cell_of_a_column_without_a_name_is_told_by_its_number() -> None:
    layout = Layout(Plan(columns={"member_id": "a", "points": "b"}), Heading(columns=("a", "b", "")))

    with pytest.raises(RowMalformed) as refusal:
        command_of([str(MEMBER), "5", "\x00"], layout, at=AT)

    assert refusal.value.members == {"column": "3"}
