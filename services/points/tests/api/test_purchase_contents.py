"""What is said of a purchase is kept, also of one of nothing and of lines without pieces."""

from typing import Any

import pytest

from points.ledger.models import Transaction
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.api.purchase_requests import GOOD, LINES, PATH, give_back, programme, record, till
from tests.factories import prove

__all__ = ["programme", "till"]  # fixtures
pytestmark = pytest.mark.django_db
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
