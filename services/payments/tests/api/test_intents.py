from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.intents.models import PaymentIntent
from payments.ledger.models import Account
from shared import clock
from shared.contracts.auth import UserDeactivated, UserRegistered
from shared.contracts.payments import PaymentCaptured, PaymentFailed, WalletChanged
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.api.paths import INTENTS
from tests.factories import DECLINED_CARD, LOST_ANSWER_CARD, balance, by_card, line, make_payment, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop", "wallet")]


def test_a_wallet_pays_at_once(member):
    lines = [line("1", quantity=2, unit_amount=3500), line("2", unit_amount=5000)]
    answer = member.post(INTENTS, order(lines=lines, metadata={"cart": "7"}))

    assert answer.status_code == 201
    intent = answer.json()
    assert (intent["status"], intent["next_action"], intent["metadata"]) == ("succeeded", None, {"cart": "7"})
    assert intent["amount_received"] == {"amount": 12000, "currency": "EUR"}
    assert [(a["type"], a["status"]) for a in intent["attempts"]] == [("wallet", "succeeded")]
    assert (balance("wallet"), balance("merchant_pending")) == (38000, 12000)
    assert member.get(f"{INTENTS}/{intent['id']}").json() == intent


def test_a_payment_is_published_with_its_lines_and_the_part_paid_in_money(member, shop):
    lines = [line("1", quantity=2, unit_amount=3500), line("2", unit_amount=5000)]
    intent = make_payment(member, lines=lines)

    (message,) = published(PaymentCaptured)
    assert str(message.payment_id) == intent["id"]
    assert (message.amount, message.money_amount, message.currency) == (12000, 12000, "EUR")
    assert (message.member_id, message.merchant_id, message.order_id) == (member.id, shop.id, intent["order_id"])
    assert [
        (published_line.line_id, published_line.quantity, published_line.amount) for published_line in message.lines
    ] == [
        ("1", 2, 7000),
        ("2", 1, 5000),
    ]
    assert [(tender.type, tender.amount) for tender in message.tenders] == [("wallet", 12000)]
    assert [(m.kind, m.amount, m.balance) for m in published(WalletChanged)][-1] == ("payment", -12000, 38000)


KNOWN = {"brand": "Plaza Press", "metadata": {"signed": True, "shelf": 12, "by": "hand"}}
SAID = {"channel": "app", "store": "berlin-1", "metadata": {"cart": "7", "boxes": 2, "gift": False}}


def test_what_is_said_of_an_order_is_kept_answered_and_published(member):
    intent = make_payment(member, lines=[line() | KNOWN], **SAID)

    found = member.get(f"{INTENTS}/{intent['id']}").json()
    assert found == intent
    assert {name: found[name] for name in SAID} == SAID
    assert {name: found["lines"][0][name] for name in KNOWN} == KNOWN
    assert found["metadata"]["gift"] is False
    (message,) = published(PaymentCaptured)
    assert (message.channel, message.store, message.metadata) == tuple(SAID.values())
    assert (message.lines[0].brand, message.lines[0].metadata) == tuple(KNOWN.values())
    assert (intent["made_by"], message.lines_by) == ("member", "member")


def test_what_is_not_said_of_an_order_is_empty(member):
    intent = make_payment(member)

    assert (intent["channel"], intent["store"], intent["metadata"]) == ("", "", {})
    assert (intent["lines"][0]["brand"], intent["lines"][0]["metadata"]) == ("", {})


def test_a_wallet_payment_takes_two_round_trips_and_the_commit(member, shop):
    Account.objects.bulk_create(
        Account(kind="merchant_pending", owner_id=shop.id, currency="EUR", shard=shard, balance=0, version=0)
        for shard in range(16)
    )
    make_payment(member, 1)  # the signing keys and the revocations are in memory then
    with CaptureQueriesContext(connection) as queries:
        make_payment(member, 1)

    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 2


@pytest.mark.parametrize("count", [1, 100])
def test_the_number_of_statements_does_not_grow_with_the_lines(member, count):
    with CaptureQueriesContext(connection) as queries:
        make_payment(member, count, lines=[line(str(n), unit_amount=1) for n in range(count)])

    assert len(queries) <= 13  # two of them open a shard of the merchant's account


def test_too_little_money_is_refused_with_both_amounts_and_leaves_nothing(member):
    with nothing_written():
        answer = member.post(INTENTS, order(50001))

    assert (answer.status_code, answer.json()["code"]) == (409, "wallets.insufficient_funds")
    assert answer.json()["available"] == {"amount": 50000, "currency": "EUR"}
    assert answer.json()["requested"] == {"amount": 50001, "currency": "EUR"}


def test_a_wallet_of_another_currency_does_not_pay(member):
    with nothing_written():
        answer = member.post(INTENTS, order() | {"amount": {"amount": 12000, "currency": "USD"}})

    assert answer.json()["available"] == {"amount": 0, "currency": "USD"}


def test_a_card_pays_and_is_shown_by_its_last_digits_only(member):
    intent = make_payment(member, tender=by_card())

    assert intent["attempts"][0]["card"] == {"brand": "visa", "last4": "4242"}
    assert (balance("clearing"), balance("merchant_pending")) == (-62000, 12000)
    assert [tender.type for tender in published(PaymentCaptured)[0].tenders] == ["card"]


def test_a_declined_card_leaves_a_failed_intent_and_is_published(member):
    answer = member.post(INTENTS, order(tender=by_card(DECLINED_CARD)))

    assert (answer.status_code, answer.json()["code"]) == (402, "payments.card_declined")
    intent = member.get(f"{INTENTS}/{answer.json()['intent_id']}").json()
    assert intent["status"] == "failed"
    assert intent["last_error"] == {"code": "payments.card_declined", "decline_code": "generic_decline"}
    assert [message.code for message in published(PaymentFailed)] == ["generic_decline"]
    assert balance("merchant_pending") == 0


def test_a_lost_answer_is_processing(member):
    answer = member.post(INTENTS, order(tender=by_card(LOST_ANSWER_CARD)))

    assert (answer.status_code, answer.json()["status"]) == (202, "processing")


def test_an_order_is_paid_once_whatever_the_key(member):
    intent = make_payment(member, order_id="order-7")

    with nothing_written():
        answer = member.post(INTENTS, order(order_id="order-7"))

    assert (answer.status_code, answer.json()["code"]) == (409, "payments.order_has_intent")
    assert answer.json()["intent_id"] == intent["id"]


def test_an_order_is_one_however_its_id_is_typed(member, operator):
    intent = make_payment(member, order_id="cafe\u0301-7")
    assert intent["order_id"] == "caf\u00e9-7"

    with nothing_written():
        answer = member.post(INTENTS, order(order_id="caf\u00e9-7"))
    found = operator.get(f"{INTENTS}?order_id=cafe%CC%81-7").json()["results"]

    assert (answer.status_code, answer.json()["code"]) == (409, "payments.order_has_intent")
    assert [one["id"] for one in found] == [intent["id"]]


def test_another_members_intent_is_not_named(member, other_member):
    make_payment(member, order_id="order-7")

    answer = other_member.post(INTENTS, order(order_id="order-7", tender=by_card()))

    assert answer.status_code == 409
    assert "intent_id" not in answer.json()


def test_an_unknown_merchant_cannot_be_paid(member):
    with nothing_written():
        answer = member.post(INTENTS, order(merchant_id=str(new_id())))

    assert (answer.status_code, answer.json()["code"]) == (404, "payments.merchant_unknown")


def test_nobody_pays_for_somebody_else(member, other_member):
    with nothing_written():
        answer = other_member.post(INTENTS, order(member_id=str(member.id)))

    assert answer.status_code == 404


@pytest.mark.parametrize("tender", [{"type": "wallet"}, by_card()])
@pytest.mark.parametrize("confirm", [True, False])
def test_a_program_pays_in_the_name_of_a_member_who_exists(member, shop, wallet, tender, confirm):
    program = Actor(replace(member.caller, id=new_id(), scopes=frozenset({"payments:write", "payments:write-any"})))
    body = order(member_id=str(member.id), tenders=[tender], confirm=confirm)
    with nothing_written():
        unknown = program.post(INTENTS, body, key="k")
    deliver(UserRegistered(user_id=member.id, roles=["member"], merchant_id=None, registered_at=clock.now()))
    known = program.post(INTENTS, body, key="k")
    deliver(UserDeactivated(user_id=member.id, deactivated_at=clock.now()))
    with nothing_written():
        deactivated = program.post(INTENTS, body | {"order_id": "order-2"})

    assert (unknown.status_code, unknown.json()["code"], unknown["Retry-After"]) == (409, "members.unknown", "1")
    assert known.status_code == 201, known.content
    assert (deactivated.status_code, deactivated.json()["code"]) == (409, "members.deactivated")


def test_members_see_their_own_merchants_theirs_and_operators_all(member, other_member, merchant, operator):
    mine = make_payment(member)["id"]
    path = f"{INTENTS}/{mine}"

    assert [actor.get(path).status_code for actor in (member, merchant, operator)] == [200, 200, 200]
    assert other_member.get(path).status_code == 404
    assert other_member.get(INTENTS).json()["results"] == []
    for actor in (member, merchant, operator):
        assert [found["id"] for found in actor.get(INTENTS).json()["results"]] == [mine]


def test_another_merchants_intents_are_not_seen(member, merchant):
    from tests.factories import make_merchant

    elsewhere = make_payment(member, merchant_id=str(make_merchant(new_id()).id))["id"]

    assert merchant.get(f"{INTENTS}/{elsewhere}").status_code == 404
    assert merchant.get(INTENTS).json()["results"] == []


def test_the_list_is_filtered_and_its_queries_do_not_grow(member, operator, django_assert_max_num_queries):
    for number in range(5):
        make_payment(member, 100, order_id=f"order-{number}")
    with django_assert_max_num_queries(4):
        assert len(operator.get(INTENTS, status="succeeded", member_id=str(member.id)).json()["results"]) == 5
    assert [i["order_id"] for i in member.get(INTENTS, order_id="order-3").json()["results"]] == ["order-3"]


def test_each_move_is_kept(member):
    declined = member.post(INTENTS, order(tender=by_card(DECLINED_CARD))).json()["intent_id"]
    member.post(f"{INTENTS}/{declined}/confirm")

    moves = PaymentIntent.objects.get(id=declined).moves.order_by("id").values_list("from_status", "to_status")
    assert list(moves) == [("requires_confirmation", "processing"), ("processing", "failed")]
