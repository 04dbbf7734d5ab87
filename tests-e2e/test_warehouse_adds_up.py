"""The reports say what the ledgers say, to the cent and the point, within seconds."""

from typing import Any

from clients.payments import line
from clients.tiers import tiers_document
from eventually import eventually
from people import Merchant, Person, new_merchant
from test_budgets import bought_for_ten

SECONDS = 10


def test_a_merchants_day_is_its_payments(url: str, operator: Person, analyst: Person, member: Person) -> None:
    shop = new_merchant(url, operator)
    first = member.payments.pay(shop.id, line("book", 8_001), line("lamp", 3_999))
    member.payments.pay(shop.id, line("pen", 1))
    shop.system.payments.refund(first["id"], lines=[{"line_id": "lamp", "quantity": 1}])
    wanted = {"captured_count": 2, "captured_amount": 12_001, "refunded_count": 1, "refunded_amount": 3_999}

    [day] = eventually(
        lambda: analyst.warehouse.payments(merchant_id=shop.id),
        lambda rows: [_only(row, wanted) for row in rows] == [wanted],
        seconds=SECONDS,
    )
    assert (day["currency"], day["net_amount"], day["failed_count"]) == ("EUR", 8_002, 0)


def test_a_programmes_day_is_its_postings(
    operator: Person, analyst: Person, member: Person, other_member: Person
) -> None:
    programme = operator.points.make_programme("Adds up")["id"]
    for person, points in ((member, 1_000), (member, 11), (other_member, 7)):
        operator.points.earn(person.id, points, programme=programme)
    member.points.redeem(250, programme=programme)
    wanted = {
        "earned": 1_018,
        "redeemed": 250,
        "expired": 0,
        "returned": 0,
        "restored": 0,
        "adjusted": 0,
        "sent": 0,
        "received": 0,
        "activated": 0,
        "reinstated": 0,
        "net": 768,
        "transactions": 4,
    }

    eventually(
        lambda: [_only(row, wanted) for row in analyst.warehouse.points(programme=programme)], [wanted], seconds=SECONDS
    )
    assert member.points.balance(programme=programme) + other_member.points.balance(programme=programme) == 768


def test_facts_match_what_the_services_counted_themselves(operator: Person, analyst: Person, member: Person) -> None:
    programme = operator.points.make_programme("Matches")["id"]
    operator.points.earn(member.id, 123, programme=programme)

    def verdicts() -> list[tuple[str, int, int | None]]:
        rows = analyst.warehouse.reconciliation(ledger="points")
        return [(row["status"], row["ours_total"], row["theirs_total"]) for row in rows if row["unit"] == programme]

    # The services count twice a minute.
    eventually(verdicts, [("matched", 123, 123)], seconds=120)
    assert analyst.warehouse.reconciliation(status="different") == []


def test_tiers_and_budgets_match_what_points_counted(
    operator: Person, analyst: Person, member: Person, merchant: Merchant
) -> None:
    programme = operator.points.make_programme("Tiers and budgets match")["id"]
    operator.tiers.replace(programme, tiers_document(("silver", 5)))
    units = {programme, operator.budgets.make(programme, "all", of="points", most=1_000, per="ever")["id"]}
    bought = bought_for_ten(merchant, member, programme)
    merchant.system.ledger.give_back(bought["id"])
    assert [one["cause"] for one in member.tiers.changes(programme=programme)] == ["taken_back", "earned"]

    def verdicts() -> list[tuple[Any, ...]]:
        rows = analyst.warehouse.reconciliation()
        names = ("ledger", "kind", "status", "ours_count", "count_difference", "total_difference")
        return sorted(
            tuple(row[name] for name in names) for row in rows if row["unit"] in units and row["ledger"] != "points"
        )

    wanted = [("budgets", "ever", 2), ("tier_changes", "earned", 1), ("tier_changes", "taken_back", 1)]
    eventually(verdicts, [(ledger, kind, "matched", count, 0, 0) for ledger, kind, count in wanted], seconds=120)


def _only(row: dict[str, Any], wanted: dict[str, int]) -> dict[str, Any]:
    return {name: row[name] for name in wanted}
