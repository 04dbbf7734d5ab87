"""A payment intent waits, is given up or paid by another tender than was tried first, and its money goes back."""

from typing import Any

import pytest
from books import sent_twice
from clients.api import Api, ok, refused
from clients.payments import DECLINED_CARD, GOOD_CARD, INTENTS, card, eur, intent, line
from people import Merchant, Person, new_merchant

BY_CARD = {"tenders": [{"type": "card", "card": card()}]}


@pytest.fixture
def waiting(member: Person, merchant: Merchant, programme: str) -> dict[str, Any]:
    """An intent to pay 20.00 EUR from the wallet, which waits to be confirmed."""
    made: dict[str, Any] = ok(member.api.post(INTENTS, intent(merchant.id, line("book", 2_000))), 201)
    assert (made["status"], made["next_action"], made["attempts"]) == ("requires_confirmation", "confirm", [])
    return made


def test_an_intent_that_waits_is_confirmed_once(member: Person, waiting: dict[str, Any]) -> None:
    assert member.payments.intents(status="requires_confirmation") == [waiting]
    assert member.payments.balance() == 100_000

    paid = sent_twice(member.api, f"{INTENTS}/{waiting['id']}/confirm", {}, status=200)

    assert (paid["status"], paid["amount_received"]) == ("succeeded", eur(2_000))
    assert member.payments.intent(waiting["id"]) == paid
    assert member.payments.balance() == 98_000
    for move in ("confirm", "cancel"):
        refused(member.api.post(f"{INTENTS}/{waiting['id']}/{move}"), 409)
    assert member.payments.balance() == 98_000


def test_an_order_with_a_free_sample_is_paid_once_however_its_id_is_typed(
    member: Person, merchant: Merchant, programme: str
) -> None:
    book, sample = line("book", 2_000), {**line("tea", 0), "quantity": 0, "unit_amount": 900}
    body = {**intent(merchant.id, book), "lines": [book, sample], "confirm": True}
    order_id = body["order_id"]

    paid = ok(member.api.post(INTENTS, {**body, "order_id": f"cafe\u0301-{order_id}"}), 201)

    refused(member.api.post(INTENTS, {**body, "order_id": f"caf\u00e9-{order_id}"}), 409, "payments.order_has_intent")
    wrong = {**body, "lines": [book, {**sample, "quantity": -1}]}
    refused(member.api.post(INTENTS, wrong), 400, "request.invalid")
    refunds = f"{INTENTS}/{paid['id']}/refunds"
    named = {"lines": [{"line_id": "tea", "quantity": 1}]}
    refused(merchant.system.api.post(refunds, named), 409, "refunds.exceeds_line")
    back = merchant.system.payments.refund(paid["id"])
    assert [(one["line_id"], one["amount"]) for one in back["lines"]] == [("book", 2_000)]
    assert member.payments.balance() == 100_000


def test_an_intent_that_was_given_up_takes_nothing(member: Person, waiting: dict[str, Any]) -> None:
    again = {
        **intent(waiting["merchant_id"], line("book", 2_000)),
        "order_id": waiting["order_id"],
        "confirm": True,
    }
    done = sent_twice(member.api, f"{INTENTS}/{waiting['id']}/cancel", {}, status=200)

    assert (done["status"], done["amount_received"], done["next_action"]) == ("canceled", eur(0), None)
    refused(member.api.post(f"{INTENTS}/{waiting['id']}/confirm"), 409)
    assert member.payments.balance() == 100_000
    assert ok(member.api.post(INTENTS, again), 201)["status"] == "succeeded"
    assert [one["status"] for one in member.payments.intents(order_id=waiting["order_id"])] == ["succeeded", "canceled"]


def test_who_waits_keeps_no_order_from_being_paid(
    member: Person, other_member: Person, waiting: dict[str, Any]
) -> None:
    body = {**intent(waiting["merchant_id"], line("book", 2_000)), "order_id": waiting["order_id"], "confirm": True}

    paid = ok(other_member.api.post(INTENTS, {**body, "tenders": BY_CARD["tenders"]}), 201)

    assert paid["status"] == "succeeded"
    refused(member.api.post(f"{INTENTS}/{waiting['id']}/confirm"), 409, "payments.order_has_intent")
    assert member.payments.balance() == 100_000
    assert member.payments.intent(waiting["id"])["status"] == "requires_confirmation"


def test_a_shop_cancels_what_waits_for_it(
    url: str, operator: Person, merchant: Merchant, waiting: dict[str, Any]
) -> None:
    another = new_merchant(url, operator)

    refused(another.system.api.post(f"{INTENTS}/{waiting['id']}/cancel"), 404)

    assert ok(merchant.system.api.post(f"{INTENTS}/{waiting['id']}/cancel"))["status"] == "canceled"


def test_a_card_is_tried_after_one_that_was_declined_and_the_refund_goes_back_to_it(
    member: Person, merchant: Merchant, programme: str
) -> None:
    lines = intent(merchant.id, line("book", 3_000), line("lamp", 4_000), tender="card")
    lines["tenders"][0]["card"] = card(DECLINED_CARD)
    problem = refused(member.api.post(INTENTS, {**lines, "confirm": True}), 402, "payments.card_declined")
    failed = member.payments.intent(problem["intent_id"])
    assert (failed["status"], failed["amount_received"]) == ("failed", eur(0))

    paid = ok(member.api.post(f"{INTENTS}/{failed['id']}/confirm", BY_CARD))

    assert [(one["type"], one["status"], one["card"]["last4"]) for one in paid["attempts"]] == [
        ("card", "failed", DECLINED_CARD[-4:]),
        ("card", "succeeded", GOOD_CARD[-4:]),
    ]
    back = merchant.system.payments.refund(paid["id"], lines=[{"line_id": "lamp", "quantity": 1}], reason="broken")
    assert (back["status"], back["tender"], back["amount"]) == ("succeeded", "card", eur(4_000))
    for who in (member, merchant.system):
        assert who.payments.refunded(back["id"]) == back
    assert member.payments.intent(paid["id"])["amount_refunded"] == eur(4_000)
    refused(merchant.system.api.post(f"{INTENTS}/{paid['id']}/refunds", {"amount": eur(3_001)}), 409)
    assert member.payments.balance() == 100_000


def test_a_wallet_is_read_by_its_owner_and_a_merchant_sees_itself_only(
    url: str, operator: Person, member: Person, other_member: Person
) -> None:
    mine, shop = member.payments.wallet(), new_merchant(url, operator)
    assert member.payments.wallets() == [mine] == operator.payments.wallets(member_id=member.id)
    assert member.payments.read_wallet(mine["id"]) == mine
    assert other_member.payments.wallets() == []

    [seen] = shop.system.payments.merchants()
    assert seen == shop.system.payments.merchant(shop.id)
    listed = {one["id"] for one in operator.payments.merchants()}
    assert shop.id in listed
    assert len(listed) > 1
    for other in listed - {shop.id}:
        refused(shop.system.api.get(f"/api/v1/merchants/{other}"), 404)


def test_the_cards_to_test_with_do_what_is_said_of_them(url: str, member: Person) -> None:
    cards = Api(url).listed("/api/v1/sandbox/cards")
    codes = {one["number"]: one["decline_code"] for one in cards}
    assert codes[GOOD_CARD] == ""
    wallet = f"/api/v1/wallets/{member.payments.wallet()['id']}/topups"

    for number, code in codes.items():
        if code:
            answer = member.api.post(wallet, {"amount": eur(100), "source": {"card": card(number)}})
            assert refused(answer, 402)["decline_code"] == code
    assert member.payments.balance() == 100_000
