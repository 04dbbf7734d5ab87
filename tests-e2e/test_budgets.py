"""A programme gives no more than its budgets have, and says which of them cut what."""

from typing import Any

from clients.api import ok, refused
from clients.budgets import budgets_of
from clients.ledger import purchase
from clients.points import POINTS
from eventually import eventually
from people import Merchant, Person, new_member
from test_earning_by_rules import RULES, active_rules


def test_what_rules_give_together_stays_within_a_budget(
    operator: Person, analyst: Person, url: str, merchant: Merchant, default_programme: str
) -> None:
    programme, budgets = active_rules(operator, "Budgets", RULES[:1]), operator.budgets
    made = budgets.make(programme, "spring", of="points", most=25, per="ever", rule_id="base")
    assert (made["points"], made["alert_percent"], made["beyond"]) == (25, 80, "trim")
    assert (budgets.all(programme), budgets.one(programme, "spring")) == ([made], made)

    bought = [bought_for_ten(merchant, new_member(url), programme) for _ in range(4)]

    assert [one["points"] for one in bought] == [10, 10, 5, 0]
    explained = ok(operator.api.get(f"{POINTS}/transactions/{bought[2]['transaction_id']}/explanation"))
    (rule,) = explained["by_rules"]["rules"]
    assert (rule["points"], rule["budget"], rule["cut"]) == (5, "spring", 5)
    (period,) = budgets.periods(programme, "spring")
    assert (period["period"], period["used"], period["left"], period["each"]) == ("ever", 25, 0, None)
    assert period["alerted_at"] is not None

    merchant.system.ledger.give_back(bought[0]["id"])
    assert budgets.periods(programme, "spring")[0]["left"] == 10
    assert bought_for_ten(merchant, new_member(url), programme)["points"] == 10

    more = budgets.replace(programme, "spring", name="More in spring", most=32)
    assert (more["name"], more["most"]) == ("More in spring", 32)
    assert bought_for_ten(merchant, new_member(url), programme)["points"] == 7
    _burns_down_as_it_is_used(analyst, programme, budgets.periods(programme, "spring")[0])
    budgets.end(programme, "spring")
    refused(operator.api.get(f"{budgets_of(programme)}/spring"), 404, "budgets.not_found")
    assert bought_for_ten(merchant, new_member(url), programme)["points"] == 10


def _burns_down_as_it_is_used(analyst: Person, programme: str, period: dict[str, Any]) -> None:
    """The warehouse says what points says: 42 were used, and 10 given back."""
    found = eventually(
        lambda: analyst.warehouse.budgets(programme=programme, budget="spring"),
        lambda rows: bool(rows) and (rows[-1]["total"], rows[-1]["left"]) == (period["used"], period["left"]),
    )
    assert (sum(row["used"] for row in found), sum(row["returned"] for row in found)) == (42, 10)
    last = found[-1]
    assert (last["code"], last["budget"], last["budget_period"], last["most"], last["spent"]) == (
        "spring", "More in spring", period["period"], 32, period["used"],
    )  # fmt: skip


def bought_for_ten(merchant: Merchant, who: Person, programme: str) -> dict[str, Any]:
    """Record a purchase of 10.00."""
    made: dict[str, Any] = merchant.system.ledger.record(purchase(who.id, ("shoes", 1, 1_000), programme=programme))
    return made
