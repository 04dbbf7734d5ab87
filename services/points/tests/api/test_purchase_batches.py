"""Up to a thousand purchases in one request: each as if it were recorded alone."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.ledger.models import Transaction
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.purchases.models import EarnedOrder, Purchase, PurchaseLine
from shared import clock
from shared.contracts.points import PointsEarned
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from shared.testing.roles import MERCHANT, MERCHANT_ID
from tests.api.purchase_requests import GOOD, LINES, MEMBER, record
from tests.api.purchase_requests import PATH as SINGLE
from tests.api.test_bounds import works_for_the_merchant
from tests.factories import UNKNOWN_ID, give, make_programme, points_of, prove, register, spend
from tests.messages.test_payments import captured

PATH = f"{SINGLE}/batches"
EUR = {"currency": "EUR"}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_are_right(db: None) -> Iterator[None]:
    make_programme(max_amount=20_000, max_points_per_purchase=150, merchants=[MERCHANT_ID])
    yield
    prove()


@pytest.fixture
def till(merchant: Actor) -> Actor:
    return merchant


def one(purchase_id: str, cents: int = 1_000, **more: Any) -> dict[str, Any]:
    return {"member_id": MEMBER, "purchase_id": purchase_id, "amount": {"amount": cents, **EUR}, **more}


def results(actor: Actor, *purchases: Any, **more: Any) -> list[dict[str, Any]]:
    answer = actor.post(PATH, {"purchases": list(purchases)}, **more)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    assert [result["index"] for result in found] == list(range(len(purchases)))
    return found


def became(found: list[dict[str, Any]]) -> list[str]:
    """Return what became of each, by its status, or the code of its refusal."""
    return [result["error"]["code"] if result["error"] else result["status"] for result in found]


def now_of(member: Any) -> int:
    return points_of(member.id, at=clock.now())[0]


def test_each_is_recorded_as_it_is_alone_and_the_answers_are_in_order(till: Actor, member: Actor) -> None:
    said = {"channel": "till", "metadata": {"receipt": 7}, "lines": [LINES[0] | {"sku": "SKU-1"}, LINES[1]]}
    whole = GOOD | said

    found = results(till, one("b", 5_000), whole, one("a", 99))

    assert became(found) == ["recorded"] * 3
    assert [(result["points"], result["no_points_reason"]) for result in found] == [(50, None), (120, None), (0, None)]
    assert [result["transaction_id"] is None for result in found] == [False, False, True]
    alone = till.get(f"{SINGLE}/{found[1]['id']}").json()
    assert record(till, **said) == alone
    assert (alone["purchase_id"], alone["metadata"], alone["lines"][0]["sku"]) == ("order-7", {"receipt": 7}, "SKU-1")
    assert now_of(member) == 170
    assert sorted(message.points for message in published(PointsEarned)) == [50, 120]


def test_the_same_request_again_gives_the_same_answer(till: Actor) -> None:
    body = {"purchases": [one("a"), one("b", 20_001)]}
    first = till.post(PATH, body, key="k")

    with nothing_written():
        again = till.post(PATH, body, key="k")

    assert again.content == first.content


def test_what_was_recorded_before_is_repeated_by_whichever_door(till: Actor, member: Actor) -> None:
    alone = record(till)
    first = results(till, one("a"), GOOD)

    again = results(till, GOOD, one("b"), one("a"))

    assert (became(first), became(again)) == (["recorded", "repeated"], ["repeated", "recorded", "repeated"])
    assert [result["id"] for result in again] == [alone["id"], again[1]["id"], first[0]["id"]]
    assert [result["points"] for result in again] == [120, 10, 10]
    assert record(till, **one("b"), lines=[])["id"] == again[1]["id"]
    assert now_of(member) == 140


def test_a_purchase_id_that_is_there_twice_is_recorded_once(till: Actor, member: Actor) -> None:
    found = results(till, one("a"), one("b"), one("a"), one("b", 2_000))

    assert became(found) == ["recorded", "recorded", "repeated", "points.purchase_id_reused"]
    assert found[2]["id"] == found[0]["id"]
    assert now_of(member) == 20


def test_one_by_the_id_of_one_that_was_refused_is_judged_by_itself(till: Actor, member: Actor) -> None:
    found = results(till, one("a", 20_001), one("a", 1_000), one("a", 20_001))

    assert became(found) == ["points.amount_too_large", "recorded", "points.purchase_id_reused"]
    assert (now_of(member), Purchase.objects.count()) == (10, 1)


def _of_another_programme() -> dict[str, Any]:
    return {"programme": str(make_programme(name="Dollars", currency="USD").id)}


def _of_a_closed_programme() -> dict[str, Any]:
    closed = make_programme(name="Closed")
    change_programme(closed.id, changes={"status": "closed"}, at=clock.now())
    return {"programme": str(closed.id)}


def _of_members_only() -> dict[str, Any]:
    only = make_programme(name="Members only", unknown_members="refuse")
    return {"programme": str(only.id), "member_id": str(UNKNOWN_ID)}


def _of_other_merchants() -> dict[str, Any]:
    return {"programme": str(make_programme(name="Others", merchants=[new_id()]).id)}


def _of_a_paid_order() -> dict[str, Any]:
    deliver(captured(UUID(MEMBER), {"1": 1_000}, order_id="wrong", merchant_id=MERCHANT_ID))
    return {}


def _paid_by_a_gift() -> dict[str, Any]:
    return {"redemption_ids": [str(give(UUID(MEMBER), 100).id)]}


def _paid_by_a_used_one() -> dict[str, Any]:
    give(UUID(MEMBER), 100)
    used = str(spend(UUID(MEMBER), 10).id)
    record(Actor(MERCHANT), redemption_ids=[used])
    return {"redemption_ids": [used]}


def _recorded_otherwise() -> dict[str, Any]:
    record(Actor(MERCHANT), **one("wrong", 3_000), lines=[])
    return {}


WRONG: dict[str, Any] = {
    "points.currency_mismatch": _of_another_programme,
    "programmes.closed": _of_a_closed_programme,
    "members.unknown": _of_members_only,
    "programmes.merchant_not_listed": _of_other_merchants,
    "points.order_earned": _of_a_paid_order,
    "points.redemption_not_usable": _paid_by_a_gift,
    "points.redemption_not_usable used": _paid_by_a_used_one,
    "points.purchase_id_reused": _recorded_otherwise,
    "programmes.not_found": lambda: {"programme": str(UNKNOWN_ID)},
    "points.transaction_not_found": lambda: {"redemption_ids": [str(UNKNOWN_ID)]},
    "points.amount_too_large": lambda: {"amount": {"amount": 20_001, **EUR}},
    "points.too_many": lambda: {"amount": {"amount": 15_100, **EUR}},
    "points.too_old": lambda: {"occurred_at": "2001-01-01T00:00:00Z"},
    "request.invalid": lambda: {"surprise": 1},
    "request.invalid sum": lambda: {"lines": [LINES[0]]},
    "request.invalid metadata": lambda: {"metadata": {"a": 0.5}},
}


@pytest.mark.parametrize("code", WRONG)
def test_one_that_is_refused_is_refused_as_it_is_alone_and_leaves_the_others(till: Actor, code: str) -> None:
    wrong = one("wrong") | WRONG[code]()
    before, orders = Purchase.objects.count(), EarnedOrder.objects.count()
    with nothing_written():
        alone = till.post(SINGLE, wrong).json()

    found = results(till, one("a"), wrong, one("b"))

    assert became(found) == ["recorded", code.split()[0], "recorded"]
    of_the_request = {"type", "status", "request_id", "earliest"}
    kept = {name: value for name, value in alone.items() if name not in of_the_request}
    assert kept.items() <= found[1]["error"].items()
    assert [found[1][name] for name in ("status", "id", "points", "transaction_id")] == ["refused", None, None, None]
    assert (Purchase.objects.count(), EarnedOrder.objects.count()) == (before + 2, orders + 2)


def test_what_is_no_purchase_at_all_is_refused_alone(till: Actor) -> None:
    assert became(results(till, 7, None, [], {}, one("a"))) == ["request.invalid"] * 4 + ["recorded"]


def test_nothing_is_written_where_all_are_refused(till: Actor) -> None:
    deliver(captured(UUID(MEMBER), {"1": 1_000}, order_id="paid", merchant_id=MERCHANT_ID))
    purchases, transactions = Purchase.objects.count(), Transaction.objects.count()

    found = results(till, one("a", 20_001), one("paid"), {})

    assert became(found) == ["points.amount_too_large", "points.order_earned", "request.invalid"]
    assert (Purchase.objects.count(), Transaction.objects.count()) == (purchases, transactions)
    assert not PurchaseLine.objects.filter(payment__reference__isnull=False).exists()


def test_a_redemption_pays_for_one_of_them(till: Actor, member: Actor) -> None:
    give(member.id, 100)
    paid, other = (str(spend(member.id, points).id) for points in (40, 10))

    found = results(
        till,
        one("a", redemption_ids=[paid]),
        one("b", redemption_ids=[other, paid]),
        one("c", redemption_ids=[other]),
        one("d", 20_001, redemption_ids=[other]),
    )

    assert became(found) == ["recorded", "points.redemption_not_usable", "recorded", "points.amount_too_large"]
    assert (found[1]["error"]["redemption_id"], found[1]["error"]["reason"]) == (paid, "used")
    spends = [till.get(f"{SINGLE}/{found[place]['id']}").json()["redemptions"] for place in (0, 2)]
    assert [[one["redemption_id"] for one in spent] for spent in spends] == [[paid], [other]]
    assert [found[place]["points"] for place in (0, 2)] == [9, 9]


def test_one_that_is_refused_by_itself_takes_nothing_from_those_after_it(till: Actor, member: Actor) -> None:
    give(member.id, 100)
    paid = str(spend(member.id, 40).id)
    deliver(captured(member.id, {"1": 1_000}, order_id="earned", merchant_id=MERCHANT_ID))

    found = results(till, one("earned", redemption_ids=[paid]), one("a", redemption_ids=[paid]))

    assert became(found) == ["points.order_earned", "recorded"]


def test_staff_earn_nothing_and_the_reason_is_said(till: Actor, member: Actor, other_member: Actor) -> None:
    works_for_the_merchant(member)

    found = results(till, one("a"), one("b", member_id=str(other_member.id)))

    assert [(result["points"], result["no_points_reason"]) for result in found] == [(0, "own_staff"), (10, None)]


def test_a_persons_day_is_one_for_all_of_them(operator: Actor, member: Actor) -> None:
    change_programme(default_programme().id, changes={"adjustment_limit": 100}, at=clock.now())

    found = results(operator, one("a", 6_000), one("b", 5_000), one("c", 4_000), one("d", 100))
    with nothing_written():
        more = operator.post(SINGLE, one("e", 100))

    needed = "points.approval_needed"
    assert became(found) == ["recorded", needed, "recorded", needed]
    assert (more.status_code, more.json()["code"]) == (409, needed)
    assert now_of(member) == 100
    assert became(results(operator, one("a", 6_000))) == ["repeated"]


def test_a_program_gives_by_each_what_it_may_alone(operator: Actor, member: Actor) -> None:
    change_programme(default_programme().id, changes={"adjustment_limit": 50}, at=clock.now())
    program = Actor(replace(operator.caller, id=new_id(), roles=("service",)))

    found = results(program, one("a", 5_000), one("b", 5_100), one("c", 5_000))

    assert became(found) == ["recorded", "points.approval_needed", "recorded"]


def test_a_merchants_purchases_are_its_own_whatever_others_call_theirs(till: Actor, operator: Actor) -> None:
    change_programme(default_programme().id, changes={"merchants": None}, at=clock.now())
    other = Actor(replace(till.caller, id=new_id(), merchant_id=new_id()))

    found = [results(actor, one("a"), one("b")) for actor in (till, other, operator)]

    assert [became(each) for each in found] == [["recorded"] * 2] * 3
    assert len({result["id"] for each in found for result in each}) == 6
    assert other.get(f"{SINGLE}/{found[0][0]['id']}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"purchases": []},
        {"purchases": {}},
        {"purchases": [one("a")], "more": 1},
        {"purchases": [1] * 1_001},
        {"purchases": [one(str(n), lines=[LINES[0]] * 101) for n in range(100)]},
    ],
)
def test_a_batch_of_the_wrong_shape_is_refused(till: Actor, body: dict[str, Any]) -> None:
    with nothing_written():
        answer = till.post(PATH, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["purchases"]


def test_without_the_scope_nothing_is_recorded(member: Actor, analyst: Actor) -> None:
    with nothing_written():
        answers = [actor.post(PATH, {"purchases": [one("a")]}) for actor in (member, analyst)]

    assert [answer.status_code for answer in answers] == [403, 403]


def some(size: int, *, prefix: str) -> list[dict[str, Any]]:
    """Return so many purchases of so many members, of which one in ten is refused by itself."""
    members = [new_id() for _ in range(size)]
    register(*members)
    return [
        one(f"{prefix}-{n}", 20_001 if n % 10 == 9 else 200, member_id=str(who), lines=[], metadata={"n": n})
        for n, who in enumerate(members)
    ]


def statements(till: Actor, purchases: list[dict[str, Any]]) -> int:
    with CaptureQueriesContext(connection) as queries:
        found = results(till, *purchases)
    assert len(set(became(found))) == 2
    return len(queries)


def test_the_number_of_statements_does_not_grow(till: Actor) -> None:
    statements(till, some(10, prefix="warm"))

    counts = [statements(till, some(size, prefix=str(size))) for size in (20, 500)]

    assert counts[0] == counts[1] <= 24
    assert Purchase.objects.count() == 9 + 18 + 450


def test_the_number_of_statements_that_repeat_does_not_grow(till: Actor) -> None:
    purchases = some(500, prefix="a")
    results(till, *purchases[:20])
    results(till, *purchases)

    counts = [statements(till, purchases[:size]) for size in (20, 500)]

    assert counts[0] == counts[1]
