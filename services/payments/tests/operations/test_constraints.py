import pytest
from django.db import IntegrityError, transaction

from shared.ids import new_id
from shared.testing.owner import as_owner
from shared.testing.proofs import nothing_written
from tests.factories import GOOD_CARD, by_card, make_payment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _paid_and_refunded(member, merchant, shop, wallet):
    paid = make_payment(member)
    assert merchant.post(f"/api/v1/payments/intents/{paid['id']}/refunds", {"lines": [{"line_id": "1", "quantity": 1}]})
    make_payment(member, 7000, tender=by_card(GOOD_CARD))


def refused(sql: str) -> None:
    with nothing_written(), pytest.raises(IntegrityError), transaction.atomic():
        as_owner(sql)


@pytest.mark.parametrize("table", ["entry", "ledger_transaction", "intent_move", "refunded_line"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_what_is_written_once_is_never_changed(table, change):
    column = {"entry": "amount", "ledger_transaction": "kind", "intent_move": "at", "refunded_line": "amount"}[table]
    refused(change.format(table, column))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE account SET balance = -1 WHERE kind = 'wallet'",
        "UPDATE account SET floor = NULL WHERE kind = 'wallet'",
        "INSERT INTO account (kind, owner_id, currency, shard, balance, version, floor)"
        " SELECT kind, owner_id, currency, shard, 0, 0, floor FROM account LIMIT 1",
        "INSERT INTO entry (account_id, version, transaction_id, amount, balance_after)"
        " SELECT account_id, version, transaction_id, amount, balance_after FROM entry LIMIT 1",
        "INSERT INTO entry (account_id, version, transaction_id, amount, balance_after)"
        " SELECT account_id, 1000, transaction_id, 0, 0 FROM entry LIMIT 1",
        "INSERT INTO ledger_transaction (id, kind, source_key, reference, posted_at)"
        " SELECT gen_random_uuid(), kind, source_key, '', posted_at FROM ledger_transaction LIMIT 1",
        "UPDATE payment_intent SET amount_refunded = amount + 1",
        "UPDATE payment_intent SET amount_refunding = 1 WHERE amount_refunded = amount",
        "UPDATE payment_intent SET amount_refunded = -1",
        "UPDATE payment_intent SET amount_received = 0",
        "UPDATE payment_intent SET status = 'nonsense'",
        "UPDATE payment_intent SET status = 'failed'",
        "UPDATE payment_intent SET captured_at = NULL",
        "UPDATE payment_intent SET order_id = 'same'",
        "UPDATE payment_intent SET made_by = 'somebody'",
        "UPDATE payment_intent SET tender_type = NULL",
        "UPDATE payment_intent SET tender_type = NULL, made_by = 'merchant'",
        "UPDATE payment_intent SET tender_type = NULL, status = 'canceled', amount_received = 0, captured_at = NULL",
        "UPDATE payment_attempt SET status = 'processing'",
        "UPDATE intent_line SET quantity_refunded = quantity + 1",
        "UPDATE intent_line SET amount_refunded = -1",
        "UPDATE refund SET amount = 0",
        "UPDATE refund SET refunded_at = NULL",
        "UPDATE topup SET status = 'failed'",
        "UPDATE provider_charge SET amount_refunded = amount + 1",
        "INSERT INTO intent_move (intent_id, from_status, to_status, at)"
        " SELECT id, 'succeeded', 'canceled', now() FROM payment_intent LIMIT 1",
    ],
)
def test_the_wrong_state_cannot_be_stored(change):
    refused(change)


def test_an_intent_has_at_most_one_attempt_that_lives_or_took_the_money():
    refused(
        "INSERT INTO payment_attempt (id, intent_id, number, tender_type, status, card_brand, card_last4,"
        f" card_fingerprint, decline_code, created_at) SELECT '{new_id()}', intent_id, 2, 'card', 'processing', '', '',"
        " '', '', now() FROM payment_attempt LIMIT 1"
    )
