"""Why a purchase or an event earned what it did, also where that is nothing and there is no transaction."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from points.earning.rules import Schema
from points.events.operations import give_birthdays
from points.ledger.operations import merge_members
from points.purchases.models import Purchase as PurchaseRow
from points.purchases.rules.purchases import Purchase
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from shared.testing.roles import MERCHANT_ID
from tests.event_factories import let_earn, on, tell
from tests.factories import AT, buy, give, make_programme, prove, take_back
from tests.judging_factories import BASE, activate, buy_lines
from tests.messages.test_payments import captured
from tests.rules.earning.factories import PER_EURO, SHOES, fixed, rule, rule_set
from tests.segment_factories import CITY, TYPES, know, name_attributes

POINTS = "/api/v1/points"
SHOES_ONLY = rule("shoes", PER_EURO, lines=SHOES)
LARGE = rule("large", fixed(9), condition={"field": "purchase.amount", "op": "gte", "value": 10_000})
LOCAL = rule("local", fixed(5), condition={"all": [CITY]})
BOOKS = {"1": ("books", 1, 1_000)}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_are_right(db: None) -> Iterator[None]:
    make_programme()
    yield
    prove()


def of_purchase(actor: Actor, purchase: Purchase) -> Any:
    return actor.get(f"{POINTS}/purchases/{purchase.payment_id}/explanation")


def of_event(actor: Actor, event_id: object) -> Any:
    return actor.get(f"{POINTS}/events/{event_id}/explanation")


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_purchase_that_earned_nothing_says_of_each_rule_why(member: Actor, merchant: Actor, operator: Actor) -> None:
    version = activate(rule_set(SHOES_ONLY, LARGE))
    made = buy_lines(member.id, BOOKS, merchant_id=MERCHANT_ID)
    assert made.transaction_id is None

    found = ok(of_purchase(member, made))

    assert (found["points"], found["no_points_reason"], found["event"]) == (0, None, None)
    assert (found["rule"]["payment_id"], found["rule"]["rules_version"]) == (str(made.payment_id), version)
    by_rules = found["by_rules"]
    assert (by_rules["version"], by_rules["points"], by_rules["transactions"]) == (version, 0, [])
    shoes, large = by_rules["rules"]
    assert (shoes["rule_id"], shoes["is_met"], shoes["why"]) == ("shoes", False, "no_line")
    assert [line["condition"]["found"] for line in shoes["lines"]] == ["books"]
    assert (large["rule_id"], large["why"], large["condition"]["found"]) == ("large", "condition", 1_000)
    for actor in (merchant, operator):
        assert ok(of_purchase(actor, made)) == found


def test_one_that_earned_says_what_its_transaction_does_also_once_it_came_back(member: Actor) -> None:
    activate(rule_set(BASE, rule("later", fixed(7), pending_days=5)))
    made = buy_lines(member.id)
    explained = ok(member.get(f"{POINTS}/transactions/{made.transaction_id}/explanation"))

    found = ok(of_purchase(member, made))

    assert (found["points"], len(found["by_rules"]["transactions"])) == (50, 2)
    for name in ("rule", "event", "by_rules", "attributes_version"):
        assert found[name] == explained[name]
    take_back(made)
    again = ok(of_purchase(member, made))
    assert (again["by_rules"], again["rule"]["points_returned"]) == (found["by_rules"], 50)


def test_without_rules_it_is_the_programmes_terms(member: Actor) -> None:
    made = buy(member.id, {"1": (1, 99)})

    found = ok(of_purchase(member, made))

    assert (found["points"], found["by_rules"], found["no_points_reason"]) == (0, None, None)
    assert (found["rule"]["amount"], found["rule"]["earn_points"], found["rule"]["earn_amount"]) == (99, 1, 100)


def test_a_payment_that_no_rule_looked_at_says_the_reason_alone(member: Actor) -> None:
    activate(rule_set(BASE))
    deliver(captured(member.id, {"1": 500}, currency="CHF"))
    payment_id = PurchaseRow.objects.get().payment_id

    found = ok(member.get(f"{POINTS}/purchases/{payment_id}/explanation"))

    reason = found.pop("no_points_reason")
    assert (reason, found.pop("points"), set(found.values())) == ("currency", 0, {None})


def test_what_the_programme_knows_of_the_member_is_not_for_the_merchant(
    member: Actor, merchant: Actor, operator: Actor
) -> None:
    name_attributes()
    know(member.id, city="Bonn")
    activate(rule_set(BASE, LOCAL, SHOES_ONLY), schema=Schema(attributes=TYPES))
    made = buy_lines(member.id, BOOKS, merchant_id=MERCHANT_ID)

    found, seen = ok(of_purchase(member, made)), ok(of_purchase(merchant, made))

    _, local, _ = found["by_rules"]["rules"]
    assert (found["attributes_version"], local["condition"]["parts"][0]["found"]) == (1, "Bonn")
    assert ok(of_purchase(operator, made)) == found
    assert seen["attributes_version"] is None
    assert "Bonn" not in str(seen)
    local["condition"] = None
    assert seen == found | {"attributes_version": None}


def test_whoever_may_not_read_the_purchase_finds_none(member: Actor, other_member: Actor, merchant: Actor) -> None:
    activate(rule_set(SHOES_ONLY))
    made = buy_lines(member.id, BOOKS, merchant_id=MERCHANT_ID)
    another = Actor(replace(merchant.caller, id=new_id(), merchant_id=new_id()))

    for actor in (other_member, another):
        answer = of_purchase(actor, made)
        assert (answer.status_code, answer.json()["code"]) == (404, "points.purchase_not_found")
    assert member.get(f"{POINTS}/purchases/{new_id()}/explanation").status_code == 404
    assert member.get(f"{POINTS}/purchases/1/explanation").status_code == 404


def test_whose_the_points_are_now_reads_it(member: Actor, other_member: Actor) -> None:
    activate(rule_set(SHOES_ONLY))
    made = buy_lines(member.id, BOOKS)
    give(member.id, 1)
    who = {"from_member_id": member.id, "into_member_id": other_member.id}
    merge_members(**who, reason="same", actor_id=new_id(), at=clock.now())

    assert ok(of_purchase(other_member, made))["points"] == 0


def test_an_event_that_earned_nothing_says_of_each_rule_why(
    member: Actor, other_member: Actor, merchant: Actor, operator: Actor
) -> None:
    let_earn(on("stars", 10, {"field": "event.data.stars", "op": "gte", "value": 4}))
    made = tell(member.id, merchant_id=MERCHANT_ID)

    found = ok(of_event(member, made.id))

    assert (found["points"], found["rule"], found["event"]["id"]) == (0, None, str(made.id))
    (stars,) = found["by_rules"]["rules"]
    assert (stars["is_met"], stars["why"], stars["condition"]["parts"][1]["found"]) == (False, "condition", 3)
    for actor in (merchant, operator):
        assert ok(of_event(actor, made.id)) == found
    another = Actor(replace(merchant.caller, id=new_id(), merchant_id=new_id()))
    for actor in (other_member, another):
        answer = of_event(actor, made.id)
        assert (answer.status_code, answer.json()["code"]) == (404, "points.event_not_found")


def test_an_event_that_earned_says_what_its_transactions_do(member: Actor) -> None:
    let_earn(on("now", 3), on("later", 4, pending_days=5))
    made = tell(member.id)
    explained = ok(member.get(f"{POINTS}/transactions/{made.transaction_id}/explanation"))

    found = ok(of_event(member, made.id))

    assert (found["points"], found["by_rules"], found["event"]) == (7, explained["by_rules"], explained["event"])
    assert [one["points"] for one in found["by_rules"]["transactions"]] == [3, 4]


def test_an_event_without_rules_says_so(member: Actor) -> None:
    let_earn(at=clock.now())
    made = tell(member.id)

    found = ok(of_event(member, made.id))

    assert (found["points"], found["no_points_reason"], found["by_rules"]) == (0, "no_rules", None)


def test_a_birthday_that_earned_nothing_says_on_what_value(member: Actor, merchant: Actor) -> None:
    name_attributes()
    know(member.id, city="Bonn", birthday="1984-03-01")
    activate(rule_set(rule("cake", fixed(5), trigger="birthday", condition=CITY)), schema=Schema(attributes=TYPES))
    give_birthdays(at=AT)
    (event,) = ok(member.get(f"{POINTS}/events"))["results"]

    found = ok(of_event(member, event["id"]))

    (cake,) = found["by_rules"]["rules"]
    assert (found["points"], cake["why"], cake["condition"]["found"]) == (0, "condition", "Bonn")
    assert of_event(merchant, event["id"]).status_code == 404
