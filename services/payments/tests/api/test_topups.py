import pytest
from django.db import connection

from payments.provider.models import ProviderCharge
from payments.wallets.models import Topup
from shared.contracts.payments import WalletChanged
from shared.testing.messages import published
from shared.testing.proofs import contents, nothing_written
from tests.api.paths import WALLETS
from tests.factories import DECLINED_CARD, GOOD_CARD, LOST_ANSWER_CARD, balance, card, make_wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def empty(member):
    return make_wallet(member)


def topup(actor, wallet, number=GOOD_CARD, *, amount=5000, currency="EUR", **changes):
    body = {"amount": {"amount": amount, "currency": currency}, "source": {"card": card(number) | changes}}
    return actor.post(f"{WALLETS}/{wallet.id}/topups", body)


def test_the_money_is_in_the_wallet_and_it_is_published(member, empty):
    answer = topup(member, empty)

    assert answer.status_code == 201
    assert answer.json()["status"] == "succeeded"
    assert answer.json()["card"] == {"brand": "visa", "last4": "4242"}
    assert member.get(f"{WALLETS}/{empty.id}").json()["balance"]["amount"] == 5000
    (message,) = published(WalletChanged)
    assert (message.kind, message.amount, message.balance, message.member_id) == ("topup", 5000, 5000, member.id)


@pytest.mark.parametrize(
    ("number", "decline_code"),
    [
        (DECLINED_CARD, "generic_decline"),
        ("4000000000009995", "insufficient_funds"),
        ("4000000000000069", "expired_card"),
        ("4000000000000127", "incorrect_cvc"),
        ("4111111111111111", "test_mode_live_card"),
    ],
)
def test_a_declined_card_gives_nothing_and_says_why(member, empty, number, decline_code):
    answer = topup(member, empty, number)

    assert (answer.status_code, answer.json()["code"]) == (402, "payments.card_declined")
    assert answer.json()["decline_code"] == decline_code
    assert balance("wallet") == 0
    assert Topup.objects.get().status == "failed"
    assert published(WalletChanged) == []


def test_an_expired_card_is_declined(member, empty):
    assert topup(member, empty, exp_year=2020).json()["decline_code"] == "expired_card"


def test_a_lost_answer_is_processing(member, empty):
    answer = topup(member, empty, LOST_ANSWER_CARD)

    assert (answer.status_code, answer.json()["status"]) == (202, "processing")
    assert ProviderCharge.objects.get().status == "captured"
    assert balance("wallet") == 0


def test_another_currency_is_refused(member, empty):
    with nothing_written():
        answer = topup(member, empty, currency="USD")

    assert (answer.status_code, answer.json()["code"]) == (400, "wallets.wrong_currency")


def test_another_members_wallet_is_not_found(other_member, empty):
    with nothing_written():
        assert topup(other_member, empty).status_code == 404


def test_no_table_keeps_a_card_number(member, empty):
    topup(member, empty)
    topup(member, empty, DECLINED_CARD)

    with connection.cursor() as cursor:
        for table in [*contents(), "idempotency_record"]:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            assert not any(number in str(row) for row in cursor.fetchall() for number in (GOOD_CARD, DECLINED_CARD))


def test_nothing_logs_a_card_number(member, empty, caplog, capfd):
    with caplog.at_level(0):
        topup(member, empty)
        topup(member, empty, "4242424242424241")

    said = caplog.text + "".join(capfd.readouterr())
    assert GOOD_CARD not in said.replace("SELECT", "")
    assert "4242424242424241" not in said
