from dataclasses import replace

import pytest

from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from shared.testing.roles import MERCHANT
from tests.api.paths import INTENTS
from tests.factories import DECLINED_CARD, LOST_ANSWER_CARD, balance, by_card, make_payment, make_wallet, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop", "wallet")]


def waiting(member, amount=12000, **changes):
    answer = member.post(INTENTS, order(amount, confirm=False, **changes))
    assert (answer.status_code, answer.json()["status"]) == (201, "requires_confirmation")
    assert answer.json()["next_action"] == "confirm"
    return f"{INTENTS}/{answer.json()['id']}"


def test_an_intent_that_waits_has_moved_no_money_and_is_paid_when_confirmed(member):
    path = waiting(member)
    assert balance("merchant_pending") == 0

    answer = member.post(f"{path}/confirm")

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert answer.json() == member.get(path).json()
    assert balance("merchant_pending") == 12000


def test_it_may_be_paid_by_another_tender_than_was_thought(member):
    path = waiting(member)
    answer = member.post(f"{path}/confirm", {"tenders": [by_card()]})

    assert (answer.status_code, answer.json()["tenders"]) == (200, [{"type": "card", "amount": 12000}])
    assert balance("wallet") == 50000


def test_a_failed_intent_may_be_confirmed_with_another_tender(member):
    failed = member.post(INTENTS, order(tender=by_card(DECLINED_CARD))).json()["intent_id"]
    answer = member.post(f"{INTENTS}/{failed}/confirm", {"tenders": [{"type": "wallet"}]})

    assert answer.json()["status"] == "succeeded"
    assert answer.json()["last_error"] is None
    assert [(a["type"], a["status"]) for a in answer.json()["attempts"]] == [
        ("card", "failed"),
        ("wallet", "succeeded"),
    ]


def test_a_card_may_be_declined_as_often_as_it_is_tried(member):
    path = waiting(member)
    for _ in range(2):
        answer = member.post(f"{path}/confirm", {"tenders": [by_card(DECLINED_CARD)]})
        assert answer.status_code == 402

    assert [a["status"] for a in member.get(path).json()["attempts"]] == ["failed", "failed"]


def test_too_little_money_changes_nothing(member):
    path = waiting(member, 50001)
    with nothing_written():
        answer = member.post(f"{path}/confirm")

    assert answer.json()["code"] == "wallets.insufficient_funds"
    assert member.get(path).json()["status"] == "requires_confirmation"


def test_a_card_must_come_with_the_confirmation(member):
    path = waiting(member, tender={"type": "card"})
    with nothing_written():
        assert member.post(f"{path}/confirm").json()["code"] == "payments.card_required"


def test_a_tender_that_is_not_the_whole_amount_is_refused(member):
    path = waiting(member)
    with nothing_written():
        answer = member.post(f"{path}/confirm", {"tenders": [{"type": "wallet", "amount": 1}]})

    assert answer.json()["code"] == "payments.tender_mismatch"


@pytest.mark.parametrize("tender", [{"type": "wallet"}, by_card()])
@pytest.mark.parametrize("step", ["confirm", "cancel"])
def test_a_paid_intent_is_neither_paid_again_nor_canceled(member, step, tender):
    path = f"{INTENTS}/{make_payment(member)['id']}"
    with nothing_written():
        answer = member.post(f"{path}/{step}", {"tenders": [tender]} if step == "confirm" else {})

    assert (answer.status_code, answer.json()["code"]) == (409, "payments.intent_state")
    assert answer.json()["intent_status"] == "succeeded"


def test_a_canceled_intent_is_over_and_its_order_may_have_another(member):
    path = waiting(member, order_id="order-7")
    assert member.post(f"{path}/cancel").json()["status"] == "canceled"

    assert member.post(f"{path}/confirm").json()["code"] == "payments.intent_state"
    assert make_payment(member, order_id="order-7")["status"] == "succeeded"


def test_intents_that_wait_or_failed_hold_no_order_whoever_made_them(member, other_member):
    for _ in range(3):
        waiting(other_member, order_id="order-7")
    other_member.post(INTENTS, order(order_id="order-7", tender=by_card(DECLINED_CARD)))

    assert make_payment(member, order_id="order-7")["status"] == "succeeded"


@pytest.mark.parametrize("tender", [{"type": "wallet"}, by_card()])
def test_the_second_intent_of_an_order_takes_nothing(member, other_member, tender):
    make_wallet(other_member, amount=50_000)
    path = waiting(other_member, order_id="order-7")
    make_payment(member, order_id="order-7")

    with nothing_written():
        answer = other_member.post(f"{path}/confirm", {"tenders": [tender]})

    assert (answer.status_code, answer.json()["code"]) == (409, "payments.order_has_intent")
    assert other_member.get(path).json()["status"] == "requires_confirmation"


def test_a_card_whose_end_is_unknown_holds_the_order(member, other_member):
    member.post(INTENTS, order(order_id="order-7", tender=by_card(LOST_ANSWER_CARD)))
    make_wallet(other_member, amount=50_000)

    with nothing_written():
        answer = other_member.post(INTENTS, order(order_id="order-7", tender={"type": "wallet"}))

    assert (answer.status_code, answer.json()["code"]) == (409, "payments.order_has_intent")


@pytest.mark.parametrize("who", ["merchant", "operator"])
def test_the_shop_and_operators_cancel_what_waits(request, member, who):
    path = waiting(member)

    answer = request.getfixturevalue(who).post(f"{path}/cancel")

    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")


def test_another_shop_finds_no_intent_to_cancel(member):
    path = waiting(member)
    another_shop = Actor(replace(MERCHANT, id=new_id(), merchant_id=new_id()))
    with nothing_written():
        assert another_shop.post(f"{path}/cancel").status_code == 404


@pytest.mark.parametrize("step", ["confirm", "cancel"])
def test_anothers_intent_is_not_found(member, other_member, step):
    path = waiting(member)
    with nothing_written():
        assert other_member.post(f"{path}/{step}").status_code == 404
