"""After all that can happen to points, each account of them says the same: balance, statement, story, warehouse."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clients.api import ok, refused
from clients.ledger import EXPLANATION, STATEMENT, on_delivery, pieces, purchase
from clients.points import POINTS
from conftest import Command
from eventually import eventually
from people import Merchant, Person, new_member

pytestmark = pytest.mark.usefixtures("default_programme")
# What the warehouse calls what the ledger's transactions of these kinds did to points that are available or held.
FLOWS = ("earned", "expired", "returned", "restored", "sent", "received", "activated", "reinstated")
TAKEN = ("redeemed", "expired", "returned", "sent")


@pytest.fixture(scope="module")
def old(url: str) -> Person:
    return new_member(url)


@pytest.fixture(scope="module")
def new(url: str) -> Person:
    return new_member(url)


@pytest.fixture(scope="module")
def programme(operator: Person, old: Person, new: Person, merchant: Merchant, manage: Command) -> str:
    """A programme in which all has happened to two members, of whom one became the other."""
    made = str(operator.points.make_programme("Everything")["id"])
    _earn_and_wait(operator, old, made)
    _buy_and_return(merchant, old, made)
    _hold(old, made)
    _end_and_come_back(operator, old, made, manage)
    _correct(operator, old, new, made)
    operator.points.earn(new.id, 7, programme=made)
    operator.ledger.merge(old.id, new.id)
    new.points.redeem(3, programme=made)
    return made


def _earn_and_wait(operator: Person, member: Person, programme: str) -> None:
    soon = (datetime.now(UTC) + timedelta(days=40)).isoformat()
    operator.points.earn(member.id, 500, programme=programme, expires_at=soon)
    wait: dict[str, Any] = {"programme": programme, "activates": on_delivery()}
    for points, order in ((40, "order-1"), (30, "order-2"), (20, "order-3")):
        earned = operator.points.earn(member.id, points, reference=order, **wait)
    operator.ledger.happened(member.id, programme=programme, reference="order-1")
    operator.ledger.cancel(earned["id"])


def _buy_and_return(merchant: Merchant, member: Person, programme: str) -> None:
    shop, paid = merchant.system.ledger, member.points.redeem(100, programme=programme)["id"]
    lines = (("book", 2, 7_000), ("lamp", 1, 5_000))
    told = shop.tell(purchase(member.id, *lines, programme=programme, redemption_ids=[paid]))
    shop.give_back(told["id"], lines=pieces(book=1))
    shop.give_back(told["id"], lines=pieces(lamp=1))
    shop.tell(purchase(member.id, *lines, programme=programme))


def _hold(member: Person, programme: str) -> None:
    first, second = (member.ledger.hold(points, programme=programme)["id"] for points in (50, 20))
    member.ledger.capture(first, points=30)
    member.ledger.void(second)


def _end_and_come_back(operator: Person, member: Person, programme: str, manage: Command) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=400)).isoformat()
    operator.points.earn(member.id, 90, programme=programme, occurred_at=long_ago)
    manage("points", "expire_points")
    [expired] = member.points.transactions(programme=programme, kind="expired")
    operator.ledger.reinstate(member.id, expired["id"], points=60)


def _correct(operator: Person, member: Person, other: Person, programme: str) -> None:
    correction = {"member_id": member.id, "points": -11, "reason": "counted twice", "programme": programme}
    wrong = ok(operator.api.post(f"{POINTS}/adjustments", correction), 201)["id"]
    ok(operator.api.post(f"{POINTS}/transactions/{wrong}/reversal"), 201)
    ok(operator.api.post(f"{POINTS}/adjustments", {**correction, "points": 5}), 201)
    gift = {"to_member_id": other.id, "points": 15, "reason": "a present", "programme": programme}
    ok(member.api.post(f"{POINTS}/transfers", gift), 201)


def all_transactions(member: Person, programme: str) -> list[dict[str, Any]]:
    """Return all that was posted to a member, the oldest first, page by page."""
    page = ok(member.api.get(f"{POINTS}/transactions", programme=programme, page_size=7))
    found = list(page["results"])
    while page["next"]:
        page = ok(member.api.get(page["next"]))
        found += page["results"]
    return found[::-1]


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
        posted = all_transactions(member, programme)
        assert [line["transaction_id"] for line in found["lines"]] == [one["id"] for one in posted]


def test_every_transaction_sums_to_zero_and_follows_the_one_before(old: Person, new: Person, programme: str) -> None:
    for member in (old, new):
        buckets: Counter[str] = Counter()
        for posted in all_transactions(member, programme):
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
        counted = Counter(posted["kind"] for posted in all_transactions(member, programme))
        assert {kind["kind"]: kind["transactions"] for kind in found["by_kind"]} == counted


def test_the_statement_is_the_same_as_a_file(new: Person, programme: str) -> None:
    lines = new.ledger.statement(programme=programme)["lines"]

    text = new.api.get(STATEMENT, programme=programme, format="csv")
    assert text.headers["Content-Type"] == "text/csv; charset=utf-8"
    for line in lines:
        assert line["transaction_id"] in text.text
    assert len(list(csv.reader(io.StringIO(text.text)))) > len(lines)
    pdf = new.api.get(STATEMENT, programme=programme, format="pdf")
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")


def test_the_warehouse_says_what_the_ledger_says(
    analyst: Person, old: Person, new: Person, programme: str, manage: Command
) -> None:
    wanted = _flow_of(_all_of(old, new, programme))

    def flow() -> list[dict[str, Any]]:
        return [{name: row[name] for name in wanted} for row in analyst.warehouse.points(programme=programme)]

    eventually(flow, [wanted])
    assert wanted["net"] == new.points.balance(programme=programme)
    for member in (old, new):
        manage("points", "verify_ledger", "--member", member.id)


def _all_of(old: Person, new: Person, programme: str) -> list[dict[str, Any]]:
    return all_transactions(old, programme) + all_transactions(new, programme)


def _flow_of(posted: list[dict[str, Any]]) -> dict[str, int]:
    """Return what the report is to say of transactions: a hold is no flow, and its capture is spending."""
    flow: Counter[str] = Counter()
    for one in posted:
        moved = sum(entry["points"] for entry in one["entries"] if entry["bucket"] in ("available", "held"))
        name = {"reversed": "adjusted"}.get(one["kind"], one["kind"])
        flow[name] += -moved if name in TAKEN else moved
        flow["net"] += moved
        flow["transactions"] += one["kind"] not in ("held", "released")
    return {name: flow[name] for name in (*FLOWS, "redeemed", "adjusted", "net", "transactions")}


def test_the_services_own_totals_match_too(analyst: Person, old: Person, new: Person, programme: str) -> None:
    kinds = {name for name, total in _flow_of(_all_of(old, new, programme)).items() if total}
    kinds = (kinds & {*FLOWS, "redeemed", "adjusted"}) | {"pending", "cancelled"}

    def verdicts() -> set[tuple[str, str]]:
        rows = analyst.warehouse.reconciliation(ledger="points")
        return {(row["kind"], row["status"]) for row in rows if row["unit"] == programme}

    # The services count twice a minute.
    eventually(verdicts, {(kind, "matched") for kind in kinds}, seconds=120)


def test_what_is_asked_wrongly_is_refused_and_nobody_sees_anothers(member: Person, new: Person, programme: str) -> None:
    for path in (STATEMENT, EXPLANATION):
        refused(member.api.get(path, programme=programme, member_id=new.id), 404)
    bad = ({"from_": "2026-13-01"}, {"format": "xls"}, {"day": "today"})
    for query in bad:
        refused(new.api.get(STATEMENT, programme=programme, **query), 400, "request.invalid")
    backwards = new.api.get(STATEMENT, programme=programme, from_="2026-02-02", to="2026-02-01")
    refused(backwards, 422, "points.statement_period_invalid")
    refused(new.api.get(EXPLANATION, programme=programme, at="2999-01-01T00:00:00Z"), 400, "request.invalid")
