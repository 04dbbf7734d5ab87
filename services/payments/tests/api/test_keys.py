import pytest

from payments.intents.models import PaymentIntent
from shared.testing.proofs import nothing_written
from tests.api.paths import INTENTS, POSTS, WALLETS
from tests.factories import DECLINED_CARD, balance, by_card, card, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop", "wallet")]


@pytest.mark.parametrize(("path", "role"), [(path, role) for path, role, keyed in POSTS if keyed])
def test_what_moves_value_needs_a_key(request, wallet, path, role):
    actor = request.getfixturevalue(role)
    bodies = {INTENTS: order(), "/api/v1/merchants": {"name": "Shop"}}
    body = {"amount": {"amount": 1, "currency": "EUR"}, "source": {"card": card()}} if "topups" in path else {}

    with nothing_written():
        answer = actor.post(path, bodies.get(path, body), key=None)

    assert answer.status_code in (400, 404)
    if answer.status_code == 400:
        assert answer.json()["code"] == "idempotency.key_required"


@pytest.mark.parametrize("tender", [{"type": "wallet"}, by_card()])
def test_the_same_key_and_body_pay_once_and_answer_alike(member, tender):
    body = order(1000, tender=tender)
    first = member.post(INTENTS, body, key="once")
    with nothing_written():
        again = member.post(INTENTS, body, key="once")

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert balance("merchant_pending") == 1000


def test_the_same_key_with_another_body_is_refused(member):
    body = order(1000)
    member.post(INTENTS, body, key="once")

    with nothing_written():
        answer = member.post(INTENTS, body | {"order_id": "another"}, key="once")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.key_reused")


def test_two_callers_with_the_same_key_send_two_requests(member, other_member):
    assert member.post(INTENTS, order(1000, tender=by_card()), key="once").status_code == 201
    assert other_member.post(INTENTS, order(1000, tender=by_card()), key="once").status_code == 201
    assert PaymentIntent.objects.count() == 2


def test_a_decline_stays_the_answer_to_its_key(member, wallet):
    body = order(tender=by_card(DECLINED_CARD))
    first = member.post(INTENTS, body, key="once")
    with nothing_written():
        again = member.post(INTENTS, body, key="once")

    assert first.status_code == again.status_code == 402
    assert first.content == again.content


def test_a_refusal_for_want_of_money_stays_the_answer_to_its_key(member):
    body = order(60000)
    first = member.post(INTENTS, body, key="once")
    topup = {"amount": {"amount": 20000, "currency": "EUR"}, "source": {"card": card()}}
    wallet_id = member.get(WALLETS).json()["results"][0]["id"]
    assert member.post(f"{WALLETS}/{wallet_id}/topups", topup).status_code == 201

    assert member.post(INTENTS, body, key="once").content == first.content
    assert member.post(INTENTS, body, key="another").status_code == 201
