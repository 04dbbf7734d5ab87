import pytest

from payments.provider.models import ProviderCharge
from shared.contracts.payments import PaymentCaptured, PaymentRefunded, WalletChanged
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.api.paths import INTENTS, REFUNDS
from tests.factories import balance, by_card, line, make_merchant, make_payment, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop", "wallet")]
LINES = [line("1", quantity=2, unit_amount=3500), line("2", unit_amount=5000)]


@pytest.fixture
def paid(member):
    return make_payment(member, lines=LINES)


def refund(actor, intent, body=None, **options):
    return actor.post(f"{INTENTS}/{intent['id']}/refunds", body, **options)


def eur(amount):
    return {"amount": amount, "currency": "EUR"}


def test_a_line_goes_back_to_the_wallet_and_it_is_published(member, merchant, paid):
    answer = refund(merchant, paid, {"lines": [{"line_id": "2", "quantity": 1}], "reason": "broken"})

    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["amount"], answer.json()["reason"]) == (
        "succeeded",
        eur(5000),
        "broken",
    )
    assert (balance("wallet"), balance("merchant_pending")) == (43000, 7000)
    (message,) = published(PaymentRefunded)
    assert (message.amount, message.refunded_total, message.captured_total) == (5000, 5000, 12000)
    assert [(back.line_id, back.quantity, back.amount) for back in message.lines] == [("2", 1, 5000)]
    assert [(m.kind, m.amount) for m in published(WalletChanged)][-1] == ("refund", 5000)
    assert merchant.get(f"{REFUNDS}/{answer.json()['id']}").json() == answer.json()


def test_a_line_without_pieces_is_part_of_the_order_and_of_no_refund(member, merchant):
    paid = make_payment(member, lines=[*LINES, line("tea", quantity=0, unit_amount=900)])
    assert [(shown["quantity"], shown["unit_amount"]) for shown in paid["lines"]][-1] == (0, 900)

    with nothing_written():
        named = refund(merchant, paid, {"lines": [{"line_id": "tea", "quantity": 1}]})
    answer = refund(merchant, paid)

    assert (named.status_code, named.json()["code"]) == (409, "refunds.exceeds_line")
    assert [(back["line_id"], back["quantity"]) for back in answer.json()["lines"]] == [("1", 2), ("2", 1)]
    assert balance("merchant_pending") == 0
    assert [(one.line_id, one.quantity, one.amount) for one in published(PaymentCaptured)[0].lines][-1] == ("tea", 0, 0)


def test_the_intent_shows_what_went_back(member, merchant, paid):
    refund(merchant, paid, {"lines": [{"line_id": "1", "quantity": 1}]})
    refund(merchant, paid, {"lines": [{"line_id": "1", "quantity": 1}]})
    intent = member.get(f"{INTENTS}/{paid['id']}").json()

    assert intent["amount_refunded"] == eur(7000)
    assert [(shown["quantity_refunded"], shown["amount_refunded"]) for shown in intent["lines"]] == [(2, 7000), (0, 0)]
    assert [message.refunded_total for message in published(PaymentRefunded)] == [3500, 7000]


def test_a_refund_that_names_nothing_gives_all_back(member, merchant, paid):
    refund(merchant, paid, {"lines": [{"line_id": "1", "quantity": 1}]})
    answer = refund(merchant, paid)

    assert answer.json()["amount"] == eur(8500)
    assert [(back["line_id"], back["quantity"]) for back in answer.json()["lines"]] == [("1", 1), ("2", 1)]
    assert balance("merchant_pending") == 0


def test_a_card_payment_goes_back_to_the_card(member, merchant):
    paid = make_payment(member, lines=LINES, tender=by_card())
    answer = refund(merchant, paid, {"amount": eur(1000)})

    assert (answer.status_code, answer.json()["tender"], answer.json()["status"]) == (201, "card", "succeeded")
    assert (balance("wallet"), balance("clearing"), balance("merchant_pending")) == (50000, -61000, 11000)
    assert published(PaymentRefunded)[0].lines == []


@pytest.mark.parametrize("tender", [{"type": "wallet"}, by_card()])
def test_never_more_than_was_paid(member, merchant, tender):
    paid = make_payment(member, lines=LINES, tender=tender)
    refund(merchant, paid, {"amount": eur(11999)})

    with nothing_written():
        answer = refund(merchant, paid, {"amount": eur(2)})

    assert (answer.status_code, answer.json()["code"]) == (409, "refunds.exceeds_payment")
    assert answer.json()["available"] == eur(1)
    assert refund(merchant, paid, {"amount": eur(1)}).status_code == 201
    assert refund(merchant, paid).json()["code"] == "refunds.nothing_left"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"lines": [{"line_id": "1", "quantity": 3}]}, 409, "refunds.exceeds_line"),
        ({"lines": [{"line_id": "9", "quantity": 1}]}, 400, "refunds.unknown_line"),
        ({"lines": [{"line_id": "1", "quantity": 1}], "amount": eur(1)}, 400, "refunds.lines_mismatch"),
        ({"amount": {"amount": 1, "currency": "USD"}}, 400, "refunds.wrong_currency"),
        ({"amount": eur(0)}, 400, "request.invalid"),
        ({"amount": eur(-5)}, 400, "request.invalid"),
        ({"lines": []}, 400, "request.invalid"),
        ({"lines": [{"line_id": "1", "quantity": 0}]}, 400, "request.invalid"),
        ({"lines": [{"line_id": "1", "quantity": 1}, {"line_id": "1", "quantity": 1}]}, 400, "request.invalid"),
        ({"reason": "a" * 201}, 400, "request.invalid"),
    ],
)
def test_a_refund_that_cannot_be_is_refused(merchant, paid, body, status, code):
    with nothing_written():
        answer = refund(merchant, paid, body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_what_is_not_paid_cannot_be_refunded(member, merchant):
    waiting = member.post(INTENTS, order(confirm=False)).json()
    with nothing_written():
        answer = refund(merchant, waiting)

    assert (answer.status_code, answer.json()["code"]) == (409, "payments.intent_state")


def test_another_merchants_payment_is_not_found(member, merchant, operator):
    elsewhere = make_payment(member, merchant_id=str(make_merchant(new_id()).id))
    with nothing_written():
        assert refund(merchant, elsewhere).status_code == 404

    given = refund(operator, elsewhere)
    assert given.status_code == 201
    assert merchant.get(f"{REFUNDS}/{given.json()['id']}").status_code == 404


def test_the_same_key_gives_back_once(merchant, paid):
    first = refund(merchant, paid, {"amount": eur(100)}, key="once")
    with nothing_written():
        again = refund(merchant, paid, {"amount": eur(100)}, key="once")

    assert again.content == first.content


def test_the_member_sees_the_refund_and_no_other_member_does(member, other_member, merchant, paid):
    refund_id = refund(merchant, paid).json()["id"]

    assert member.get(f"{REFUNDS}/{refund_id}").status_code == 200
    assert other_member.get(f"{REFUNDS}/{refund_id}").status_code == 404


@pytest.mark.breaks_books
def test_a_refund_that_the_network_refuses_is_a_refusal_and_moves_no_money(member, merchant):
    intent = make_payment(member, lines=LINES, tender=by_card())
    # The network gave it all back already, without our asking.
    ProviderCharge.objects.update(amount_refunded=12000)
    before = balance("merchant_pending")

    answer = refund(merchant, intent, {"amount": eur(5000)})

    assert (answer.status_code, answer.json()["code"]) == (409, "refunds.refused")
    assert answer.json()["error_code"] == "charge_already_refunded"
    assert balance("merchant_pending") == before
    assert published(PaymentRefunded) == []
