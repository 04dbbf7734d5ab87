"""What a merchant's own program asks a member to pay, and what nobody but the member decides of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from payments.intents.models import PaymentIntent
from payments.intents.tasks import cancel_unpaid_intents
from shared import clock
from shared.contracts.auth import UserDeactivated, UserRegistered
from shared.contracts.payments import PaymentCaptured
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.api.paths import INTENTS
from tests.factories import DECLINED_CARD, balance, by_card, line, make_merchant, make_payment, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop", "wallet", "registered")]
BY_WALLET = {"tenders": [{"type": "wallet"}]}


@pytest.fixture
def registered(member: Actor, other_member: Actor) -> None:
    for one in (member, other_member):
        deliver(UserRegistered(user_id=one.id, roles=["member"], merchant_id=None, registered_at=clock.now()))


def program(merchant: Actor, *scopes: str, **changes: Any) -> Actor:
    return Actor(replace(merchant.caller, id=new_id(), roles=("service",), scopes=frozenset(scopes), **changes))


@pytest.fixture
def till(merchant: Actor) -> Actor:
    return program(merchant, "payments:create")


@pytest.fixture
def other_till(merchant: Actor) -> Actor:
    return program(merchant, "payments:create", merchant_id=make_merchant(new_id()).id)


def asked(member: Actor, **changes: Any) -> dict[str, Any]:
    """Return the body with which a merchant's program asks a member to pay."""
    body = order(member_id=str(member.id), lines=[line("1", quantity=2, unit_amount=3500), line("2", unit_amount=5000)])
    return {name: value for name, value in body.items() if name not in ("tenders", "confirm")} | changes


def made(till: Actor, member: Actor, **changes: Any) -> dict[str, Any]:
    answer = till.post(INTENTS, asked(member, **changes))
    assert answer.status_code == 201, answer.content
    intent: dict[str, Any] = answer.json()
    return intent


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_it_waits_for_its_member_and_says_who_made_it(till, member, merchant):
    intent = made(till, member, store="berlin-1")

    assert (intent["status"], intent["next_action"], intent["made_by"]) == (
        "requires_confirmation",
        "confirm",
        "merchant",
    )
    assert (intent["tenders"], intent["attempts"], intent["member_id"]) == ([], [], str(member.id))
    assert [actor.get(f"{INTENTS}/{intent['id']}").json() for actor in (member, merchant)] == [intent, intent]
    assert published(PaymentCaptured) == []
    assert balance("wallet") == 50000


@pytest.mark.parametrize("tender", [{"type": "wallet"}, by_card(), {"type": "wallet", "amount": 12000}])
def test_its_member_pays_it_as_the_merchant_counted_it_up(till, member, tender):
    intent = made(till, member, metadata={"till": 4})

    paid = member.post(f"{INTENTS}/{intent['id']}/confirm", {"tenders": [tender]})

    assert paid.status_code == 200, paid.content
    assert (paid.json()["status"], paid.json()["made_by"]) == ("succeeded", "merchant")
    assert (paid.json()["lines"], paid.json()["amount"]) == (intent["lines"], intent["amount"])
    (message,) = published(PaymentCaptured)
    assert (message.lines_by, message.metadata, [one.sku for one in message.lines]) == (
        "merchant",
        {"till": 4},
        ["SKU-1", "SKU-2"],
    )
    assert balance("merchant_pending") == 12000


@pytest.mark.parametrize(
    "change",
    [{"amount": {"amount": 1, "currency": "EUR"}}, {"lines": [line()]}, {"order_id": "another"}, {"metadata": {}}],
)
def test_its_member_changes_nothing_but_the_tender(till, member, change):
    intent = made(till, member)

    with nothing_written():
        answer = member.post(f"{INTENTS}/{intent['id']}/confirm", BY_WALLET | change)

    assert code(answer) == (400, "request.invalid")


def test_a_part_of_it_is_not_paid(till, member):
    intent = made(till, member)

    with nothing_written():
        answer = member.post(f"{INTENTS}/{intent['id']}/confirm", {"tenders": [{"type": "wallet", "amount": 11999}]})

    assert code(answer) == (400, "payments.tender_mismatch")


def test_its_member_has_to_say_how_it_is_paid(till, member):
    intent = made(till, member)

    with nothing_written():
        answer = member.post(f"{INTENTS}/{intent['id']}/confirm")

    assert code(answer) == (400, "payments.tender_required")


def test_a_declined_card_is_followed_by_another_tender(till, member):
    intent = made(till, member)

    declined = member.post(f"{INTENTS}/{intent['id']}/confirm", {"tenders": [by_card(DECLINED_CARD)]})
    paid = member.post(f"{INTENTS}/{intent['id']}/confirm", BY_WALLET)

    assert (declined.status_code, paid.status_code) == (402, 200)
    assert [one.lines_by for one in published(PaymentCaptured)] == ["merchant"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"confirm": True}, "confirm"),
        ({"tenders": [{"type": "wallet"}]}, "tenders"),
        ({"member_id": None}, "member_id"),
    ],
)
def test_a_merchant_does_not_pay_in_the_members_name(till, member, change, field):
    with nothing_written():
        answer = till.post(INTENTS, asked(member) | change)

    assert code(answer) == (400, "request.invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_merchant_names_the_member(till, member):
    body = asked(member)
    del body["member_id"]

    with nothing_written():
        answer = till.post(INTENTS, body)

    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("member_id", "required")]


def test_a_merchants_program_confirms_nothing(till, member, merchant):
    intent = made(till, member)

    with nothing_written():
        answers = [
            one.post(f"{INTENTS}/{intent['id']}/confirm", BY_WALLET)
            for one in (till, merchant, program(merchant, "payments:create", "payments:write"))
        ]

    assert [answer.status_code for answer in answers] == [403, 403, 404]


def test_a_member_says_how_it_pays_for_what_it_orders_itself(member):
    body = order()
    del body["tenders"]

    with nothing_written():
        answer = member.post(INTENTS, body)

    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("tenders", "required")]


def test_for_another_merchant_there_is_none(till, other_till, member, shop):
    nobodys = program(till, "payments:create", merchant_id=None)
    with nothing_written():
        answers = [one.post(INTENTS, asked(member)) for one in (other_till, nobodys)]

    assert [code(answer) for answer in answers] == [(404, "payments.merchant_unknown")] * 2


def test_another_member_and_another_merchant_find_none(till, other_till, member, other_member, merchant):
    intent = made(till, member)
    foreign = program(merchant, "payments:read", merchant_id=other_till.caller.merchant_id)

    with nothing_written():
        answers = [
            other_member.get(f"{INTENTS}/{intent['id']}"),
            other_member.post(f"{INTENTS}/{intent['id']}/confirm", BY_WALLET),
            other_member.post(f"{INTENTS}/{intent['id']}/cancel"),
            other_till.post(f"{INTENTS}/{intent['id']}/cancel"),
            foreign.get(f"{INTENTS}/{intent['id']}"),
        ]

    assert [answer.status_code for answer in answers] == [404] * 5


def test_nobody_is_asked_who_is_unknown_until_the_word_of_them_comes(till, member):
    new = replace(member.caller, id=new_id())
    body = asked(Actor(new))
    with nothing_written():
        unknown = till.post(INTENTS, body, key="k")
    deliver(UserRegistered(user_id=new.id, roles=["member"], merchant_id=None, registered_at=clock.now()))
    known = till.post(INTENTS, body, key="k")
    deliver(UserDeactivated(user_id=new.id, deactivated_at=clock.now()))
    with nothing_written():
        gone = till.post(INTENTS, body | {"order_id": "order-2"})

    assert (code(unknown), unknown["Retry-After"]) == ((409, "members.unknown"), "1")
    assert known.status_code == 201
    assert code(gone) == (409, "members.deactivated")


def test_who_only_makes_intents_cancels_its_merchants_own_and_no_members(till, member, merchant):
    mine, theirs = made(till, member), member.post(INTENTS, order(confirm=False)).json()

    with nothing_written():
        refused = till.post(f"{INTENTS}/{theirs['id']}/cancel")
    canceled = till.post(f"{INTENTS}/{mine['id']}/cancel")

    assert refused.status_code == 404
    assert (canceled.status_code, canceled.json()["status"]) == (200, "canceled")
    assert code(member.post(f"{INTENTS}/{mine['id']}/confirm", BY_WALLET)) == (409, "payments.intent_state")
    assert merchant.post(f"{INTENTS}/{theirs['id']}/cancel").status_code == 200


def test_its_member_and_the_merchants_people_cancel_it(till, member, merchant, operator):
    for actor in (member, merchant, operator):
        assert actor.post(f"{INTENTS}/{made(till, member)['id']}/cancel").json()["status"] == "canceled"


def test_it_keeps_no_order_from_being_paid_and_an_order_is_paid_once(till, member, other_member):
    waits, again = (made(till, member, order_id="order-7") for _ in range(2))
    paid = make_payment(other_member, order_id="order-7", tender=by_card())

    for intent in (waits, again):
        with nothing_written():
            answer = member.post(f"{INTENTS}/{intent['id']}/confirm", BY_WALLET)
        assert code(answer) == (409, "payments.order_has_intent")
    with nothing_written():
        answer = till.post(INTENTS, asked(member, order_id="order-7"))
    assert code(answer) == (409, "payments.order_has_intent")
    assert [one.lines_by for one in published(PaymentCaptured)] == ["member"]
    assert paid["made_by"] == "member"


def test_it_ends_after_a_day_if_nobody_pays(till, member):
    intent = made(till, member)

    with time_machine.travel(clock.now() + timedelta(days=1, hours=1), tick=False):
        assert cancel_unpaid_intents() == 1

    assert PaymentIntent.objects.get(id=intent["id"]).status == "canceled"


def test_the_same_request_again_makes_one(till, member):
    body = asked(member)

    answers = [till.post(INTENTS, body, key="k") for _ in range(2)]

    assert answers[0].content == answers[1].content
    assert PaymentIntent.objects.count() == 1
