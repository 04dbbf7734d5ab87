"""A purchase by rules over HTTP, from the draft to the last return: the example on paper of docs/points/rules.md."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.earning.queries import MEMORY
from points.programmes.queries import default_programme
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from tests.factories import buy, give, make_programme, points_of, prove
from tests.judging_factories import ONCE, PAPER, activate, buy_lines, counts
from tests.messages.test_payments import captured
from tests.rules.earning.factories import PER_EURO, SHOES, fixed, rule, rule_set

pytestmark = pytest.mark.django_db
PURCHASES, TRANSACTIONS = "/api/v1/points/purchases", "/api/v1/points/transactions"
LINES = [
    {"line_id": "shoes", "category": "shoes", "quantity": 1, "amount": 3_333},
    {"line_id": "books", "category": "books", "quantity": 1, "amount": 1_001},
]


@pytest.fixture(autouse=True)
def _programme() -> None:
    make_programme()


@pytest.fixture
def _rules(operator: Actor) -> None:
    rules = f"/api/v1/programmes/{default_programme().id}/rules"
    made = operator.post(rules, {"document": PAPER})
    assert made.status_code == 201, made.content
    answer = operator.post(f"{rules}/{made.json()['version']}/activate", {})
    assert answer.status_code == 200, answer.content
    MEMORY.invalidate()


def record(actor: Actor, member: Actor, **more: Any) -> dict[str, Any]:
    body = {"member_id": str(member.id), "purchase_id": str(new_id()), "lines": LINES} | more
    amount = sum(line["amount"] for line in body["lines"])
    answer = actor.post(PURCHASES, {"amount": {"amount": amount, "currency": "EUR"}} | body)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def give_back(actor: Actor, made: dict[str, Any], **body: Any) -> int:
    answer = actor.post(f"{PURCHASES}/{made['id']}/returns", {"return_id": str(new_id())} | body)
    assert answer.status_code == 201, answer.content
    return int(answer.json()["points"])


def explained(actor: Actor, transaction_id: Any) -> dict[str, Any]:
    answer = actor.get(f"{TRANSACTIONS}/{transaction_id}/explanation")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def check_sums(found: dict[str, Any], points: int) -> None:
    """Each way of adding up comes to the transaction's points."""
    by_line = {line["line_id"]: line["points"] for line in found["lines"]}
    given = dict.fromkeys(by_line, 0)
    for one in found["given"]:
        if one["part"] == "line":
            given[one["line_id"]] += one["points"]
    assert points == found["points"] == sum(one["points"] for one in found["rules"])
    assert points == sum(one["points"] for one in found["given"]) == sum(one["points"] for one in found["transactions"])
    assert points == sum(by_line.values()) + found["rest"] + found["fixed"]
    assert given == by_line


@pytest.mark.usefixtures("_rules")
def test_the_example_on_paper(merchant: Actor, member: Actor) -> None:
    made = record(merchant, member)

    assert (made["points"], made["rules_version"]) == (176, 1)
    assert [(line["line_id"], line["points"]) for line in made["lines"]] == [("shoes", 66), ("books", 10)]
    assert give_back(merchant, made, lines=[{"line_id": "shoes", "quantity": 1}]) == 66
    assert points_of(member.id, at=clock.now()) == (110, 0)
    assert give_back(merchant, made) == 110
    assert points_of(member.id, at=clock.now()) == (0, 0)
    assert record(merchant, member)["points"] == 176
    prove()


@pytest.mark.usefixtures("_rules")
def test_an_earning_by_rules_is_explained_rule_by_rule(merchant: Actor, member: Actor, operator: Actor) -> None:
    first, second = record(merchant, member), record(merchant, member, lines=LINES[1:])

    found = explained(member, first["transaction_id"])
    rules = found["by_rules"]
    assert rules["lines"] == [
        {"line_id": "shoes", "amount": 3_333, "quantity": 1, "points": 66, "earning": 3_333},
        {"line_id": "books", "amount": 1_001, "quantity": 1, "points": 10, "earning": 1_001},
    ]
    assert [(one["rule_id"], one["is_met"], one["why"], one["points"], one["exact"]) for one in rules["rules"]] == [
        ("base", True, None, 43, "2167/50"),
        ("double-shoes", True, None, 33, "3333/100"),
        ("welcome", True, None, 100, "100"),
    ]
    assert rules["rules"][1]["lines"] == [
        {"line_id": "shoes", "condition": leaf("shoes", is_met=True)},
        {"line_id": "books", "condition": leaf("books", is_met=False)},
    ]
    check_sums(rules, first["points"])
    assert (found["rule"]["rules_version"], found["transaction"]["points"]) == (1, 176)

    rules = explained(operator, second["transaction_id"])["by_rules"]
    assert [(one["rule_id"], one["is_met"], one["why"], one["limit"]) for one in rules["rules"]] == [
        ("base", True, None, None),
        ("double-shoes", False, "no_line", None),
        ("welcome", True, "limit", {"of": "uses", "period": "ever"}),
    ]
    check_sums(rules, second["points"])


@pytest.mark.usefixtures("_rules")
def test_a_return_is_explained_by_what_it_took_of_each_rule(merchant: Actor, member: Actor) -> None:
    made = record(merchant, member)
    give_back(merchant, made, lines=[{"line_id": "shoes", "quantity": 1}])

    (taken,) = member.get(TRANSACTIONS, kind="returned").json()["results"]
    found = explained(member, taken["id"])

    said = [(one["rule_id"], one["of"], one["line_id"], one["points"]) for one in found["taken_back"]]
    assert said == [("base", "base", "shoes", 33), ("double-shoes", "base", "shoes", 33)]
    assert (found["by_rules"], explained(member, made["transaction_id"])["taken_back"]) == (None, None)


def leaf(found: str, *, is_met: bool) -> dict[str, Any]:
    return {"kind": "leaf", "is_met": is_met, "field": "line.category", "op": "eq", "asked": "shoes", "found": found}


def test_an_explanation_is_of_the_rules_and_the_zone_of_then(member: Actor, operator: Actor) -> None:
    condition = {"field": "time.weekday", "op": "eq", "value": "sunday"}
    first = rule("first", fixed(5), trigger="first_purchase", condition=condition)
    activate(rule_set(rule("base", PER_EURO), first))
    bought = buy_lines(member.id)
    before = explained(member, bought.transaction_id)["by_rules"]
    activate(rule_set(rule("other", fixed(1))), at=clock.now() - timedelta(days=1))
    path = f"/api/v1/programmes/{default_programme().id}"
    assert operator.patch(path, {"timezone": "Pacific/Kiritimati"}).status_code == 200
    buy_lines(member.id)

    assert explained(member, bought.transaction_id)["by_rules"] == before
    assert (before["version"], [one["points"] for one in before["rules"]]) == (1, [43, 5])
    check_sums(before, bought.points)


def test_rules_of_a_payment_whose_lines_only_the_member_vouches_for(member: Actor) -> None:
    asked = {"field": "purchase.merchant_id", "op": "exists", "value": True}
    activate(
        rule_set(rule("base", PER_EURO), rule("shoes", PER_EURO, lines=SHOES), rule("shop", fixed(1), condition=asked))
    )
    deliver(captured(member.id, {"1": 5_000}))
    (earned,) = member.get(TRANSACTIONS).json()["results"]

    rules = explained(member, earned["id"])["by_rules"]

    assert [(one["rule_id"], one["points"], one["why"]) for one in rules["rules"]] == [
        ("base", 50, None), ("shoes", 0, "no_line"), ("shop", 1, None)
    ]  # fmt: skip
    assert rules["rules"][1]["lines"] == []
    assert rules["rules"][2]["condition"]["is_met"]
    check_sums(rules, 51)


def test_each_transaction_of_a_purchase_is_explained_and_all_add_up(member: Actor) -> None:
    activate(rule_set(rule("base", PER_EURO), rule("later", fixed(5), pending_days=3), rule("gift", fixed(7))))
    bought = buy_lines(member.id)
    (earned, waits) = sorted(member.get(TRANSACTIONS).json()["results"], key=lambda one: -one["points"])

    first, second = explained(member, earned["id"]), explained(member, waits["id"])

    assert first["by_rules"] == second["by_rules"]
    assert first["by_rules"]["transactions"] == [
        {"transaction_id": str(bought.transaction_id), "points": 50, "rules": ["base", "gift"]},
        {"transaction_id": waits["id"], "points": 5, "rules": ["later"]},
    ]
    assert [found["transaction"]["points"] for found in (first, second)] == [50, 5]
    assert second["pending"]["remaining"] == 5
    check_sums(first["by_rules"], bought.points)


def test_an_earning_by_rules_is_undone_by_its_return_alone_which_gives_limits_back(
    member: Actor, merchant: Actor, operator: Actor
) -> None:
    waits = rule("later", fixed(5), pending_days=3, limits=ONCE)
    activate(rule_set(rule("base", PER_EURO), rule("welcome", fixed(100), limits=ONCE), waits))
    made = record(merchant, member)
    used = counts(member.id)

    for one in member.get(TRANSACTIONS).json()["results"]:
        with nothing_written():
            answer = operator.post(f"{TRANSACTIONS}/{one['id']}/reversal", {"reason": "told by mistake"})
        assert (answer.status_code, answer.json()["code"]) == (409, "points.not_reversible")
    assert set(used.values()) == {1}
    give_back(merchant, made)

    assert (points_of(member.id, at=clock.now()), set(counts(member.id).values())) == ((0, 0), {0})
    prove()


def test_pending_points_that_are_cancelled_leave_limits_to_the_return(
    member: Actor, merchant: Actor, operator: Actor
) -> None:
    activate(rule_set(rule("later", fixed(5), pending_days=3, limits=ONCE)))
    made = record(merchant, member)
    cancelled = operator.post(f"/api/v1/points/pending/{made['transaction_id']}/cancel", {})
    assert cancelled.status_code in (200, 201), cancelled.content
    assert set(counts(member.id).values()) == {1}

    assert give_back(merchant, made) == 5
    assert set(counts(member.id).values()) == {0}
    prove()


def test_other_transactions_are_explained_as_before(member: Actor) -> None:
    gift, bought = give(member.id, 5), buy(member.id, {"1": (1, 1_000)})

    assert explained(member, gift.id)["by_rules"] is None
    found = explained(member, bought.transaction_id)
    assert (found["by_rules"], found["rule"]["rules_version"], found["rule"]["points"]) == (None, None, 10)


def test_nobody_else_reads_an_explanation(member: Actor, other_member: Actor) -> None:
    activate(PAPER)
    bought = buy_lines(member.id)

    answer = other_member.get(f"{TRANSACTIONS}/{bought.transaction_id}/explanation")

    assert (answer.status_code, answer.json()["code"]) == (404, "points.transaction_not_found")


def test_rules_wait_for_the_database_no_more_often_and_limits_once(merchant: Actor, member: Actor) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as sent:
            record(merchant, member)
        return len(sent)

    record(merchant, member)
    plain = statements()
    activate(rule_set(rule("base", PER_EURO)))
    record(merchant, member)
    by_rules = statements()
    activate(PAPER, at=clock.now() - timedelta(days=1))
    record(merchant, member)
    limited = statements()

    # What was used is read with the lock; what is used then, and how it was judged, goes with what follows.
    assert (by_rules - plain, limited - by_rules) == (0, 1)
