from datetime import UTC, date, datetime

import pytest

from warehouse.reports.tables import Table, to_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    written = to_csv(Table(None, ("name",), [[text]]))

    assert written.split("\r\n", 1)[1].lstrip('"').startswith("'")


def test_numbers_and_dates_stay_what_they_are():
    row = [-5, None, date(2026, 11, 23), datetime(2026, 11, 23, 12, tzinfo=UTC), "plain, with comma"]

    written = to_csv(Table(None, tuple("abcde"), [row]))

    assert written == 'a,b,c,d,e\r\n-5,,2026-11-23,2026-11-23T12:00:00Z,"plain, with comma"\r\n'
