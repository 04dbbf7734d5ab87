import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command

from payments.books.operations import publish_day_totals
from payments.books.proofs import INVARIANTS
from payments.books.tasks import publish_totals
from shared import clock
from shared.contracts.totals import LedgerDayTotals
from shared.testing.messages import published
from shared.testing.owner import as_owner
from tests.factories import by_card, make_payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop", "wallet")]


def test_a_day_is_published_by_kind_and_currency(member, merchant):
    paid = make_payment(member, 12000)
    make_payment(member, 7000, tender=by_card())
    merchant.post(f"/api/v1/payments/intents/{paid['id']}/refunds", {"amount": {"amount": 500, "currency": "EUR"}})

    assert publish_day_totals(clock.now().date(), at=clock.now())

    (message,) = published(LedgerDayTotals)
    assert [(t.ledger, t.unit, t.kind, t.count, t.total) for t in message.totals] == [
        ("payments", "EUR", "captured", 2, 19000),
        ("payments", "EUR", "refunded", 1, 500),
        ("wallets", "EUR", "payment", 1, -12000),
        ("wallets", "EUR", "refund", 1, 500),
        ("wallets", "EUR", "topup", 1, 50000),
    ]


def test_a_day_is_published_again_only_when_it_changed(member):
    publish_totals()
    publish_totals()
    assert len(published(LedgerDayTotals)) == 1

    make_payment(member)
    publish_totals()
    assert len(published(LedgerDayTotals)) == 2


def test_a_day_without_movements_is_not_published():
    assert not publish_day_totals(datetime(2020, 1, 1, tzinfo=UTC).date(), at=clock.now())


def test_a_day_is_published_again_when_asked_for():
    day = clock.now().date().isoformat()
    call_command("publish_day_totals", "--day", day, stdout=StringIO())
    call_command("publish_day_totals", "--day", day, stdout=StringIO())

    assert len(published(LedgerDayTotals)) == 2


def test_right_books_are_proven(member, merchant):
    make_payment(member, tender=by_card())
    said = StringIO()

    call_command("verify_ledger", stdout=said)

    assert said.getvalue() == f"the ledger holds: {len(INVARIANTS)} invariants\n"


@pytest.mark.breaks_books
@pytest.mark.parametrize(
    ("change", "invariant"),
    [
        ("UPDATE entry SET amount = amount + 1 WHERE version = 1", "a transaction's entries add up to zero"),
        ("UPDATE account SET balance = balance + 1", "a balance is the sum of its account's entries"),
        ("UPDATE account SET version = version + 1", "an account's entries are numbered without a gap"),
        ("UPDATE entry SET balance_after = balance_after + 1", "balance_after is the one before it and the entry"),
        ("DELETE FROM entry", "a transaction has entries"),
        ("UPDATE ledger_transaction SET source_key = 'payment:gone' WHERE kind = 'payment'", "a payment is posted"),
        ("UPDATE ledger_transaction SET source_key = 'topup:gone' WHERE kind = 'topup'", "a top-up is posted"),
        ("UPDATE ledger_transaction SET source_key = 'refund:gone' WHERE kind = 'refund'", "a refund is posted"),
        ("UPDATE payment_intent SET amount_refunded = 1", "a payment's refunds are what it says"),
        ("UPDATE intent_line SET quantity_refunded = 0", "a line's refunds are what it says"),
        ("UPDATE payment_attempt SET status = 'failed', decline_code = 'x'", "a payment that is taken has one attempt"),
        ("UPDATE provider_charge SET amount = amount + 1", "the card network took what we say it took"),
        ("UPDATE provider_charge SET currency = 'USD'", "clearing is what the card network holds of ours"),
        ("UPDATE provider_refund SET amount = amount + 1", "the card network gave back what we say"),
    ],
)
def test_a_wrong_row_is_found_printed_and_fails_the_command(member, merchant, change, invariant):
    paid = make_payment(member, 7000, tender=by_card())
    merchant.post(f"/api/v1/payments/intents/{paid['id']}/refunds", {"lines": [{"line_id": "1", "quantity": 1}]})
    as_owner("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("entry", "ledger_transaction"):
        as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # they would refuse it
    as_owner(change)
    said = StringIO()

    with pytest.raises(SystemExit) as exit_code:
        call_command("verify_ledger", stderr=said)

    assert exit_code.value.code == 1
    (broken,) = [row for row in said.getvalue().splitlines() if invariant in row]
    assert isinstance(json.loads(broken[broken.index("{") :]), dict)
