import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from points.ledger import operations
from points.ledger.rules.values import Kind, Posting
from points.programmes.queries import default_programme
from shared import clock
from shared.ids import new_id
from tests.factories import AT, UNKNOWN_ID, give, make_programme, spend

STATEMENT = "/api/v1/points/statement"
FORECAST = "/api/v1/points/expiry-forecast"
BALANCE = "/api/v1/points/balance"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def test_a_statement_runs_from_the_opening_to_the_closing_balance(member: Any, programme: Any) -> None:
    gift = give(member.id, 100, at=AT - 9 * DAY, reason="welcome")
    spent = spend(member.id, 30, reference="order:1")
    give(member.id, 5, at=AT + DAY)

    body = member.get(STATEMENT, **MARCH).json()

    assert (body["opening"]["balance"], body["came"], body["went"], body["closing"]["balance"]) == (100, 5, -30, 75)
    assert (body["programme"], body["from"], body["to"]) == (str(programme.id), "2026-03-01", "2026-03-31")
    assert [(line["change"], line["balance"]) for line in body["lines"]] == [(-30, 70), (5, 75)]
    (part,) = body["lines"][0]["lots"]
    assert (body["lines"][0]["transaction_id"], part["points"]) == (str(spent.id), -30)
    assert (part["came_from"]["transaction_id"], part["came_from"]["reason"]) == (str(gift.id), "welcome")
    assert sum(one["points"] for one in body["expiring"]) == 75


def test_a_period_of_the_past_tells_what_was_to_end_then(member: Any) -> None:
    give(member.id, 40, at=AT, expires_at=AT + 2 * DAY)
    spend(member.id, 40, at=AT + DAY)

    body = member.get(STATEMENT, **{"from": "2026-03-01", "to": "2026-03-01"}).json()

    assert body["expiring"] == [{"points": 40, "expires_at": clock.iso(AT + 2 * DAY), "expires_on": "2026-03-03"}]
    assert body["closing"]["balance"] == 40


def test_days_are_those_of_the_programmes_zone(member: Any) -> None:
    before_midnight = datetime(2026, 3, 1, 22, 59, 59, 999_999, tzinfo=UTC)
    give(member.id, 1, at=before_midnight)
    give(member.id, 20, at=before_midnight + timedelta(microseconds=1))

    first = member.get(STATEMENT, **{"from": "2026-03-01", "to": "2026-03-01"}).json()
    second = member.get(STATEMENT, **{"from": "2026-03-02", "to": "2026-03-02"}).json()

    assert (first["came"], second["opening"]["balance"], second["came"]) == (1, 1, 20)


def test_without_days_it_is_this_month_until_today(member: Any) -> None:
    give(member.id, 5)

    body = member.get(STATEMENT).json()

    assert (body["from"], body["to"], body["came"]) == ("2026-03-01", "2026-03-04", 5)


def test_a_member_without_points_has_an_empty_statement(member: Any) -> None:
    body = member.get(STATEMENT, **MARCH).json()

    assert (body["opening"]["balance"], body["lines"], body["closing"]["balance"]) == (0, [], 0)


def test_csv_has_the_same_numbers_and_no_formula(member: Any) -> None:
    give(member.id, 100, reason='=HYPERLINK("http://x";"y")', reference="@cmd", expires_at=AT + 9 * DAY)
    spend(member.id, 30, reason="-5, really")

    answer = member.get(STATEMENT, **MARCH, format="csv")

    table = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="points-2026-03-01-2026-03-31.csv"'
    assert [row["row"] for row in table] == ["opening", "transaction", "transaction", "closing", "expires"]
    assert [row["balance"] for row in table] == ["0", "100", "70", "70", ""]
    assert [row["change"] for row in table] == ["", "100", "-30", "", "-70"]
    assert (table[1]["reason"], table[1]["reference"]) == ('\'=HYPERLINK("http://x";"y")', "'@cmd")
    assert table[2]["reason"] == "'-5, really"
    assert table[1]["day"] == "2026-03-01"


def test_pdf_is_a_document_of_as_many_pages_as_it_takes(member: Any) -> None:
    given = [give(member.id, points, reason="Γεια Привет Žluť ü " * 5) for points in range(1, 120)]

    answer = member.get(STATEMENT, **MARCH, format="pdf")

    assert len(given) == 119
    assert (answer["Content-Type"], answer.content[:5], answer.content[-6:]) == (
        "application/pdf",
        b"%PDF-",
        b"%%EOF\n",
    )
    assert answer.content.count(b"/Type /Page\n") > 3


def test_pdf_of_long_unbroken_and_strange_texts(member: Any) -> None:
    for reason in ("x" * 200, "中" * 200, "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 40):
        give(member.id, 1, reason=reason[:200], reference="y" * 100)

    assert member.get(STATEMENT, **MARCH, format="pdf").content[:5] == b"%PDF-"


def test_pdf_of_nothing_is_a_page(member: Any) -> None:
    assert member.get(STATEMENT, format="pdf").content[:5] == b"%PDF-"


def test_the_form_is_also_chosen_by_what_the_client_accepts(member: Any) -> None:
    client = member._client()

    assert client.get(STATEMENT, HTTP_ACCEPT="application/pdf")["Content-Type"] == "application/pdf"
    assert client.get(STATEMENT, HTTP_ACCEPT="text/csv")["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize(
    "query",
    [{"format": "xml"}, {"from": "yesterday"}, {"from": "0001-01-01"}, {"to": "9999-12-31"}, {"month": "3"}],
)
def test_a_statement_of_no_days_or_form_is_refused(member: Any, query: dict[str, str]) -> None:
    answer = member.get(STATEMENT, **query)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize(
    "query", [{"from": "2026-03-02", "to": "2026-03-01"}, {"from": "2025-01-01", "to": "2026-03-01"}]
)
def test_a_period_that_is_reversed_or_longer_than_a_year_is_refused(member: Any, query: dict[str, str]) -> None:
    answer = member.get(STATEMENT, **query, format="pdf")

    assert (answer.status_code, answer.json()["code"]) == (422, "points.statement_period_invalid")
    assert answer.json()["longest_days"] == 366


def test_a_statement_of_too_many_transactions_is_refused(member: Any) -> None:
    for _ in range(3):
        give(member.id, 5)

    with patch("points.statements.queries.statements.MAX_LINES", 2):
        answer = member.get(STATEMENT)

    assert (answer.status_code, answer.json()["code"]) == (422, "points.statement_too_long")


def test_a_statement_takes_the_same_number_of_statements_whatever_its_length(
    member: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        give(member.id, 5)

    with django_assert_max_num_queries(10):
        assert len(member.get(STATEMENT).json()["lines"]) == 20


def test_a_forecast_tells_each_month_and_adds_up_to_the_balance(member: Any) -> None:
    midnight = datetime(2026, 3, 31, 22, tzinfo=UTC)
    give(member.id, 10, expires_at=midnight)
    give(member.id, 20, expires_at=midnight + timedelta(seconds=1))
    give(member.id, 40, expires_at=datetime(2027, 2, 28, 23, tzinfo=UTC))
    give(member.id, 80, expires_at=datetime(2027, 3, 1, 23, tzinfo=UTC))
    give(member.id, 160, expires_at=AT + DAY)
    operations.post([_never(member.id)], at=AT)

    body = member.get(FORECAST).json()

    by_month = {one["month"]: one["points"] for one in body["months"]}
    assert len(by_month) == 12
    assert (by_month["2026-03-01"], by_month["2026-04-01"], by_month["2026-05-01"]) == (10, 20, 0)
    assert (by_month["2027-02-01"], body["later"], body["never"], body["total"]) == (40, 80, 320, 470)
    assert member.get(BALANCE).json()["available"] == 470


def _never(member_id: Any) -> Any:
    return Posting(kind=Kind.EARNED, programme_id=default_programme().id, member_id=member_id, points=320)


def test_an_operator_sees_what_ends_in_a_whole_programme(
    operator: Any, member: Any, other_member: Any, programme: Any
) -> None:
    for who, points in ((member, 10), (other_member, 20)):
        give(who.id, points, expires_at=AT + 9 * DAY)
    path = f"/api/v1/programmes/{programme.id}/expiry-forecast"

    body = operator.get(path).json()

    assert (body["member_id"], body["total"]) == (None, 30)
    assert body["months"][0] == {"month": "2026-03-01", "points": 30, "lots": 2}
    assert member.get(path).status_code == 403
    assert operator.get(f"/api/v1/programmes/{new_id()}/expiry-forecast").status_code == 404


@pytest.mark.parametrize("path", [STATEMENT, FORECAST])
def test_an_operator_reads_anybodys_and_a_member_only_the_own(
    operator: Any, member: Any, other_member: Any, path: str
) -> None:
    give(member.id, 5)

    assert operator.get(path, member_id=member.id).status_code == 200
    assert other_member.get(path, member_id=member.id).status_code == 404


@pytest.mark.parametrize("path", [STATEMENT, FORECAST, f"/api/v1/programmes/{UNKNOWN_ID}/expiry-forecast"])
def test_neither_is_told_without_the_scope(path: str, analyst: Any) -> None:
    assert analyst.get(path).status_code == 403
