from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from points.ledger.models import Transaction
from points.ledger.operations import merge_members
from points.ledger.rules.postings import LARGEST_BALANCE
from points.programmes.rules import MAX_POINTS_PER_PURCHASE
from points.purchases.models import Purchase
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor, path_of
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from tests.factories import give, make_programme, points_of, prove, set_policy, spend
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


def record(actor: Actor, **more: Any) -> dict[str, Any]:
    answer = actor.post(PATH, GOOD | more)
    assert answer.status_code == 201, answer.content
    recorded: dict[str, Any] = answer.json()
    return recorded


def give_back(actor: Actor, recorded: dict[str, Any], **body: Any) -> Any:
    return actor.post(f"{PATH}/{recorded['id']}/returns", {"return_id": "r-1"} | body)


def test_a_purchase_earns_and_says_what_each_line_gave(till: Actor) -> None:
    recorded = record(till, occurred_at="2026-03-03T10:00:00Z")

    assert (recorded["purchase_id"], recorded["member_id"], recorded["merchant_id"]) == (
        "order-7", MEMBER, str(till.caller.merchant_id)
    )  # fmt: skip
    assert (recorded["amount"], recorded["money_amount"], recorded["currency"], recorded["points"]) == (
        12_000,
        12_000,
        "EUR",
        120,
    )
    assert [(line["line_id"], line["points"], line["returnable"]) for line in recorded["lines"]] == [
        ("1", 70, 2), ("2", 50, 1)
    ]  # fmt: skip
    assert (recorded["returned"], recorded["returnable"], recorded["points_returned"], recorded["returns"]) == (
        0,
        12_000,
        0,
        [],
    )
    assert recorded["occurred_at"] == "2026-03-03T10:00:00Z"
    prove()


def test_a_purchase_is_one_however_its_ids_are_typed(till: Actor, member: Actor) -> None:
    lines = [LINES[0] | {"line_id": "1\u00e9"}, LINES[1]]

    recorded = record(till, purchase_id="b\u00e4r-1", lines=lines)
    again = record(till, purchase_id="ba\u0308r-1", lines=[LINES[0] | {"line_id": "1e\u0301"}, LINES[1]])

    assert again == recorded
    found = till.get(f"{PATH}?purchase_id=ba%CC%88r-1").json()["results"]
    assert [one["id"] for one in found] == [recorded["id"]]
    named = [{"line_id": "1e\u0301", "quantity": 1}]
    back = [give_back(till, recorded, return_id=typed, lines=named).json() for typed in ("r\u00e9", "re\u0301")]
    assert back[0] == back[1]
    assert back[0]["amount"]["amount"] == 3_500
    assert points_of(member.id, at=clock.now())[0] == 120 - 35


SAID = {"channel": "till", "store": "berlin-1", "metadata": {"receipt": 4711, "gift": True, "by": "hand"}}
KNOWN = {"sku": "SKU-1", "category": "books", "brand": "Plaza Press", "metadata": {"signed": True}}


def test_what_is_said_of_a_purchase_is_kept_and_answered(till: Actor, member: Actor) -> None:
    recorded = record(till, lines=[LINES[0] | KNOWN, LINES[1]], **SAID)

    for actor in (till, member):
        found = actor.get(f"{PATH}/{recorded['id']}").json()
        assert found == recorded
        assert {name: found[name] for name in SAID} == SAID
        assert [{name: line[name] for name in KNOWN} for line in found["lines"]] == [
            KNOWN,
            {"sku": "", "category": "", "brand": "", "metadata": {}},
        ]
    assert recorded["lines_by"] == "merchant"
    assert till.get(PATH).json()["results"] == [recorded]
    assert record(till, lines=[LINES[0] | KNOWN, LINES[1]], **SAID) == recorded


@pytest.mark.parametrize(
    "change",
    [
        {"channel": "web"},
        {"store": "berlin-2"},
        {"metadata": {}},
        {"metadata": SAID["metadata"] | {"gift": 1}},
        {"metadata": SAID["metadata"] | {"receipt": "4711"}},
        {"lines": [LINES[0] | KNOWN | {"sku": "SKU-2"}, LINES[1]]},
        {"lines": [LINES[0] | KNOWN | {"category": "toys"}, LINES[1]]},
        {"lines": [LINES[0] | KNOWN | {"brand": ""}, LINES[1]]},
        {"lines": [LINES[0] | KNOWN | {"metadata": {"signed": 1}}, LINES[1]]},
        {"lines": [LINES[0] | KNOWN, LINES[1] | {"sku": "SKU-1"}]},
    ],
)
def test_a_purchase_of_which_something_else_is_said_is_another_one(till: Actor, change: dict[str, Any]) -> None:
    good = SAID | {"lines": [LINES[0] | KNOWN, LINES[1]]}
    record(till, **good)

    with nothing_written():
        answer = till.post(PATH, GOOD | good | change)

    assert (answer.status_code, answer.json()["code"]) == (422, "points.purchase_id_reused")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "c" * 41}, "channel"),
        ({"store": "s" * 65}, "store"),
        ({"metadata": {str(n): 1 for n in range(21)}}, "metadata"),
        ({"metadata": {"n" * 41: 1}}, "metadata"),
        ({"metadata": {"a": "b" * 201}}, "metadata.a"),
        ({"metadata": {"a": None}}, "metadata.a"),
        ({"lines": [LINES[0] | {"sku": "s" * 65}, LINES[1]]}, "lines.0.sku"),
        ({"lines": [LINES[0] | {"category": 7}, LINES[1]]}, "lines.0.category"),
        ({"lines": [LINES[0] | {"metadata": {"a": 1.0}}, LINES[1]]}, "lines.0.metadata.a"),
    ],
)
def test_what_is_said_of_a_purchase_is_bounded(till: Actor, change: dict[str, Any], field: str) -> None:
    with nothing_written():
        answer = till.post(PATH, GOOD | change)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


FREE = {"amount": 0, "currency": "EUR"}
SAMPLE = {"line_id": "3", "quantity": 0, "amount": 0}


def test_a_purchase_of_nothing_is_recorded_once_and_earns_nothing(till: Actor, member: Actor) -> None:
    free = {"amount": FREE, "lines": [SAMPLE, {"line_id": "4", "quantity": 2, "amount": 0}]}

    recorded, again = record(till, **free), record(till, **free)

    assert again == recorded
    assert [recorded[name] for name in ("amount", "money_amount", "points")] == [0, 0, 0]
    assert (recorded["transaction_id"], recorded["no_points_reason"]) == (None, None)
    assert [(line["points"], line["returnable"]) for line in recorded["lines"]] == [(0, 0), (0, 2)]
    assert not Transaction.objects.exists()
    done = give_back(till, recorded)
    assert (done.status_code, done.json()["amount"], done.json()["points"]) == (201, FREE, 0)
    assert done.json()["lines"] == [{"line_id": "4", "quantity": 2, "amount": 0}]
    assert give_back(till, recorded, return_id="r-2").json()["code"] == "points.nothing_to_return"
    prove()


def test_a_purchase_without_price_or_pieces_has_nothing_to_return_and_is_not_said_to_have_come_back(
    till: Actor,
) -> None:
    recorded = record(till, amount=FREE, lines=[{"line_id": "1", "quantity": 0, "amount": 0}])

    with nothing_written():
        refused = give_back(till, recorded)

    assert (refused.status_code, refused.json()["code"]) == (409, "points.nothing_to_return")
    assert refused.json()["title"] == "The purchase has nothing left to return"


def test_a_line_without_pieces_earns_nothing_and_comes_back_with_the_whole(till: Actor, member: Actor) -> None:
    weighed = {"line_id": "4", "quantity": 0, "amount": 380}
    lines = [LINES[0], SAMPLE, weighed]

    recorded = record(till, amount={"amount": 7_380, "currency": "EUR"}, lines=lines)
    paid = record(till, purchase_id="o-8", amount={"amount": 7_380, "currency": "EUR"}, lines=lines, money_amount=7_380)

    assert [(one["points"], one["money_amount"]) for one in (recorded, paid)] == [(70, 7_380)] * 2
    assert [(line["line_id"], line["points"]) for line in recorded["lines"]] == [("1", 70), ("3", 0), ("4", 0)]
    with nothing_written():
        for line_id in ("3", "4"):
            answer = give_back(till, recorded, lines=[{"line_id": line_id, "quantity": 1}])
            assert (answer.status_code, answer.json()["code"]) == (409, "points.return_too_large")
    done = give_back(till, recorded).json()
    assert (done["amount"]["amount"], done["points"], done["owed"]) == (7_380, 70, 0)
    prove()


def test_a_purchase_of_lines_without_pieces_says_why_it_earns_nothing(till: Actor, member: Actor) -> None:
    weighed = {
        "amount": {"amount": 380, "currency": "EUR"},
        "lines": [SAMPLE, {**SAMPLE, "line_id": "4", "amount": 380}],
    }

    recorded, again = record(till, **weighed), record(till, **weighed)
    small = record(till, purchase_id="o-8", amount={"amount": 99, "currency": "EUR"}, lines=[])

    assert again == recorded
    assert (recorded["points"], recorded["no_points_reason"]) == (0, "no_pieces")
    assert (small["points"], small["no_points_reason"]) == (0, None)
    assert not Transaction.objects.exists()
    prove()


def test_a_line_comes_back(till: Actor, member: Actor) -> None:
    recorded = record(till)

    answer = give_back(till, recorded, lines=[{"line_id": "1", "quantity": 1}], reason="too small")

    assert answer.status_code == 201, answer.content
    done = answer.json()
    assert done["amount"] == {"amount": 3_500, "currency": "EUR"}
    assert done["lines"] == [{"line_id": "1", "quantity": 1, "amount": 3_500}]
    assert (done["points"], done["own"], done["others"], done["owed"], done["forgiven"]) == (35, 35, 0, 0, 0)
    assert (done["policy"], done["restored"], done["expired"], done["preview"]) == ("arrears", 0, 0, False)
    assert (done["reason"], done["return_id"], done["purchase"]) == ("too small", "r-1", recorded["id"])
    moved = member.get(f"/api/v1/points/transactions/{done['transaction_id']}").json()
    assert (moved["kind"], moved["points"], moved["reference"]) == ("returned", 35, f"return:{done['id']}")
    prove()


def test_the_purchase_says_what_came_back_and_what_still_can(till: Actor, member: Actor, operator: Actor) -> None:
    give(member.id, 50)
    paid = str(spend(member.id, 50).id)
    recorded = record(till, redemption_ids=[paid], money_amount=6_000)
    give_back(till, recorded, amount={"amount": 6_000, "currency": "EUR"})

    for actor in (till, member, operator):
        found = actor.get(f"{PATH}/{recorded['id']}").json()

        assert (found["points"], found["points_returned"]) == (60, 30)
        assert (found["returned"], found["returnable"]) == (6_000, 6_000)
        assert found["redemptions"] == [{"redemption_id": paid, "points": 50, "restored": 25}]
        assert [(one["return_id"], one["points"], one["restored"]) for one in found["returns"]] == [("r-1", 30, 25)]


def test_each_sees_its_own_purchases_in_lists(
    till: Actor, other_till: Actor, member: Actor, other_member: Actor, operator: Actor
) -> None:
    first, second = record(till), record(till, purchase_id="order-8", member_id=str(other_member.id))
    third = record(other_till)
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
    recorded = record(till)
    assert other_member.get(f"{PATH}/{recorded['id']}").status_code == 404
    merge_members(
        from_member_id=member.id, into_member_id=other_member.id, reason="m", actor_id=operator.id, at=clock.now()
    )

    assert other_member.get(PATH).json()["results"] == [recorded]
    assert member.get(PATH).json()["results"] == [recorded]
    assert other_member.get(f"{PATH}/{recorded['id']}").json() == recorded
    assert operator.get(PATH, member_id=str(other_member.id)).json()["results"] == [recorded]


def test_a_merchant_sees_no_payments_in_the_list(till: Actor, member: Actor, operator: Actor) -> None:
    deliver(captured(member.id, {"1": 1_000}))

    assert till.get(PATH).json()["results"] == []
    assert [one["purchase_id"] for one in operator.get(PATH).json()["results"]] == [None]


def test_a_page_of_purchases_takes_as_many_statements_as_one(till: Actor, django_assert_num_queries: Any) -> None:
    record(till)
    with CaptureQueriesContext(connection) as one:
        till.get(PATH)
    statements = len(one)
    for number in range(4):
        record(till, purchase_id=f"more-{number}")

    with django_assert_num_queries(statements):
        assert len(till.get(PATH).json()["results"]) == 5
    page = till.get(PATH, page_size=2).json()
    assert len(page["results"]) == 2
    assert till.get(path_of(page["next"])).json()["previous"]


@pytest.mark.parametrize("query", [{"member_id": "me"}, {"purchase_id": "a\x00"}, {"cursor": "x"}, {"colour": "red"}])
def test_a_list_of_purchases_that_cannot_be_is_refused(till: Actor, query: dict[str, str]) -> None:
    answer = till.get(PATH, **query)

    assert (answer.status_code, answer.json()["code"][:8]) == (400, "request.")


@pytest.mark.parametrize("how", ["query", "body"])
def test_a_preview_says_the_plan_needs_no_key_and_writes_nothing(till: Actor, member: Actor, how: str) -> None:
    set_policy("floor_zero")
    recorded = record(till)
    spend(member.id, 100)
    path, body = f"{PATH}/{recorded['id']}/returns", {"return_id": "r-1"}

    with nothing_written():
        if how == "query":
            answer = till.post(f"{path}?preview=true", body, key=None)
        else:
            answer = till.post(path, body | {"preview": True}, key=None)

    assert answer.status_code == 200, answer.content
    plan = answer.json()
    assert (plan["points"], plan["own"], plan["owed"], plan["forgiven"]) == (120, 20, 0, 100)
    assert (plan["id"], plan["transaction_id"], plan["preview"]) == (None, None, True)
    assert give_back(till, recorded).json()["forgiven"] == 100


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
    recorded = record(till)
    with nothing_written():
        assert record(till) == recorded
    done = give_back(till, recorded)
    with nothing_written():
        again = give_back(till, recorded)

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
    record(till)
    with nothing_written():
        answer = till.post(PATH, GOOD | change)

    assert (answer.status_code, answer.json()["code"]) == (422, "points.purchase_id_reused")


def test_another_return_by_the_same_id_is_refused(till: Actor) -> None:
    recorded = record(till)
    give_back(till, recorded, lines=[{"line_id": "2", "quantity": 1}])
    with nothing_written():
        answer = give_back(till, recorded)

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
    recorded = record(till)
    with nothing_written():
        answer = give_back(till, recorded, **body)

    assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_a_purchase_that_came_back_whole_has_nothing_to_return(till: Actor) -> None:
    recorded = record(till)
    give_back(till, recorded)
    with nothing_written():
        answer = give_back(till, recorded, return_id="r-2")

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


def test_a_purchase_that_would_fill_an_account_beyond_its_bound_is_refused(till: Actor, member: Actor) -> None:
    give(member.id, LARGEST_BALANCE)

    answer = till.post(PATH, GOOD)

    assert (answer.status_code, answer.json()["code"]) == (409, "points.balance_too_large")


def test_points_beyond_what_can_be_counted_are_refused(till: Actor, operator: Actor) -> None:
    programme_id = operator.get("/api/v1/programmes").json()["results"][0]["id"]
    operator.patch(f"/api/v1/programmes/{programme_id}", {"earn_points": 10**12, "earn_amount": 1})
    with nothing_written():
        answer = till.post(PATH, GOOD)
        (listed,) = till.post(f"{PATH}/batches", {"purchases": [GOOD]}).json()["results"]

    assert (answer.status_code, answer.json()["code"]) == (409, "points.too_many")
    assert answer.json()["limit"] == MAX_POINTS_PER_PURCHASE
    assert (listed["status"], listed["error"]["code"]) == ("refused", "points.too_many")
    operator.patch(f"/api/v1/programmes/{programme_id}", {"status": "closed"})
    with nothing_written():
        assert till.post(PATH, GOOD).json()["code"] == "programmes.closed"


def test_a_redemption_that_paid_cannot_pay_twice_nor_be_reversed(till: Actor, member: Actor, operator: Actor) -> None:
    give(member.id, 50)
    paid = str(spend(member.id, 50).id)
    recorded = record(till, redemption_ids=[paid])
    give_back(till, recorded, lines=[{"line_id": "2", "quantity": 1}])

    with nothing_written():
        twice = till.post(PATH, GOOD | {"purchase_id": "order-8", "redemption_ids": [paid]})
        back = operator.post(f"/api/v1/points/transactions/{paid}/reversal", {"reason": "mistake"})

    assert (twice.status_code, twice.json()["code"], twice.json()["reason"]) == (
        409, "points.redemption_not_usable", "used"
    )  # fmt: skip
    assert (back.status_code, back.json()["code"], back.json()["purchase"]) == (
        409, "points.pays_purchase", recorded["id"]
    )  # fmt: skip


def test_somebody_elses_purchase_is_not_there(
    till: Actor, other_till: Actor, member: Actor, other_member: Actor, operator: Actor
) -> None:
    recorded = record(till)
    path = f"{PATH}/{recorded['id']}"
    with nothing_written():
        answers = [
            other_till.get(path),
            other_member.get(path),
            till.get(f"{PATH}/{new_id()}"),
            give_back(other_till, recorded),
            give_back(other_till, recorded, preview=True),
            give_back(till, {"id": new_id()}),
        ]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(404, "points.purchase_not_found")}
    assert member.get(path).status_code == 200
    assert give_back(operator, recorded).status_code == 201


def test_a_program_of_the_programme_records_and_returns_its_own_purchases(till: Actor, operator: Actor) -> None:
    program = Actor(replace(operator.caller, id=new_id(), scopes=frozenset({"points:earn"})))
    recorded = record(program)

    assert (recorded["merchant_id"], give_back(program, recorded).status_code) == (None, 201)
    assert give_back(program, record(till)).status_code == 404


def test_a_merchant_gives_no_points_but_by_purchases(till: Actor) -> None:
    body = {"member_id": MEMBER, "points": 10, "reason": "gift"}
    with nothing_written():
        assert till.post("/api/v1/points/earnings", body).status_code == 403


def test_two_merchants_use_the_same_id_for_different_purchases(till: Actor, other_till: Actor) -> None:
    assert record(till)["id"] != record(other_till)["id"]


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
    recorded = record(till)
    path, body = (PATH, GOOD) if what == "purchase" else (f"{PATH}/{recorded['id']}/returns", {"return_id": "r"})
    with nothing_written():
        assert member.post(path, body).status_code == 403
        assert analyst.post(path, body).status_code == 403
    assert analyst.get(f"{PATH}/{recorded['id']}").status_code == 403


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
        {"lines": [{"line_id": "1", "quantity": 1, "amount": 12_000, "price": 1}]},
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
    recorded = record(till)
    with nothing_written():
        answer = give_back(till, recorded, **change)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid"), answer.content


@pytest.mark.parametrize("query", ["preview=perhaps", "preview=", "surprise=1"])
def test_a_query_that_is_no_proper_one(till: Actor, query: str) -> None:
    recorded = record(till)
    with nothing_written():
        answer = till.post(f"{PATH}/{recorded['id']}/returns?{query}", {"return_id": "r"})

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
