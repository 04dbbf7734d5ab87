"""Cells become postings: numbers, money and dates as people and tills write them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from points.imports.errors import InvalidValue, KeyRepeated, RowMalformed
from points.imports.rules import cells
from points.imports.rules.plan import Heading, Plan
from points.imports.rules.rows import Command, Layout, command_of, posting_of
from points.imports.rules.tallies import (
    Accepted,
    EarnsNothing,
    Known,
    LeftOut,
    Tally,
    refusals_by_code,
    tally,
    together,
)
from points.ledger.errors import ApprovalNeeded
from points.ledger.rules.values import Kind, Posting
from points.programmes.errors import ProgrammeClosed
from points.programmes.rules import Programme
from shared.errors import InsufficientScope
from shared.ids import new_id
from shared.testing.texts import NO_TEXTS, TEXTS, UNSEEN

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEMBER = UUID("00000000-0000-7000-8000-000000000001")
PROGRAMME = Programme(
    id=UUID("00000000-0000-7000-8000-0000000000aa"),
    name="Plaza",
    currency="EUR",
    timezone="Europe/Berlin",
    earn_points=1,
    earn_amount=100,
    lot_days=None,
    value_points=100,
    value_amount=100,
    rounding="floor",
    status="active",
    is_default=True,
    created_at=AT,
    adjustment_limit=50,
)


def against() -> dict[str, Any]:
    """What a posting is made with, as the first of its file."""
    return {"posting_id": new_id(), "actor_id": MEMBER, "at": AT, "known": {}}


COLUMNS = {
    "member_id": "Card",
    "points": "Points",
    "amount": "Total",
    "kind": "Type",
    "reference": "Receipt",
    "reason": "Note",
    "occurred_at": "Sold",
    "expires_at": "Ends",
}
ROW = {"Card": str(MEMBER), "Points": "10", "Type": "sale"}


def command(row: dict[str, str], **changes: Any) -> Command:
    plan = Plan(**{"columns": COLUMNS, "kinds": {"sale": "earn", "spent": "redeem"}, "timezone": "UTC"} | changes)
    names = [*COLUMNS.values(), "Shop"]
    layout = Layout(plan, Heading(columns=tuple(name.casefold() for name in names)))
    return command_of([(ROW | row).get(name, "") for name in names], layout, at=AT)


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


@pytest.mark.parametrize(
    ("cell", "mark", "amounts_in", "expected"),
    [
        ("12", ".", "major", 1200),
        ("12.5", ".", "major", 1250),
        ("1,234.56", ".", "major", 123456),
        ("1.234,56", ",", "major", 123456),
        ("1 234,5", ",", "major", 123450),
        ("1'234.50", ".", "major", 123450),
        ("1\u2019234.50", ".", "major", 123450),
        ("1\u202f234\u202f567,50", ",", "major", 123456750),
        ("-0,05", ",", "major", -5),
        ("12.5000", ".", "major", 1250),
        ("1999", ".", "minor", 1999),
    ],
)
def test_amounts(cell: str, mark: str, amounts_in: str, expected: int) -> None:
    assert cells.minor_units(cell, currency="EUR", mark=mark, amounts_in=amounts_in) == expected


@pytest.mark.parametrize("cell", ["1.234", "12.34.56", "1,23", "12 34", "", "+", "1.", ".5", "1.99 EUR", "1" * 400])
def test_what_is_no_amount(cell: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        cells.minor_units(cell, currency="EUR", mark=".", amounts_in="major")


def test_a_currency_without_minor_units_has_no_fraction() -> None:
    assert cells.minor_units("1,234", currency="JPY", mark=".", amounts_in="major") == 1234
    with pytest.raises(ValueError, match="0 digits"):
        cells.minor_units("12.5", currency="JPY", mark=".", amounts_in="major")


@pytest.mark.parametrize(
    ("cell", "dates", "expected"),
    [
        ("2026-03-01T10:00:00Z", "iso", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01 10:00", "iso", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01", "iso", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("1.3.2026", "dmy", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("01.03.2026 10:05", "dmy", datetime(2026, 3, 1, 9, 5, tzinfo=UTC)),
        ("3/1/2026, 10:05:07", "mdy", datetime(2026, 3, 1, 9, 5, 7, tzinfo=UTC)),
        ("25.10.2026 02:30", "dmy", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_instants_without_an_offset_are_local(cell: str, dates: str, expected: datetime) -> None:
    assert cells.instant(cell, dates=dates, timezone="Europe/Berlin") == expected


def test_a_day_as_an_end_is_its_last_instant() -> None:
    found = cells.instant("28.03.2026", dates="dmy", timezone="Europe/Berlin", is_end=True)

    assert found == datetime(2026, 3, 28, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "dates"),
    [("29.03.2026 02:30", "dmy"), ("31.02.2026", "dmy"), ("13/13/2026", "mdy"), ("1.3.26", "dmy"), ("24:61", "dmy")],
)
def test_an_instant_that_never_was(cell: str, dates: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        cells.instant(cell, dates=dates, timezone="Europe/Berlin")


def key_of(made: Command, occurrence: int = 1) -> str:
    found = posting_of(made, occurrence, PROGRAMME, **against()).source_key
    assert found
    return found.removeprefix(f"import:{PROGRAMME.id}:")


def test_a_row_is_itself_by_its_content_and_its_number_among_equals() -> None:
    first, second = key_of(command({"Shop": "1"})), key_of(command({"Shop": "1"}), 2)

    assert second == first.replace(":1", ":2")
    assert first != key_of(command({"Shop": "2"}))


def test_the_content_does_not_depend_on_how_the_row_is_read() -> None:
    assert key_of(command({})) == key_of(command({}, kinds={"sale": "adjust"}))


def test_a_row_is_itself_by_its_key_columns() -> None:
    assert key_of(command({"Receipt": "r-1"}, key=("receipt",))) == "key:r-1"
    assert key_of(command({"Receipt": "r-1", "Shop": "7"}, key=("Receipt", "Shop"))) == 'key:["r-1","7"]'


@pytest.mark.parametrize("receipt", ["", "x" * 201])
def test_a_key_that_is_none_is_refused(receipt: str) -> None:
    with pytest.raises(InvalidValue):
        command({"Shop": receipt}, key=("Shop",))


def test_a_key_that_an_earlier_row_has_is_refused() -> None:
    with pytest.raises(KeyRepeated):
        posting_of(command({"Receipt": "r"}, key=("Receipt",)), 2, PROGRAMME, **against())


def test_the_longest_source_key_fits_its_column() -> None:
    found = posting_of(command({"Shop": "x" * 200}, key=("Shop",)), 1, PROGRAMME, **against())

    assert found.source_key
    assert len(found.source_key) <= 320


def test_a_closed_programme_and_a_large_adjustment_are_refused() -> None:
    closed = Programme(**{name: getattr(PROGRAMME, name) for name in Programme.__slots__} | {"status": "closed"})
    with pytest.raises(ProgrammeClosed):
        posting_of(command({}), 1, closed, **against())
    with pytest.raises(ApprovalNeeded):
        posting_of(command({"Points": "-51", "Type": "adjust"}), 1, PROGRAMME, **against())


def test_rows_are_counted_by_what_became_of_them() -> None:
    adjusted = [command({"Type": "adjust", "Points": points}) for points in ("5", "-3")]
    spent = command({"Type": "spent", "Points": "2"})
    ended, left_out = (
        Accepted(command({"Points": "4"}), has_ended=True, is_unknown=True),
        LeftOut(command({"Points": "8"})),
    )
    accepted = [Accepted(command({})), *map(Accepted, adjusted), Accepted(spent), ended]

    found = tally([*accepted, left_out, Known(), EarnsNothing(), EarnsNothing(), KeyRepeated()])

    assert found == Tally(
        rows=10, accepted=5, known=1, refused=1, earns_nothing=2, left_out=1, earned=14, redeemed=2, added=5,
        deducted=3, earned_rows=2, redeemed_rows=1, adjusted_rows=2, already_expired_rows=2, already_expired=12,
        unknown_members=1,
    )  # fmt: skip
    assert found.points == 14


def test_who_registered_meanwhile_changes_nothing_of_what_is_posted() -> None:
    seen = tally([Accepted(command({}), is_unknown=True)])

    assert seen.moves_as(tally([Accepted(command({}))]))
    assert not seen.moves_as(tally([Accepted(command({"Points": "9"}), is_unknown=True)]))


def test_refusals_are_counted_by_code_over_all_chunks() -> None:
    first = together({}, refusals_by_code([KeyRepeated(), Known(), RowMalformed(), KeyRepeated()]))

    assert first == {"imports.key_repeated": 2, "imports.row_malformed": 1}
    assert together(first, refusals_by_code([RowMalformed()])) == {
        "imports.key_repeated": 2, "imports.row_malformed": 2,
    }  # fmt: skip


def test_what_a_row_earns_waits_as_the_programme_says() -> None:
    waits = Programme(**{name: getattr(PROGRAMME, name) for name in Programme.__slots__} | {"pending_days": 14})

    earned = posting_of(command({}), 1, waits, **against())
    adjusted = posting_of(command({"Points": "5", "Type": "adjust"}), 1, waits, **against())

    assert earned.activates is not None
    assert (earned.activates.on_event, adjusted.activates) == ("", None)
    assert earned.activates.due_at > AT


def test_rows_that_say_the_same_have_the_same_terms_and_others_have_their_own():
    known: dict[object, Any] = {}
    yearly = Programme(**{name: getattr(PROGRAMME, name) for name in Programme.__slots__} | {"lot_days": 365})
    rows = [
        {},
        {"Points": "7"},
        {"Sold": "2026-02-01T10:00:00Z"},
        {"Ends": "2026-12-24"},
        {"Points": "5", "Type": "adjust"},
        {"Points": "-5", "Type": "adjust"},
        {"Points": "5", "Type": "spent"},
    ]
    together = [posting_of(command(row), 1, yearly, **against() | {"known": known}) for row in rows]
    apart = [posting_of(command(row), 1, yearly, **against()) for row in rows]

    def ends(posting: Posting) -> tuple[object, ...]:
        return posting.expires_at, posting.expires_on, posting.activates

    assert [ends(one) for one in together] == [ends(one) for one in apart]
    assert len({ends(one) for one in together}) == 4
    assert len(known) == 6


@pytest.mark.parametrize("cell", ["2026-12-31", "20261231", "2026-W53-4", "2026W534"])
def test_each_form_of_a_day_is_that_day_and_as_an_end_its_end(cell: str) -> None:
    how = {"dates": "iso", "timezone": "America/New_York"}

    assert cells.instant(cell, **how) == datetime(2026, 12, 31, 5, tzinfo=UTC)
    assert cells.instant(cell, **how, is_end=True) == datetime(2027, 1, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["2026-12-31T18:00", "20261231T1800", "2026-W53-4 18:00", "2026-12-31T18", "20261231T18-0500"]
)
def test_each_form_of_an_instant_is_that_instant_also_as_an_end(cell: str) -> None:
    found = cells.instant(cell, dates="iso", timezone="America/New_York", is_end=True)

    assert found == datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["2026-W53", "2026W53", "2026-365", "2026365", "2026-12", "31122026", "2026-12-31x18:00"]
)
def test_what_would_be_read_as_another_day_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        cells.instant(cell, dates="iso", timezone="America/New_York", is_end=True)


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


@pytest.mark.parametrize(("column", "key"), [("Receipt", ()), ("Shop", ("Shop",))])
@pytest.mark.parametrize("text", [text for text in UNSEEN if text == text.strip()], ids=ascii)
def test_an_id_that_looks_like_another_is_refused(column: str, key: tuple[str, ...], text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        command({column: text}, key=key)

    assert (refusal.value.members["column"].casefold(), command({"Note": text}).reason) == (column.casefold(), text)


def test_ids_are_composed() -> None:
    assert command({"Receipt": "A\u030a-1"}).reference == "\u00c5-1"
    assert key_of(command({"Shop": "A\u030a-1"}, key=("Shop",))) == "key:\u00c5-1"


def test_a_cell_of_a_column_without_a_name_is_told_by_its_number() -> None:
    layout = Layout(Plan(columns={"member_id": "a", "points": "b"}), Heading(columns=("a", "b", "")))

    with pytest.raises(RowMalformed) as refusal:
        command_of([str(MEMBER), "5", "\x00"], layout, at=AT)

    assert refusal.value.members == {"column": "3"}


@pytest.mark.parametrize(("cell", "dates"), [("31.02.2026", "dmy"), ("2/30/2026", "mdy"), ("1.3.2026 25:00", "dmy")])
def test_a_date_that_never_was_says_what_is_expected(cell: str, dates: str) -> None:
    with pytest.raises(ValueError, match=r"a date .* is expected"):
        cells.instant(cell, dates=dates, timezone="Europe/Berlin")
