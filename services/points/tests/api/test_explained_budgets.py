"""What budgets cut of plain terms, as explanations and purchases say it: which budget, and how many points."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from points.purchases.models import Purchase as Row
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from shared.testing.owner import as_owner
from shared.testing.roles import MERCHANT_ID
from tests.budget_factories import buy, make_budget
from tests.factories import AT, make_programme, prove, take_back
from tests.judging_factories import BASE, activate
from tests.messages.test_payments import captured
from tests.rules.earning.factories import rule_set

POINTS = "/api/v1/points"
PURCHASES = f"{POINTS}/purchases"
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_are_right(db: None) -> Iterator[None]:
    make_programme()
    yield
    prove()


def ok(answer: Any) -> Any:
    assert answer.status_code == 200, answer.content
    return answer.json()


def explained(actor: Actor, payment_id: object) -> Any:
    return ok(actor.get(f"{PURCHASES}/{payment_id}/explanation"))


def cut(found: dict[str, Any]) -> tuple[str | None, int | None]:
    """Return what is said of budgets, where this adds up to what the terms give."""
    given = found["amount"] * found["earn_points"] // found["earn_amount"]
    assert found["cut"] is None or found["points"] + found["cut"] == given
    return found["budget"], found["cut"]


def test_a_purchase_says_which_budget_cut_it_and_how_many_points(
    member: Actor, merchant: Actor, operator: Actor
) -> None:
    make_budget(15)
    bought = [buy(member.id, merchant_id=MERCHANT_ID) for _ in range(3)]
    said = [(10, None, None, 0), (5, None, "all", 5), (0, "budget", "all", 10)]

    for made, (points, why, budget, less) in zip(bought, said, strict=True):
        found = explained(member, made.payment_id)
        assert (found["points"], found["no_points_reason"], cut(found["rule"])) == (points, why, (budget, less))
        for actor in (merchant, operator):
            assert explained(actor, made.payment_id) == found
        if made.transaction_id:
            of_transaction = ok(member.get(f"{POINTS}/transactions/{made.transaction_id}/explanation"))
            assert of_transaction["rule"] == found["rule"]
    lots = ok(member.get(f"{POINTS}/balance/explanation"))["lots"]
    assert [cut(lot["rule"]) for lot in lots] == [(None, 0), ("all", 5)]


def test_the_last_one_that_cut_is_named_and_all_that_were_cut_are_counted(member: Actor) -> None:
    for most, code in ((7, "a"), (3, "b"), (4, "c")):
        make_budget(most, code)

    # Of 4 that are left of `a`, `b` has none; `c` has none to cut.
    assert [cut(explained(member, buy(member.id).payment_id)["rule"]) for _ in "ab"] == [("b", 7), ("b", 10)]


def test_a_budget_of_uses_cuts_all(member: Actor) -> None:
    make_budget(6, "points", per="day")
    make_budget(1, "uses", of="uses")

    assert [cut(explained(member, buy(member.id, at=at).payment_id)["rule"]) for at in (AT, AT + DAY)] == [
        ("points", 4), ("uses", 10),
    ]  # fmt: skip


def test_a_budget_that_refuses_is_named_and_one_after_it_that_has_nothing_to_cut_is_not(member: Actor) -> None:
    make_budget(9, "a", beyond="refuse")
    make_budget(5, "b")

    assert cut(explained(member, buy(member.id).payment_id)["rule"]) == ("a", 10)


def test_a_payment_says_it_too_also_one_to_which_nothing_was_left(member: Actor) -> None:
    make_budget(15)
    paid = [captured(member.id, {"1": 1_000}, order_id=str(new_id())) for _ in range(3)]
    for one in paid:
        deliver(one)

    found = [explained(member, one.payment_id) for one in paid]

    assert [cut(one["rule"]) for one in found] == [(None, 0), ("all", 5), ("all", 10)]
    assert found[2]["no_points_reason"] == "budget"


def test_purchases_and_their_lists_say_it(member: Actor, merchant: Actor) -> None:
    make_budget(15)
    amount = {"amount": 1_000, "currency": "EUR"}
    bodies = [{"member_id": str(member.id), "purchase_id": name, "amount": amount} for name in ("a", "b", "c")]
    first = merchant.post(PURCHASES, bodies[0]).json()

    results = ok(merchant.post(f"{PURCHASES}/batches", {"purchases": [*bodies, bodies[0] | {"amount": {}}]}))["results"]

    said = [(None, 0), ("all", 5), ("all", 10)]
    assert [(one["budget"], one["cut"]) for one in results] == [*said, (None, None)]
    assert (first["budget"], first["cut"]) == said[0]
    listed = ok(merchant.get(PURCHASES, member_id=member.id))["results"]
    assert [(one["budget"], one["cut"]) for one in reversed(listed)] == said
    one = ok(merchant.get(f"{PURCHASES}/{results[2]['id']}"))
    assert (one["budget"], one["cut"], one["no_points_reason"]) == ("all", 10, "budget")


def test_a_return_and_the_end_of_the_budget_change_nothing_of_it(member: Actor, operator: Actor) -> None:
    budget = make_budget(5)
    made = buy(member.id)
    take_back(made, amount=500)
    assert operator.delete(f"/api/v1/programmes/{budget.programme_id}/budgets/all").status_code == 204

    rule = explained(member, made.payment_id)["rule"]

    assert (cut(rule), rule["points"], rule["points_returned"]) == (("all", 5), 5, 3)


def test_rules_say_it_of_each_and_the_terms_nothing(member: Actor) -> None:
    activate(rule_set(BASE))
    make_budget(5)

    found = explained(member, buy(member.id).payment_id)

    assert (found["rule"]["budget"], found["rule"]["cut"]) == (None, None)
    assert [(one["budget"], one["cut"]) for one in found["by_rules"]["rules"]] == [("all", 5)]


def test_of_what_was_noted_before_it_was_kept_it_is_not_known(member: Actor) -> None:
    made = buy(member.id)
    columns = [field.column for field in Row._meta.get_fields() if field.concrete]
    same = ", ".join(name for name in columns if name not in ("payment_id", "reference", "budget", "cut"))
    as_owner(
        f"INSERT INTO purchase (payment_id, reference, {same}) SELECT %s, 'older', {same} FROM purchase"
        " WHERE payment_id = %s",
        [older := UUID(int=9), made.payment_id],
    )

    assert cut(explained(member, older)["rule"]) == (None, None)
    assert ok(member.get(f"{PURCHASES}/{older}"))["cut"] is None
