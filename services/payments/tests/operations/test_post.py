from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from payments.ledger.errors import InsufficientFunds
from payments.ledger.models import Account, Entry, LedgerTransaction
from payments.ledger.operations import post
from payments.ledger.rules import Transfer, clearing_account, merchant_account, move, wallet_account
from shared import clock
from shared.ids import new_id
from shared.money import Money
from shared.testing.proofs import nothing_written

pytestmark = [pytest.mark.django_db, pytest.mark.breaks_books]  # postings without top-ups and payments behind them


def topup(wallet: int, amount: int, *, source: str = "") -> Transfer:
    transfer_id = new_id()
    legs = move(
        Money(amount, "EUR"),
        giver=clearing_account("EUR", source_id=UUID(int=0)),
        taker=wallet_account(UUID(int=wallet), "EUR"),
    )
    return Transfer(transfer_id, "topup", source or f"topup:{transfer_id}", "", legs)


def payment(wallet: int, amount: int) -> Transfer:
    transfer_id = new_id()
    legs = move(
        Money(amount, "EUR"),
        giver=wallet_account(UUID(int=wallet), "EUR"),
        taker=merchant_account(UUID(int=99), "EUR", payment_id=UUID(int=0)),
    )
    return Transfer(transfer_id, "payment", f"payment:{transfer_id}", "", legs)


def balances() -> dict[tuple[str, int], int]:
    return {(a.kind, a.owner_id.int): a.balance for a in Account.objects.all()}


def test_a_list_of_transfers_is_posted_in_its_order():
    entries = post([topup(1, 100), topup(2, 50), payment(1, 30)], at=clock.now())

    assert [entry.balance_after for entry in entries] == [-100, 100, -150, 50, 70, 30]
    assert balances() == {("wallet", 1): 70, ("wallet", 2): 50, ("merchant_pending", 99): 30, ("clearing", 0): -150}


def test_a_refusal_writes_nothing_of_the_whole_list():
    post([topup(1, 100)], at=clock.now())

    with nothing_written(), pytest.raises(InsufficientFunds), transaction.atomic():
        post([topup(1, 50), payment(1, 151)], at=clock.now())


def test_a_wallet_that_was_never_used_holds_nothing():
    with pytest.raises(InsufficientFunds) as refusal, transaction.atomic():
        post([payment(1, 1)], at=clock.now())

    assert refusal.value.members["available"] == {"amount": 0, "currency": "EUR"}


def test_a_source_is_posted_once_for_ever():
    post([topup(1, 100, source="topup:x")], at=clock.now())

    with pytest.raises(IntegrityError), transaction.atomic():
        post([topup(1, 100, source="topup:x")], at=clock.now())
    assert balances()["wallet", 1] == 100


def test_nothing_to_post_is_nothing_done(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert post([], at=clock.now()) == []


@pytest.mark.parametrize("count", [1, 100])
def test_the_number_of_statements_does_not_grow_with_the_list(count):
    post([topup(n, 100) for n in range(count)], at=clock.now())

    with CaptureQueriesContext(connection) as queries:
        post([topup(n, 100) for n in range(count)], at=clock.now())
    assert len(queries) == 1  # the lock; the rest goes with the commit


def test_a_thousand_transfers_are_one_posting():
    post([topup(n % 10, 1) for n in range(1000)], at=clock.now())

    assert balances()["clearing", 0] == -1000
    assert Entry.objects.count() == 2000
    assert LedgerTransaction.objects.count() == 1000
