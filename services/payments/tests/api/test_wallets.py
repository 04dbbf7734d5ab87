import pytest

from payments.wallets.models import Wallet
from tests.api.paths import WALLETS
from tests.factories import make_payment, make_wallet

pytestmark = pytest.mark.django_db


def test_a_wallet_is_opened_once_per_currency(member):
    first = member.post(WALLETS, {"currency": "EUR"}, key=None)
    again = member.post(WALLETS, {"currency": "EUR"}, key=None)
    other = member.post(WALLETS, {"currency": "JPY"}, key=None)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.json()["balance"] == {"amount": 0, "currency": "EUR"}
    assert Wallet.objects.count() == 2
    assert [w["currency"] for w in member.get(WALLETS).json()["results"]] == ["EUR", other.json()["currency"]]


def test_a_member_sees_nothing_of_anothers_wallet(member, other_member, wallet):
    assert other_member.get(f"{WALLETS}/{wallet.id}").status_code == 404
    assert other_member.get(f"{WALLETS}/{wallet.id}/entries").status_code == 404
    assert other_member.get(WALLETS, member_id=str(member.id)).status_code == 404
    assert other_member.get(WALLETS).json() == {"results": [], "next": None, "previous": None}


def test_who_may_read_any_wallet_reads_it(operator, member, wallet):
    assert operator.get(f"{WALLETS}/{wallet.id}").json()["balance"]["amount"] == 50000
    assert len(operator.get(WALLETS, member_id=str(member.id)).json()["results"]) == 1
    assert len(operator.get(f"{WALLETS}/{wallet.id}/entries").json()["results"]) == 1


def test_who_may_read_any_wallet_pages_through_everybodys_the_newest_first(operator, member, other_member):
    made = [make_wallet(who, currency=code) for code in ("EUR", "JPY") for who in (member, other_member)]

    page = operator.get(WALLETS, page_size=3).json()
    rest = operator.get(page["next"]).json()

    listed = [(one["id"], one["member_id"]) for one in page["results"] + rest["results"]]
    assert listed == [(str(one.id), str(one.member_id)) for one in reversed(made)]
    assert rest["next"] is None
    assert [one["currency"] for one in member.get(WALLETS).json()["results"]] == ["EUR", "JPY"]


def test_the_statement_shows_each_entry_newest_first(member, shop, wallet):
    paid = make_payment(member, 12000)
    first, second = member.get(f"{WALLETS}/{wallet.id}/entries").json()["results"]

    assert (first["kind"], first["amount"], first["balance_after"], first["reference"]) == (
        "payment",
        {"amount": -12000, "currency": "EUR"},
        {"amount": 38000, "currency": "EUR"},
        paid["id"],
    )
    assert (second["kind"], second["balance_after"]["amount"]) == ("topup", 50000)


def test_the_statement_has_pages(member, shop, wallet):
    for _ in range(4):
        make_payment(member, 100)
    page = member.get(f"{WALLETS}/{wallet.id}/entries", page_size=3).json()
    rest = member.get(page["next"]).json()

    balances = [entry["balance_after"]["amount"] for entry in page["results"] + rest["results"]]
    assert balances == [49600, 49700, 49800, 49900, 50000]


def test_reading_many_wallets_takes_as_many_queries_as_reading_one(member, django_assert_num_queries):
    for currency in ("EUR", "USD", "JPY", "GBP"):
        make_wallet(member, amount=5, currency=currency)

    member.get(WALLETS)
    with django_assert_num_queries(2):
        assert len(member.get(WALLETS).json()["results"]) == 4
