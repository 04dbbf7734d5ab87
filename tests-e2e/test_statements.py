"""After all that can happen to points, balance, statement and provenance of them add up and say the same."""

import csv
import io
from collections import Counter

import everything
import pytest
from clients.api import ok, refused
from clients.ledger import EXPLANATION, STATEMENT
from clients.points import POINTS
from conftest import Command
from people import Merchant, Person, new_member

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def old(url: str) -> Person:
    return new_member(url)


@pytest.fixture(scope="module")
def new(url: str) -> Person:
    return new_member(url)


@pytest.fixture(scope="module")
def programme(operator: Person, old: Person, new: Person, merchant: Merchant, manage: Command) -> str:
    """A programme in which all has happened to two members, of whom one became the other."""
    return everything.happens(operator, old, new, merchant, manage)


def test_the_statement_adds_up(old: Person, new: Person, programme: str) -> None:
    for member in (old, new):
        found, balance = member.ledger.statement(programme=programme), member.ledger.balance(programme=programme)

        assert found["opening"] == {"balance": 0, "held": 0, "pending": 0, "deficit": 0}
        assert found["came"] + found["went"] == found["closing"]["balance"] == balance["available"]
        for bucket in ("held", "pending", "deficit"):
            assert found["closing"][bucket] == balance[bucket]
        running = 0
        for line in found["lines"]:
            running += line["change"]
            assert line["balance"] == running
        posted = member.points.all_transactions(programme=programme)
        assert [line["transaction_id"] for line in found["lines"]] == [one["id"] for one in posted]


def test_every_transaction_sums_to_zero_and_follows_the_one_before(old: Person, new: Person, programme: str) -> None:
    for member in (old, new):
        buckets: Counter[str] = Counter()
        for posted in member.points.all_transactions(programme=programme):
            assert sum(entry["points"] for entry in posted["entries"]) == 0
            for entry in posted["entries"]:
                buckets[entry["bucket"]] += entry["points"]
                assert entry["balance_after"] == buckets[entry["bucket"]]


def test_the_explanation_adds_up_both_ways(old: Person, new: Person, programme: str) -> None:
    for member in (old, new):
        found = member.ledger.explanation(programme=programme)

        assert sum(kind["change"] for kind in found["by_kind"]) == found["posted"]
        left = sum(lot["remaining"] for lot in found["lots"]) + found["other_lots"]["points"]
        assert left == found["posted"] == found["available"] + found["ended"]
        assert found["available"] == member.points.balance(programme=programme)
        for lot in found["lots"]:
            assert lot["points"] - sum(taken["points"] for taken in lot["taken_by"]) == lot["remaining"]
        counted = Counter(posted["kind"] for posted in member.points.all_transactions(programme=programme))
        assert {kind["kind"]: kind["transactions"] for kind in found["by_kind"]} == counted


def test_each_transaction_is_read_and_explained_by_itself(old: Person, programme: str) -> None:
    for posted in old.points.all_transactions(programme=programme):
        path = f"{POINTS}/transactions/{posted['id']}"

        assert ok(old.api.get(path)) == posted
        provenance = ok(old.api.get(f"{path}/explanation"))

        assert provenance["transaction"] == posted
        assert provenance["balance_before"] + posted["change"] == posted["balance_after"]


def test_the_statement_is_the_same_as_a_file(new: Person, programme: str) -> None:
    lines = new.ledger.statement(programme=programme)["lines"]

    text = new.api.get(STATEMENT, programme=programme, format="csv")
    assert text.headers["Content-Type"] == "text/csv; charset=utf-8"
    for line in lines:
        assert line["transaction_id"] in text.text
    assert len(list(csv.reader(io.StringIO(text.text)))) > len(lines)
    pdf = new.api.get(STATEMENT, programme=programme, format="pdf")
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")


def test_what_is_asked_wrongly_is_refused_and_nobody_sees_anothers(member: Person, new: Person, programme: str) -> None:
    for path in (STATEMENT, EXPLANATION):
        refused(member.api.get(path, programme=programme, member_id=new.id), 404)
    bad = ({"from_": "2026-13-01"}, {"format": "xls"}, {"day": "today"})
    for query in bad:
        refused(new.api.get(STATEMENT, programme=programme, **query), 400, "request.invalid")
    backwards = new.api.get(STATEMENT, programme=programme, from_="2026-02-02", to="2026-02-01")
    refused(backwards, 422, "points.statement_period_invalid")
    refused(new.api.get(EXPLANATION, programme=programme, at="2999-01-01T00:00:00Z"), 400, "request.invalid")
