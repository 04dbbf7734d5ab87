"""Bytes become records, however hostile they are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.imports.errors import ColumnMissing, FileUnreadable, RowMalformed
from points.imports.rules.headings import heading_of
from points.imports.rules.plan import Heading, Plan
from points.imports.rules.records import LONGEST_ROW, Record, csv_records, records

PLAN = Plan(columns={"member_id": "Card", "points": "Points"})


def read(data: bytes, **how: Any) -> list[Record]:
    return list(csv_records(data, **({"encoding": "utf-8", "separator": ",", "start": 0, "is_end": True} | how)))


def cells(data: bytes, **how: Any) -> list[Any]:
    return [None if isinstance(one.cells, RowMalformed) else one.cells for one in read(data, **how)]


def test_quotes_line_ends_and_separators_inside_cells() -> None:
    data = b'a,"b, ""c""",d\r\n"two\nlines",2,\n'

    assert read(data) == [Record(0, 16, ["a", 'b, "c"', "d"]), Record(16, 15, ["two\nlines", "2", ""])]


def test_an_empty_line_is_a_record_without_cells() -> None:
    assert cells(b"a\n\r\n\nb") == [["a"], [], [], ["b"]]


def test_a_record_that_may_go_on_beyond_the_bytes_is_left_out() -> None:
    assert cells(b'a,1\n"b\nc', is_end=False) == [["a", "1"]]
    assert list(records(b"a,1\nb,2", PLAN, Heading(columns=("x", "y")), start=0, is_end=False)) == [
        Record(0, 4, ["a", "1"])
    ]


def test_an_open_quote_costs_its_own_line_only() -> None:
    found = read(b'a,1\n"b,2\nc,3\nd,4\n')

    assert [(one.start, one.size) for one in found] == [(0, 4), (4, 5), (9, 4), (13, 4)]
    assert [isinstance(one.cells, RowMalformed) for one in found] == [False, True, False, False]


def test_an_open_quote_before_many_lines_costs_its_own_line_only() -> None:
    data = b'"b,2\n' + b"c,3\n" * 20_000

    found = cells(data)

    assert (len(found), found[0], found[1]) == (20_001, None, ["c", "3"])


@pytest.mark.parametrize("line", [b'"a"x,1\n', b"a\rb,1\n", b"\xff\xfe,1\n", b"a" * LONGEST_ROW + b",1\n"])
def test_a_line_that_cannot_be_read_is_refused_alone(line: bytes) -> None:
    assert cells(b"a,1\n" + line + b"b,2\n") == [["a", "1"], None, ["b", "2"]]


def test_latin_1_is_read_on_request() -> None:
    assert cells(b"M\xfcller,1\n", encoding="latin-1") == [["Müller", "1"]]
    assert cells("Müller,1\n".encode()) == [["Müller", "1"]]


@given(st.lists(st.lists(st.text(alphabet='ab",;\n\r ', max_size=5), min_size=1, max_size=3), max_size=10))
def test_records_lie_side_by_side_and_cover_all_bytes(rows: list[list[str]]) -> None:
    data = "\n".join(",".join(row) for row in rows).encode()

    found = read(data)

    ends = [one.start + one.size for one in found]
    assert [one.start for one in found] == [0, *ends[:-1]][: len(found)]
    assert (ends or [0])[-1] == len(data)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_reading_in_two_parts_gives_what_reading_at_once_does(data: bytes, cut: int) -> None:
    data = data.replace(b'"', b"") + b"\n"
    part = data[: data.find(b"\n", cut) + 1]

    first = read(part, is_end=part == data)
    position = first[-1].start + first[-1].size if first else 0
    both = [*first, *read(data[position:], start=position)]

    assert [(one.start, one.size) for one in both] == [(one.start, one.size) for one in read(data)]


def heading(data: bytes, plan: Plan = PLAN, **how: Any) -> Heading:
    return heading_of(data, plan, **({"is_end": True} | how))


@pytest.mark.parametrize(
    ("line", "separator"),
    [
        (b"Card,Points\n", ","),
        (b"Card;Points\n", ";"),
        (b"Card\tPoints\n", "\t"),
        (b'"Card";"Points"\r\n', ";"),
        (b"\xef\xbb\xbf card ;POINTS\n", ";"),
    ],
)
def test_the_first_line_tells_the_columns_and_what_separates_them(line: bytes, separator: str) -> None:
    found = heading(line + b"x")

    assert found == Heading(columns=("card", "points"), separator=separator, position=len(line))


def test_columns_may_come_in_any_order_among_others_after_empty_lines() -> None:
    found = heading(b"\n;;\nPoints;Shop;;Card\n")

    assert (found.columns, found.position) == (("points", "shop", "", "card"), 22)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"Card,Points,card\n",
        b"Card,Points,\x00\n",
        "Card,Points\x85\n".encode(),
        "Card,Points,P\u0085\n".encode(),
        b'Card,Points,"a\nb"\n',
        b"Card,Points,\x1fShop\n",
        "Card,Points,\u0378\n".encode(),
        b"Card,Points" + b",x" * 1000 + b"\n",
        b"Card\xff,Points\n",
        b"\xff\xfeC\x00",
        b"PK\x03\x04zip",
        b"\x1f\x8bgzip",
        b'"Card,Points\n',
        b"Card,Points," + b"x" * LONGEST_ROW + b"\n",
    ],
)
def test_a_first_line_that_names_no_columns(data: bytes) -> None:
    with pytest.raises(FileUnreadable):
        heading(data)


def test_a_column_that_the_mapping_names_and_the_file_lacks_is_named() -> None:
    with pytest.raises(ColumnMissing) as refusal:
        heading(b" Card,Date,, \n")

    assert refusal.value.members == {"columns": ["Points"], "found": ["Card", "Date"]}


def test_of_many_columns_that_were_found_fifty_are_named_and_of_their_names_a_hundred_characters() -> None:
    with pytest.raises(ColumnMissing) as refusal:
        heading(b"Card," + ",".join("x" * 150 + str(number) for number in range(60)).encode() + b"\n")

    found = refusal.value.members["found"]
    assert (len(found), found[0], found[1]) == (50, "Card", "x" * 100)


@pytest.mark.parametrize("line", [b"sep=;\n", b'"sep=;"\r\n', b"SEP=;\n"])
def test_a_line_that_says_what_separates_is_no_heading(line: bytes) -> None:
    data = line + b"Card;Points, all\n1;2,3\n"

    found = heading(data, Plan(columns={"member_id": "Card", "points": "Points, all"}))

    assert found == Heading(columns=("card", "points, all"), separator=";", position=len(line) + 17)


def test_a_mapping_that_names_the_separator_counts_more_than_the_file() -> None:
    found = heading(b"sep=;\nCard,Points\n", Plan(columns=PLAN.columns, separator=","))

    assert (found.columns, found.separator) == (("card", "points"), ",")


def test_a_separator_that_is_not_read_is_named() -> None:
    with pytest.raises(FileUnreadable) as refusal:
        heading(b"sep=|\nCard|Points\n")

    assert "'|'" in (refusal.value.detail or "")


def test_lines_may_end_with_a_carriage_return_alone() -> None:
    data = b'Card,Points\ra,"1\r2"\rb,3\r'

    found = heading(data)

    assert (found.line_end, found.position) == ("\r", 12)
    rows = list(records(data[12:], PLAN, found, start=12, is_end=True))
    assert [(one.start, one.size, one.cells) for one in rows] == [(12, 8, ["a", "1\r2"]), (20, 4, ["b", "3"])]
    assert [one.cells for one in records(data[12:-1], PLAN, found, start=12, is_end=False)] == [["a", "1\r2"]]


def test_what_spreadsheets_write_is_read_as_windows_1252() -> None:
    assert cells(b"\x80 5 \x96 caf\xe9,1\n", encoding="windows-1252") == [["€ 5 \u2013 café", "1"]]
    assert cells(b"\x81,1\nb,2\n", encoding="windows-1252") == [None, ["b", "2"]]


def objects(data: bytes) -> list[Any]:
    plan = Plan(columns=PLAN.columns, format="ndjson")
    found = records(data, plan, heading(b"", plan), start=0, is_end=True)
    return [None if isinstance(one.cells, RowMalformed) else one.cells for one in found]


def test_lines_of_json_become_cells_whose_numbers_stay_as_they_were_written() -> None:
    found = objects(b'{"points": 1.50, "CARD": "x", "shop": null}\n\n{"card": 123456789012345678901234567890}\n')

    assert [row[:2] for row in found] == [["x", "1.50"], [], ["123456789012345678901234567890", ""]]


def test_the_content_of_an_object_does_not_depend_on_order_or_empty_members() -> None:
    first, second = objects(b'{"card": "x", "points": 5, "shop": ""}\n{"POINTS": "5", "card": " x"}\n')

    assert first[2] == second[2] == "card\x1ex\x1fpoints\x1e5"


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"5",
        b"{",
        b'{"a": [1]}',
        b'{"a": true}',
        b'{"a": {"b": 1}}',
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "A": 2}',
        b"[" * 50_000,
        b'{"a": "\xff"}',
        b'{"\\ud800": 1}',
        b'{"a\\u0000": 1}',
        b'{"a\\u0085": 1}',
        b'{"a": "\\ud800"}',
        b'{"a": "x\\u0000"}',
        b'{"a": "x\\u001fb\\u001ey"}',
        b'{"a": "x\\ny"}',
        '{"a": "\u0378"}'.encode(),
        b'{"a": "' + b"x" * LONGEST_ROW + b'"}',
    ],
)
def test_a_line_that_is_no_flat_object_is_refused_alone(line: bytes) -> None:
    good = b'{"card": "x", "points": 5}\n'

    found = objects(good + line + b"\n" + good)

    assert [one and one[:2] for one in found] == [["x", "5"], None, ["x", "5"]]


@pytest.mark.parametrize(
    ("line", "detail", "members"),
    [
        (b'{"card": "x", "\\ud800": 1}', r"The name '\ud800' has a control or unassigned character.", {}),
        (
            b'{"card": "x", "Shop": "a\\u0000"}',
            "Shop: control and unassigned characters are not allowed.",
            {"column": "Shop"},
        ),
    ],
)
def test_an_object_with_what_is_no_text_says_where(line: bytes, detail: str, members: dict[str, str]) -> None:
    plan = Plan(columns=PLAN.columns, format="ndjson")

    (found,) = records(line, plan, heading(b"", plan), start=0, is_end=True)

    assert isinstance(found.cells, RowMalformed)
    assert (found.cells.detail, found.cells.members) == (detail, members)


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (b'{"a": 1, b}', "It is not JSON from character 10 on."),
        (b"[" * 50_000, "It is no JSON object: it is nested too deep."),
        (b'{"a": [1]}', "It is no JSON object: a member is neither text nor a number."),
    ],
    ids=["no JSON", "deep", "no flat object"],
)
def test_what_is_no_flat_json_object_is_said_in_words_of_the_format(line: bytes, detail: str) -> None:
    plan = Plan(columns=PLAN.columns, format="ndjson")

    (found,) = records(line, plan, heading(b"", plan), start=0, is_end=True)

    assert isinstance(found.cells, RowMalformed)
    assert found.cells.detail == detail


@pytest.mark.parametrize("line", [b'"a"x,1\n', b"a\rb,1\n", b'"a,1\n'])
def test_what_is_no_csv_is_said_in_words_of_the_format(line: bytes) -> None:
    (found,) = read(line)

    assert isinstance(found.cells, RowMalformed)
    assert (found.cells.detail or "").startswith("It is not CSV: a quote is not closed")


def test_lines_that_end_with_a_carriage_return_beside_a_quoted_line_feed_say_so() -> None:
    with pytest.raises(FileUnreadable) as refusal:
        heading(b'Card,Points,Note\ra,1,"x\ny"\r')

    assert "a carriage return alone is outside of quotes" in (refusal.value.detail or "")
