"""CSV as a download: what a spreadsheet reads of it."""

import csv
import io
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from shared.http.csvfiles import csv_answer, csv_stream, csv_text

STARTS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20A1"]


@pytest.mark.parametrize("text", STARTS)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert list(csv.reader(io.StringIO(csv_text([[text]]), newline=""))) == [[f"'{text}"]]


def test_numbers_and_dates_stay_what_they_are() -> None:
    row = [-5, None, date(2026, 11, 23), datetime(2026, 11, 23, 12, tzinfo=UTC), UUID(int=7), "plain, with comma"]

    assert csv_text([row]) == (
        '-5,,2026-11-23,2026-11-23T12:00:00Z,00000000-0000-0000-0000-000000000007,"plain, with comma"\r\n'
    )


@pytest.mark.parametrize("rows", [0, 1, 199, 200, 1001])
def test_a_stream_has_every_row_once_below_its_columns(rows: int) -> None:
    answer = csv_stream(("name", "number"), ([f"=ü{one}", one] for one in range(rows)), "some")

    read = list(csv.reader(io.StringIO(b"".join(answer).decode(), newline="")))

    assert read == [["name", "number"], *([f"'=ü{one}", str(one)] for one in range(rows))]


def test_both_forms_are_downloads_that_say_their_character_set() -> None:
    for answer in (csv_answer([["a"]], "some"), csv_stream(["a"], [], "some")):
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer["Content-Disposition"] == 'attachment; filename="some.csv"'
