from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from payments.intents.models import PaymentIntent, Refund
from payments.intents.rules import Line, RefundLine
from payments.ledger.rules import AccountKey, Posted
from payments.merchants.models import Merchant
from payments.messages import outgoing
from shared.contracts import payments as contracts
from shared.contracts.clock import ClockMoved
from shared.contracts.totals import LedgerDayTotals, Total
from shared.testing.messages import example, examples_of

SHOP = UUID("00000000-0000-7000-8000-00000000000a")
MEMBER = UUID("00000000-0000-7000-8000-000000000001")


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.fixture
def intent():
    return PaymentIntent(
        id=UUID("00000000-0000-7000-8000-0000000000b1"),
        order_id="order-1001",
        merchant_id=SHOP,
        member_id=MEMBER,
        amount=12000,
        amount_received=12000,
        amount_refunded=5000,
        currency="EUR",
        tender_type="wallet",
        made_by="merchant",
        channel="web",
        store="berlin-1",
        metadata={"cart": "7", "boxes": 2},
        captured_at=at(2026, 1, 15, 12),
    )


def test_merchant_created_is_its_example():
    said = outgoing.merchant_created(Merchant(id=SHOP, name="Corner Shop", created_at=at(2026, 1, 1, 8)))

    assert said.payload() == example(contracts.MerchantCreated)


def test_payment_captured_is_its_example(intent):
    book = Line("1", "BOOK-42", "books", 2, 3500, brand="Plaza Press", metadata={"signed": True})
    lines = [book, Line("2", "LAMP-7", "home", 1, 5000)]

    assert outgoing.payment_captured(intent, lines).payload() == example(contracts.PaymentCaptured)


def test_payment_refunded_is_its_example(intent):
    refund_id = UUID("00000000-0000-7000-8000-0000000000c1")
    refund = Refund(id=refund_id, amount=5000, currency="EUR", refunded_at=at(2026, 1, 20, 9, 30))

    said = outgoing.payment_refunded(refund, intent, [RefundLine("2", 1, 5000)])

    assert said.payload() == example(contracts.PaymentRefunded)


def test_payment_failed_is_its_example(intent):
    intent.id, intent.amount = UUID("00000000-0000-7000-8000-0000000000b2"), 2500
    intent.last_error = {"code": "payments.card_declined", "decline_code": "generic_decline"}

    assert outgoing.payment_failed(intent, at=at(2026, 1, 15, 12, 5)).payload() == example(contracts.PaymentFailed)


def test_wallet_changed_is_its_example_and_speaks_of_wallets_only():
    wallet_id = UUID("81a83687-7920-5742-8d86-1aeed6fdc5fa")
    transaction_id = UUID(int=1)
    entries = [
        Posted(transaction_id, AccountKey("wallet", wallet_id, "EUR"), 7, 2, -12000, 38000),
        Posted(transaction_id, AccountKey("merchant_pending", SHOP, "EUR", 3), 9, 1, 12000, 12000),
    ]

    (said,) = outgoing.wallet_changes(entries, kind="payment", members={wallet_id: MEMBER}, at=at(2026, 1, 15, 12))

    assert said.payload() == example(contracts.WalletChanged) | {"entry_id": str(entries[0].id)}


def test_day_totals_have_the_shape_that_all_services_share():
    total = Total(ledger="payments", unit="EUR", kind="captured", count=2, total=19000)

    said = outgoing.day_totals(date(2026, 1, 15), [total], at=at(2026, 1, 15, 12))

    assert said.payload().keys() == example(LedgerDayTotals).keys()
    assert (said.service, said.day, said.totals) == ("payments", date(2026, 1, 15), [total])


def test_every_message_of_payments_has_an_example():
    assert {type(message) for message in examples_of("payments")} == {
        contracts.MerchantCreated,
        contracts.WalletChanged,
        contracts.PaymentCaptured,
        contracts.PaymentRefunded,
        contracts.PaymentFailed,
        ClockMoved,
    }
