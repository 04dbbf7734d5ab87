"""What a programme takes at once, of whom, and how long after it occurred; at each door at which something earns."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from points.programmes.queries import default_programme
from points.purchases.models import EarnedOrder, Purchase
from shared import clock
from shared.contracts.auth import MerchantStaffChanged
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from shared.testing.roles import MERCHANT_ID
from tests.api.purchase_requests import GOOD, MEMBER, PATH, give_back, record
from tests.factories import make_programme, points_of, prove
from tests.messages.test_payments import captured, refunded

PROGRAMMES = "/api/v1/programmes"
EARNINGS = "/api/v1/points/earnings"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme(db: None) -> Any:
    return make_programme(merchants=[MERCHANT_ID], max_amount=20_000, max_points_per_purchase=150)


@pytest.fixture
def program(operator: Actor) -> Actor:
    scopes = frozenset({"points:earn", "points:adjust"})
    return Actor(replace(operator.caller, id=new_id(), roles=("service",), scopes=scopes))


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def works_for_the_merchant(member: Any, merchant_id: Any = MERCHANT_ID, version: int = 1) -> None:
    said = {"merchant_id": merchant_id, "version": version, "changed_at": clock.now()}
    deliver(MerchantStaffChanged(user_id=member.id, **said))


def amount(cents: int) -> dict[str, Any]:
    return {"amount": {"amount": cents, "currency": "EUR"}, "lines": []}


def days_ago(days: int) -> str:
    return (clock.now() - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (amount(20_001), "points.amount_too_large", {"limit": 20_000}),
        (amount(10**12), "points.amount_too_large", {"limit": 20_000}),
        (amount(15_100), "points.too_many", {"limit": 150}),
        ({"occurred_at": "2001-01-01T00:00:00Z"}, "points.too_old", {}),
        ({"occurred_at": "2024-03-04T11:00:00Z"}, "points.too_old", {}),
    ],
)
def test_a_purchase_beyond_the_bounds_is_refused(merchant: Actor, body: Any, code: str, said: Any) -> None:
    with nothing_written():
        answer = merchant.post(PATH, GOOD | body)

    assert refused(answer) == (409, code)
    assert said.items() <= answer.json().items()


def test_a_purchase_at_the_bounds_earns(merchant: Actor) -> None:
    recorded = [
        record(merchant, **amount(15_000), purchase_id="points"),
        record(merchant, **amount(20_000), money_amount=0, purchase_id="amount"),
        record(merchant, **amount(100), occurred_at=days_ago(729), purchase_id="age"),
    ]

    assert [one["points"] for one in recorded] == [150, 0, 1]


def test_a_purchase_that_was_recorded_before_the_bounds_is_recorded_again(merchant: Actor, operator: Actor) -> None:
    recorded = record(merchant)
    operator.patch(f"{PROGRAMMES}/{default_programme().id}", {"max_amount": 1, "merchants": []})

    with nothing_written():
        assert record(merchant) == recorded


def test_a_merchant_who_is_not_listed_earns_nobody_anything_in_any_programme(operator: Actor, merchant: Actor) -> None:
    other = operator.post(PROGRAMMES, {"name": "Piazza", "currency": "EUR", "timezone": "UTC"}).json()
    stranger = Actor(replace(merchant.caller, id=new_id(), merchant_id=new_id()))
    for teller, programme in (
        (stranger, {}),
        (stranger, {"programme": other["id"]}),
        (merchant, {"programme": other["id"]}),
    ):
        with nothing_written():
            answer = teller.post(PATH, GOOD | programme)
        assert refused(answer) == (409, "programmes.merchant_not_listed")


def test_merchants_are_listed_and_taken_off_the_list(operator: Actor, merchant: Actor) -> None:
    path = f"{PROGRAMMES}/{default_programme().id}"
    other = "01900000-0000-7000-8000-0000000000aa"

    changed = operator.patch(path, {"merchants": [other, str(MERCHANT_ID), other]}).json()
    assert changed["merchants"] == sorted([other, str(MERCHANT_ID)])
    record(merchant)
    assert operator.patch(path, {"merchants": []}).json()["merchants"] == []
    assert refused(merchant.post(PATH, GOOD | {"purchase_id": "2"})) == (409, "programmes.merchant_not_listed")
    assert operator.patch(path, {"merchants": None}).json()["merchants"] is None
    record(merchant, purchase_id="2")


@pytest.mark.parametrize(
    "change",
    [
        {"merchants": "all"},
        {"merchants": ["nobody"]},
        {"merchants": [None]},
        {"merchants": [str(new_id()) for _ in range(1_001)]},
        {"merchants": {}},
        *({name: value} for value in (0, -1, 1.5, "10", True, None, 10**13)
          for name in ("max_points_per_purchase", "max_amount", "max_purchase_age_days")),
    ],
)  # fmt: skip
def test_bounds_that_cannot_be(operator: Actor, change: dict[str, Any]) -> None:
    with nothing_written():
        new = operator.post(PROGRAMMES, {"name": "P", "currency": "EUR", "timezone": "UTC"} | change)
        changed = operator.patch(f"{PROGRAMMES}/{default_programme().id}", change)

    assert (refused(new), refused(changed)) == ((400, "request.invalid"), (400, "request.invalid"))


def test_a_new_programme_lists_nobody_and_has_bounds(operator: Actor) -> None:
    made = operator.post(PROGRAMMES, {"name": "P", "currency": "EUR", "timezone": "UTC"}).json()

    names = ("merchants", "max_points_per_purchase", "max_amount", "max_purchase_age_days")
    assert [made[name] for name in names] == [[], 100_000, 10_000_000, 730]


def test_a_program_of_the_programme_records_purchases_of_no_merchant(program: Actor, merchant: Actor) -> None:
    assert record(program)["points"] == 120
    nobodys = Actor(replace(program.caller, scopes=merchant.caller.scopes))

    with nothing_written():
        answer = nobodys.post(PATH, GOOD | {"purchase_id": "2"})

    assert refused(answer) == (409, "programmes.merchant_not_listed")


def test_nobody_earns_through_the_merchant_they_work_for(merchant: Actor, member: Actor) -> None:
    works_for_the_merchant(member)

    recorded = record(merchant)

    assert (recorded["points"], recorded["no_points_reason"], recorded["transaction_id"]) == (0, "own_staff", None)
    assert points_of(member.id) == (0, 0)
    assert record(merchant) == recorded
    assert give_back(merchant, recorded).json()["points"] == 0
    prove()


def test_whoever_works_for_another_merchant_or_no_longer_earns(merchant: Actor, member: Actor) -> None:
    works_for_the_merchant(member, new_id(), version=1)
    assert record(merchant)["points"] == 120
    works_for_the_merchant(member, version=2)
    assert record(merchant, purchase_id="2")["points"] == 0
    works_for_the_merchant(member, None, version=3)
    assert record(merchant, purchase_id="3")["points"] == 120


def test_a_merchants_person_earns_nothing_before_the_word_of_the_role_has_come(merchant: Actor) -> None:
    recorded = record(merchant, member_id=str(merchant.id))

    assert (recorded["points"], recorded["no_points_reason"]) == (0, "own_staff")


def test_an_order_that_its_payment_earned_for_is_refused_by_the_till(merchant: Actor, member: Actor) -> None:
    payment = captured(member.id, {"1": 12_000}, order_id="order-7", merchant_id=MERCHANT_ID)
    deliver(payment)

    with nothing_written():
        answer = merchant.post(PATH, GOOD)

    assert refused(answer) == (409, "points.order_earned")
    deliver(refunded(payment, 12_000))
    assert points_of(member.id, at=clock.now()) == (0, 0)
    assert refused(merchant.post(PATH, GOOD)) == (409, "points.order_earned")
    prove()


def test_the_payment_of_an_order_that_the_till_recorded_is_noted_and_earns_nothing(
    merchant: Actor, operator: Actor, member: Actor
) -> None:
    recorded = record(merchant)
    payment = captured(member.id, {"1": 12_000}, order_id="order-7", merchant_id=MERCHANT_ID)

    assert deliver(payment).failed == {}

    read = operator.get(f"{PATH}/{payment.payment_id}").json()
    assert (read["points"], read["no_points_reason"], read["amount"]) == (0, "order_earned", 12_000)
    assert points_of(member.id, at=clock.now()) == (120, 0)
    assert deliver(refunded(payment, 12_000)).failed == {}
    assert points_of(member.id, at=clock.now()) == (120, 0)
    assert give_back(merchant, recorded).json()["points"] == 120
    assert points_of(member.id, at=clock.now()) == (0, 0)
    prove()


def test_an_order_earns_in_one_programme_only(merchant: Actor, operator: Actor) -> None:
    new = {"name": "P", "currency": "EUR", "timezone": "UTC", "merchants": [str(MERCHANT_ID)]}
    other = operator.post(PROGRAMMES, new).json()["id"]
    record(merchant)

    with nothing_written():
        answer = merchant.post(PATH, GOOD | {"programme": other})

    assert refused(answer) == (409, "points.order_earned")


def test_an_order_that_earned_nothing_may_earn_by_its_payment(merchant: Actor, member: Actor) -> None:
    record(merchant, **amount(0))

    deliver(captured(member.id, {"1": 12_000}, order_id="order-7", merchant_id=MERCHANT_ID))

    assert points_of(member.id, at=clock.now()) == (120, 0)
    assert EarnedOrder.objects.get().order_id == "order-7"


@pytest.mark.parametrize(
    ("changes", "more", "why"),
    [
        ({}, {"merchant_id": new_id()}, "merchant_not_listed"),
        ({"max_amount": 11_999}, {}, "amount_too_large"),
        ({"max_points_per_purchase": 119}, {}, "too_many_points"),
        ({}, {"currency": "USD"}, "currency"),
        ({"status": "closed"}, {}, "programme_closed"),
    ],
)
def test_a_payment_that_is_not_to_earn_is_noted_with_the_reason_and_refunded(
    operator: Actor, member: Actor, changes: Any, more: Any, why: str
) -> None:
    if changes:
        operator.patch(f"{PROGRAMMES}/{default_programme().id}", changes)
    payment = captured(member.id, {"1": 12_000}, **({"merchant_id": MERCHANT_ID} | more))

    assert deliver(payment).failed == {}

    read = operator.get(f"{PATH}/{payment.payment_id}").json()
    assert (read["points"], read["no_points_reason"]) == (0, why)
    assert points_of(member.id) == (0, 0)
    assert deliver(refunded(payment, 12_000)).failed == {}
    assert Purchase.objects.get().returned == 12_000
    assert not EarnedOrder.objects.exists()


def test_staff_earn_nothing_by_paying_their_own_merchant(member: Actor, other_member: Actor) -> None:
    works_for_the_merchant(member)

    deliver(
        *(
            captured(who.id, {"1": 12_000}, merchant_id=MERCHANT_ID, order_id=str(who.id))
            for who in (member, other_member)
        )
    )

    assert (points_of(member.id), points_of(other_member.id, at=clock.now())) == ((0, 0), (120, 0))
    assert {row.member_id: row.no_points_reason for row in Purchase.objects.all()} == {
        member.id: "own_staff", other_member.id: None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "code"),
    [({"points": 151}, "points.too_many"), ({"occurred_at": "2001-01-01T00:00:00Z"}, "points.too_old")],
)
def test_earnings_alone_and_in_a_batch_have_the_same_bounds(program: Actor, body: Any, code: str) -> None:
    good = {"member_id": MEMBER, "points": 150, "reason": "gift"}
    line = good | {"key": "1", "kind": "earn"}
    with nothing_written():
        alone = program.post(EARNINGS, good | body)
        (result,) = program.post("/api/v1/points/batches", {"postings": [line | body]}).json()["results"]

    assert (refused(alone), result["error"]["code"]) == ((409, code), code)
    assert program.post(EARNINGS, good | {"occurred_at": days_ago(700)}).status_code == 201
