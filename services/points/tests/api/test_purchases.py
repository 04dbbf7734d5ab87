from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.ledger.models import Purchase, Transaction
from points.ledger.operations import merge_members
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from tests.factories import give, make_programme, prove, set_policy, spend
from tests.messages.test_payments import captured

PATH = "/api/v1/points/purchases"
pytestmark = pytest.mark.django_db
MEMBER = "00000000-0000-7000-8000-000000000001"
LINES = [{"line_id": "1", "quantity": 2, "amount": 7_000}, {"line_id": "2", "quantity": 1, "amount": 5_000}]
GOOD = {"member_id": MEMBER, "purchase_id": "order-7", "amount": {"amount": 12_000, "currency": "EUR"}, "lines": LINES}


@pytest.fixture(autouse=True)
def programme(db: None) -> None:
    make_programme()


@pytest.fixture
def till(merchant: Actor) -> Actor:
    return merchant


@pytest.fixture
def other_till(till: Actor) -> Actor:
    return Actor(replace(till.caller, id=new_id(), merchant_id=new_id()))


def tell(actor: Actor, **more: Any) -> dict[str, Any]:
    answer = actor.post(PATH, GOOD | more)
    assert answer.status_code == 201, answer.content
    told: dict[str, Any] = answer.json()
    return told


def give_back(actor: Actor, told: dict[str, Any], **body: Any) -> Any:
    return actor.post(f"{PATH}/{told['id']}/returns", {"return_id": "r-1"} | body)


def test_a_purchase_earns_and_says_what_each_line_gave(till: Actor) -> None:
    told = tell(till, occurred_at="2026-03-03T10:00:00Z")

    assert (told["purchase_id"], told["member_id"], told["merchant_id"]) == (
        "order-7", MEMBER, str(till.caller.merchant_id)
    )  # fmt: skip
    assert (told["amount"], told["money_amount"], told["currency"], told["points"]) == (12_000, 12_000, "EUR", 120)
    assert [(line["line_id"], line["points"], line["returnable"]) for line in told["lines"]] == [
        ("1", 70, 2), ("2", 50, 1)
    ]  # fmt: skip
    assert (told["returned"], told["returnable"], told["points_returned"], told["returns"]) == (0, 12_000, 0, [])
    assert told["occurred_at"] == "2026-03-03T10:00:00Z"
    prove()


FREE = {"amount": 0, "currency": "EUR"}
SAMPLE = {"line_id": "3", "quantity": 0, "amount": 0}


def test_a_purchase_of_nothing_is_told_once_and_earns_nothing(till: Actor, member: Actor) -> None:
    free = {"amount": FREE, "lines": [SAMPLE, {"line_id": "4", "quantity": 2, "amount": 0}]}

    told, again = tell(till, **free), tell(till, **free)

    assert again == told
    assert (told["amount"], told["money_amount"], told["points"], told["transaction_id"]) == (0, 0, 0, None)
    assert [(line["points"], line["returnable"]) for line in told["lines"]] == [(0, 0), (0, 2)]
    assert not Transaction.objects.exists()
    done = give_back(till, told)
    assert (done.status_code, done.json()["amount"], done.json()["points"]) == (201, FREE, 0)
    assert done.json()["lines"] == [{"line_id": "4", "quantity": 2, "amount": 0}]
    assert give_back(till, told, return_id="r-2").json()["code"] == "points.nothing_to_return"
    prove()


def test_a_purchase_without_price_or_pieces_has_nothing_to_return_and_is_not_said_to_have_come_back(
    till: Actor,
) -> None:
    told = tell(till, amount=FREE, lines=[{"line_id": "1", "quantity": 0, "amount": 0}])

    with nothing_written():
        refused = give_back(till, told)

    assert (refused.status_code, refused.json()["code"]) == (409, "points.nothing_to_return")
    assert refused.json()["title"] == "The purchase has nothing left to return"


def test_a_line_without_pieces_earns_nothing_and_comes_back_with_the_whole(till: Actor, member: Actor) -> None:
    weighed = {"line_id": "4", "quantity": 0, "amount": 380}
    lines = [LINES[0], SAMPLE, weighed]

    told = tell(till, amount={"amount": 7_380, "currency": "EUR"}, lines=lines)
    paid = tell(till, purchase_id="o-8", amount={"amount": 7_380, "currency": "EUR"}, lines=lines, money_amount=7_380)

    assert [(one["points"], one["money_amount"]) for one in (told, paid)] == [(70, 7_380)] * 2
    assert [(line["line_id"], line["points"]) for line in told["lines"]] == [("1", 70), ("3", 0), ("4", 0)]
    with nothing_written():
        for line_id in ("3", "4"):
            answer = give_back(till, told, lines=[{"line_id": line_id, "quantity": 1}])
            assert (answer.status_code, answer.json()["code"]) == (409, "points.return_too_large")
    done = give_back(till, told).json()
    assert (done["amount"]["amount"], done["points"], done["owed"]) == (7_380, 70, 0)
    prove()


def test_a_line_comes_back(till: Actor, member: Actor) -> None:
    told = tell(till)

    answer = give_back(till, told, lines=[{"line_id": "1", "quantity": 1}], reason="too small")

    assert answer.status_code == 201, answer.content
    done = answer.json()
    assert done["amount"] == {"amount": 3_500, "currency": "EUR"}
    assert done["lines"] == [{"line_id": "1", "quantity": 1, "amount": 3_500}]
    assert (done["points"], done["own"], done["others"], done["owed"], done["forgiven"]) == (35, 35, 0, 0, 0)
    assert (done["policy"], done["restored"], done["expired"], done["preview"]) == ("arrears", 0, 0, False)
    assert (done["reason"], done["return_id"], done["purchase"]) == ("too small", "r-1", told["id"])
    moved = member.get(f"/api/v1/points/transactions/{done['transaction_id']}").json()
    assert (moved["kind"], moved["points"], moved["reference"]) == ("returned", 35, f"return:{done['id']}")
    prove()


def test_the_purchase_says_what_came_back_and_what_still_can(till: Actor, member: Actor, operator: Actor) -> None:
    give(member.id, 50)
    paid = str(spend(member.id, 50).id)
    told = tell(till, redemption_ids=[paid], money_amount=6_000)
    give_back(till, told, amount={"amount": 6_000, "currency": "EUR"})

    for actor in (till, member, operator):
        found = actor.get(f"{PATH}/{told['id']}").json()

        assert (found["points"], found["points_returned"]) == (60, 30)
        assert (found["returned"], found["returnable"]) == (6_000, 6_000)
        assert found["redemptions"] == [{"redemption_id": paid, "points": 50, "restored": 25}]
        assert [(one["return_id"], one["points"], one["restored"]) for one in found["returns"]] == [("r-1", 30, 25)]


def test_each_sees_its_own_purchases_in_lists(
    till: Actor, other_till: Actor, member: Actor, other_member: Actor, operator: Actor
) -> None:
    first, second = tell(till), tell(till, purchase_id="order-8", member_id=str(other_member.id))
    third = tell(other_till)
    give_back(till, first, lines=[{"line_id": "1", "quantity": 1}])
    first = operator.get(f"{PATH}/{first['id']}").json()

    assert operator.get(PATH).json() == {"results": [third, second, first], "next": None, "previous": None}
    assert till.get(PATH).json()["results"] == [second, first]
    assert other_till.get(PATH).json()["results"] == [third]
    assert member.get(PATH).json()["results"] == [third, first]
    assert other_member.get(PATH).json()["results"] == [second]
    assert till.get(PATH, purchase_id="order-7").json()["results"] == [first]
    assert operator.get(PATH, member_id=MEMBER, purchase_id="order-7").json()["results"] == [third, first]
    assert operator.get(PATH, purchase_id="order-9").json()["results"] == []
    assert member.get(PATH, member_id=str(other_member.id)).status_code == 404


def test_whose_the_points_are_now_sees_the_purchases_of_who_was_merged(
    till: Actor, member: Actor, other_member: Actor, operator: Actor
) -> None:
    told = tell(till)
    assert other_member.get(f"{PATH}/{told['id']}").status_code == 404
    merge_members(
        from_member_id=member.id, into_member_id=other_member.id, reason="m", actor_id=operator.id, at=clock.now()
    )

    assert other_member.get(PATH).json()["results"] == [told]
    assert member.get(PATH).json()["results"] == [told]
    assert other_member.get(f"{PATH}/{told['id']}").json() == told
    assert operator.get(PATH, member_id=str(other_member.id)).json()["results"] == [told]


def test_a_merchant_sees_no_payments_in_the_list(till: Actor, member: Actor, operator: Actor) -> None:
    deliver(captured(member.id, {"1": 1_000}))

    assert till.get(PATH).json()["results"] == []
    assert [one["purchase_id"] for one in operator.get(PATH).json()["results"]] == [None]


def test_a_page_of_purchases_takes_as_many_statements_as_one(till: Actor, django_assert_num_queries: Any) -> None:
    tell(till)
    with CaptureQueriesContext(connection) as one:
        till.get(PATH)
    statements = len(one)
    for number in range(4):
        tell(till, purchase_id=f"more-{number}")

    with django_assert_num_queries(statements):
        assert len(till.get(PATH).json()["results"]) == 5
    page = till.get(PATH, page_size=2).json()
    assert len(page["results"]) == 2
    assert till.get(page["next"].partition("testserver")[2]).json()["previous"]


@pytest.mark.parametrize("query", [{"member_id": "me"}, {"purchase_id": "a\x00"}, {"cursor": "x"}, {"colour": "red"}])
def test_a_list_of_purchases_that_cannot_be_is_refused(till: Actor, query: dict[str, str]) -> None:
    answer = till.get(PATH, **query)

    assert (answer.status_code, answer.json()["code"][:8]) == (400, "request.")


@pytest.mark.parametrize("how", ["query", "body"])
def test_a_preview_says_the_plan_needs_no_key_and_writes_nothing(till: Actor, member: Actor, how: str) -> None:
    set_policy("floor_zero")
    told = tell(till)
    spend(member.id, 100)
    path, body = f"{PATH}/{told['id']}/returns", {"return_id": "r-1"}

    with nothing_written():
        if how == "query":
            answer = till.post(f"{path}?preview=true", body, key=None)
        else:
            answer = till.post(path, body | {"preview": True}, key=None)

    assert answer.status_code == 200, answer.content
    plan = answer.json()
    assert (plan["points"], plan["own"], plan["owed"], plan["forgiven"]) == (120, 20, 0, 100)
    assert (plan["id"], plan["transaction_id"], plan["preview"]) == (None, None, True)
    assert give_back(till, told).json()["forgiven"] == 100


def test_the_same_key_gives_the_same_answer_and_has_one_effect(till: Actor) -> None:
    first = till.post(PATH, GOOD, key="k")
    with nothing_written():
        assert till.post(PATH, GOOD, key="k").content == first.content
    path, body = f"{PATH}/{first.json()['id']}/returns", {"return_id": "r-1"}
    done = till.post(path, body, key="k2")
    with nothing_written():
        again = till.post(path, body, key="k2")

    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, done.content, "true")


def test_the_same_ids_by_another_key_give_the_same_answer_and_have_one_effect(till: Actor) -> None:
    told = tell(till)
    with nothing_written():
        assert tell(till) == told
    done = give_back(till, told)
    with nothing_written():
        again = give_back(till, told)

    assert (again.status_code, again.json()) == (201, done.json())


@pytest.mark.parametrize(
    "change",
    [
        {"member_id": "00000000-0000-7000-8000-000000000002"},
        {"amount": {"amount": 12_001, "currency": "EUR"}, "lines": []},
        {"lines": []},
        {"lines": [{"line_id": "1", "quantity": 1, "amount": 7_000}, LINES[1]]},
        {"money_amount": 11_999},
    ],
)
def test_another_purchase_by_the_same_id_is_refused(till: Actor, change: dict[str, Any]) -> None:
    tell(till)
    with nothing_written():
        answer = till.post(PATH, GOOD | change)

    assert (answer.status_code, answer.json()["code"]) == (422, "points.purchase_id_reused")


def test_another_return_by_the_same_id_is_refused(till: Actor) -> None:
    told = tell(till)
    give_back(till, told, lines=[{"line_id": "2", "quantity": 1}])
    with nothing_written():
        answer = give_back(till, told)

    assert (answer.status_code, answer.json()["code"]) == (422, "points.return_id_reused")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"lines": [{"line_id": "3", "quantity": 1}]}, "points.line_unknown"),
        ({"lines": [{"line_id": "1", "quantity": 3}]}, "points.return_too_large"),
        ({"amount": {"amount": 12_001, "currency": "EUR"}}, "points.return_too_large"),
        ({"amount": {"amount": 1, "currency": "USD"}}, "points.currency_mismatch"),
    ],
)
def test_a_return_of_what_is_not_there_is_refused(till: Actor, body: dict[str, Any], code: str) -> None:
    told = tell(till)
    with nothing_written():
        answer = give_back(till, told, **body)

    assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_a_purchase_that_came_back_whole_has_nothing_to_return(till: Actor) -> None:
    told = tell(till)
    give_back(till, told)
    with nothing_written():
        answer = give_back(till, told, return_id="r-2")

    assert (answer.status_code, answer.json()["code"]) == (409, "points.nothing_to_return")


def test_a_purchase_that_the_programme_cannot_take_is_refused(till: Actor, operator: Actor) -> None:
    programme_id = operator.get("/api/v1/programmes").json()["results"][0]["id"]
    with nothing_written():
        other = till.post(PATH, GOOD | {"amount": {"amount": 12_000, "currency": "USD"}})
        missing = till.post(PATH, GOOD | {"programme": str(new_id())})
        foreign = till.post(PATH, GOOD | {"redemption_ids": [str(new_id())]})
    operator.patch(f"/api/v1/programmes/{programme_id}", {"status": "closed"})
    with nothing_written():
        closed = till.post(PATH, GOOD)

    assert [(one.status_code, one.json()["code"]) for one in (other, missing, foreign, closed)] == [
        (409, "points.currency_mismatch"),
        (404, "programmes.not_found"),
        (404, "points.transaction_not_found"),
        (409, "programmes.closed"),
    ]


def test_points_beyond_what_can_be_counted_are_refused(till: Actor, operator: Actor) -> None:
    programme_id = operator.get("/api/v1/programmes").json()["results"][0]["id"]
    operator.patch(f"/api/v1/programmes/{programme_id}", {"earn_points": 10**12, "earn_amount": 1})
    with nothing_written():
        answer = till.post(PATH, GOOD)

    assert (answer.status_code, answer.json()["code"]) == (409, "points.balance_too_large")


def test_a_redemption_that_paid_cannot_pay_twice_nor_be_reversed(till: Actor, member: Actor, operator: Actor) -> None:
    give(member.id, 50)
    paid = str(spend(member.id, 50).id)
    told = tell(till, redemption_ids=[paid])
    give_back(till, told, lines=[{"line_id": "2", "quantity": 1}])

    with nothing_written():
        twice = till.post(PATH, GOOD | {"purchase_id": "order-8", "redemption_ids": [paid]})
        back = operator.post(f"/api/v1/points/transactions/{paid}/reversal", {"reason": "mistake"})

    assert (twice.status_code, twice.json()["code"], twice.json()["reason"]) == (
        409, "points.redemption_not_usable", "used"
    )  # fmt: skip
    assert (back.status_code, back.json()["code"], back.json()["purchase"]) == (
        409, "points.pays_purchase", told["id"]
    )  # fmt: skip


def test_somebody_elses_purchase_is_not_there(
    till: Actor, other_till: Actor, member: Actor, other_member: Actor, operator: Actor
) -> None:
    told = tell(till)
    path = f"{PATH}/{told['id']}"
    with nothing_written():
        answers = [
            other_till.get(path),
            other_member.get(path),
            till.get(f"{PATH}/{new_id()}"),
            give_back(other_till, told),
            give_back(other_till, told, preview=True),
            give_back(till, {"id": new_id()}),
        ]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(404, "points.purchase_not_found")}
    assert member.get(path).status_code == 200
    assert give_back(operator, told).status_code == 201


def test_a_program_of_the_programme_tells_and_returns_what_it_told_itself(till: Actor, operator: Actor) -> None:
    program = Actor(replace(operator.caller, id=new_id(), scopes=frozenset({"points:earn"})))
    told = tell(program)

    assert (told["merchant_id"], give_back(program, told).status_code) == (None, 201)
    assert give_back(program, tell(till)).status_code == 404


def test_a_merchant_gives_no_points_but_by_purchases(till: Actor) -> None:
    wish = {"member_id": MEMBER, "points": 10, "reason": "gift"}
    with nothing_written():
        assert till.post("/api/v1/points/earnings", wish).status_code == 403


def test_two_merchants_use_the_same_id_for_different_purchases(till: Actor, other_till: Actor) -> None:
    assert tell(till)["id"] != tell(other_till)["id"]


def test_a_payments_purchase_is_read_but_returned_by_its_refund_alone(
    till: Actor, member: Actor, operator: Actor
) -> None:
    deliver(captured(member.id, {"1": 12_000}))
    payment_id = str(Purchase.objects.get().payment_id)

    assert member.get(f"{PATH}/{payment_id}").json()["purchase_id"] is None
    with nothing_written():
        mine, foreign = give_back(operator, {"id": payment_id}), give_back(till, {"id": payment_id})
    assert (mine.status_code, mine.json()["code"]) == (409, "points.purchase_of_payment")
    assert foreign.status_code == 404


@pytest.mark.parametrize("what", ["purchase", "return"])
def test_without_the_scope_nothing_is_told(till: Actor, member: Actor, analyst: Actor, what: str) -> None:
    told = tell(till)
    path, body = (PATH, GOOD) if what == "purchase" else (f"{PATH}/{told['id']}/returns", {"return_id": "r"})
    with nothing_written():
        assert member.post(path, body).status_code == 403
        assert analyst.post(path, body).status_code == 403
    assert analyst.get(f"{PATH}/{told['id']}").status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"member_id": "nobody"},
        {"purchase_id": ""},
        {"purchase_id": "x" * 101},
        {"purchase_id": "a\x00b"},
        {"purchase_id": 7},
        {"programme": 1},
        {"amount": 12_000},
        {"amount": {"amount": -1, "currency": "EUR"}},
        {"amount": {"amount": 0, "currency": "EUR"}},
        {"amount": {"amount": 0, "currency": "EUR"}, "lines": [], "money_amount": 1},
        {"amount": {"amount": 1.5, "currency": "EUR"}},
        {"amount": {"amount": 10**400, "currency": "EUR"}},
        {"amount": {"amount": 12_000, "currency": "XXX"}},
        {"amount": {"amount": 12_000}},
        {"amount": {"amount": 12_001, "currency": "EUR"}},
        {"money_amount": 12_001},
        {"money_amount": -1},
        {"money_amount": True},
        {"occurred_at": "2030-01-01T00:00:00Z"},
        {"occurred_at": "yesterday"},
        {"lines": {}},
        {"lines": [LINES[0]] * 2},
        {"lines": [{"line_id": "1", "quantity": -1, "amount": 12_000}]},
        {"lines": [{"line_id": "1", "quantity": 0.5, "amount": 12_000}]},
        {"lines": [{"line_id": "1", "quantity": 10**6 + 1, "amount": 12_000}]},
        {"lines": [{"line_id": "1", "quantity": 1, "amount": -1}]},
        {"lines": [{"line_id": "1", "quantity": 1, "amount": 12_000, "sku": "s"}]},
        {"lines": [{"line_id": str(n), "quantity": 1, "amount": 60} for n in range(201)]},
        {"redemption_ids": ["x"]},
        {"redemption_ids": [MEMBER, MEMBER]},
        {"redemption_ids": [str(new_id()) for _ in range(21)]},
        {"surprise": 1},
    ],
)
def test_a_purchase_that_is_no_proper_request(till: Actor, change: dict[str, Any]) -> None:
    with nothing_written():
        answer = till.post(PATH, GOOD | change)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid"), answer.content


@pytest.mark.parametrize(
    "change",
    [
        {"return_id": ""},
        {"return_id": None},
        {"return_id": "x" * 101},
        {"lines": []},
        {"lines": None},
        {"lines": [{"line_id": "1"}]},
        {"lines": [{"line_id": "1", "quantity": 0}]},
        {"lines": [{"line_id": "1", "quantity": -1}]},
        {"lines": [{"line_id": "1", "quantity": "1"}]},
        {"lines": [{"line_id": "1", "quantity": 1, "amount": 5}]},
        {"lines": [{"line_id": "1", "quantity": 1}] * 2},
        {"lines": [{"line_id": "1", "quantity": 1}], "amount": {"amount": 1, "currency": "EUR"}},
        {"amount": 5},
        {"amount": {"amount": 0, "currency": "EUR"}},
        {"amount": {"amount": 2**70, "currency": "EUR"}},
        {"reason": ""},
        {"reason": "x" * 201},
        {"preview": "true"},
        {"preview": 1},
        {"preview": None},
        {"surprise": 1},
    ],
)
def test_a_return_that_is_no_proper_request(till: Actor, change: dict[str, Any]) -> None:
    told = tell(till)
    with nothing_written():
        answer = give_back(till, told, **change)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid"), answer.content


@pytest.mark.parametrize("query", ["preview=perhaps", "preview=", "surprise=1"])
def test_a_query_that_is_no_proper_one(till: Actor, query: str) -> None:
    told = tell(till)
    with nothing_written():
        answer = till.post(f"{PATH}/{told['id']}/returns?{query}", {"return_id": "r"})

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
