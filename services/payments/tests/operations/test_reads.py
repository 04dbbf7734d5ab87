"""What statements and lists read does not grow with what others have done, whatever the statistics say."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from payments.intents.operations.cards import resolve_attempts
from payments.intents.operations.intents import cancel_unpaid
from payments.intents.operations.refunds import resolve_refunds
from payments.ledger.operations import post
from payments.ledger.rules import Transfer, move, wallet_account
from payments.wallets.operations import resolve_topups
from payments.wallets.rules import wallet_id_of
from shared import clock
from shared.ids import new_id
from shared.money import Money
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read
from shared.testing.roles import MERCHANT_ID
from tests.factories import INTENTS

pytestmark = [pytest.mark.django_db, pytest.mark.breaks_books]
AT = clock.now()
DAY = timedelta(days=1)
ROWS = "generate_series(%(first)s::integer, %(last)s::integer) AS n"
ID = "lpad(to_hex(n), 32, '0')::uuid"
# A hundred are the member's and the shop's, however many there are; the last ten are of today.
MINE = "n <= 1000 AND n %% 10 = 7"
WHEN = "CASE WHEN n > %(size)s - 10 THEN %(at)s ELSE %(at)s - interval '2 days' END"
SHOPS = f"INSERT INTO merchant SELECT {ID}, 'Shop', %(at)s FROM {ROWS}"
SHOP = "INSERT INTO merchant SELECT %(shop)s, 'Shop', %(at)s ON CONFLICT DO NOTHING"
PAID = f"""
INSERT INTO payment_intent (id, merchant_id, member_id, order_id, amount, currency, status, tender_type,
    amount_received, amount_refunded, amount_refunding, made_by, channel, store, metadata, created_at, captured_at)
SELECT {ID}, CASE WHEN {MINE} THEN %(shop)s ELSE {ID} END, CASE WHEN {MINE} THEN %(member)s ELSE {ID} END,
    'order-' || n, 100, 'EUR', 'succeeded', 'card', 100, 0, 0, 'member', '', '', '{{}}', {WHEN}, {WHEN} FROM {ROWS}
"""
# Ten are old, and no id says so.
GIVEN_UP = f"""
INSERT INTO payment_intent (id, merchant_id, member_id, order_id, amount, currency, status, tender_type,
    amount_received, amount_refunded, amount_refunding, made_by, channel, store, metadata, created_at)
SELECT {ID}, %(shop)s, {ID}, 'order-' || n, 100, 'EUR', CASE WHEN n %% 2 = 0 THEN 'failed'
    ELSE 'requires_confirmation' END, 'card', 0, 0, 0, 'member', '', '', '{{}}',
    CASE WHEN n BETWEEN 501 AND 510 THEN %(at)s - interval '2 days' ELSE %(at)s END FROM {ROWS}
"""
CHARGED = f"""
INSERT INTO payment_attempt (id, intent_id, number, tender_type, status, card_brand, card_last4, card_fingerprint,
    decline_code, created_at, finished_at)
SELECT {ID}, {ID}, 1, 'card', 'succeeded', '', '', '', '', {WHEN}, {WHEN} FROM {ROWS}
"""
REFUNDED = f"""
INSERT INTO refund (id, intent_id, amount, currency, tender_type, status, reason, error_code, requested_by, created_at,
    refunded_at)
SELECT {ID}, {ID}, 1, 'EUR', 'card', 'succeeded', '', '', {ID}, {WHEN}, {WHEN} FROM {ROWS}
"""
WALLETS = f"INSERT INTO wallet (id, member_id, currency, created_at) SELECT {ID}, {ID}, 'EUR', %(at)s FROM {ROWS}"
TOPPED_UP = f"""
INSERT INTO topup (id, wallet_id, amount, currency, status, card_brand, card_last4, card_fingerprint, decline_code,
    created_at, finished_at)
SELECT {ID}, {ID}, 1, 'EUR', 'succeeded', '', '', '', '', {WHEN}, {WHEN} FROM {ROWS}
"""
ACCOUNTS = f"""
INSERT INTO account (id, kind, owner_id, currency, shard, balance, version, floor)
SELECT n, 'wallet', {ID}, 'EUR', 0, 1000, 1, 0 FROM {ROWS}
"""
MOVED = f"""
INSERT INTO ledger_transaction (id, kind, source_key, reference, posted_at)
SELECT {ID}, 'topup', 'topup:' || n, '', {WHEN} FROM {ROWS}
"""
ENTRIES = f"""
INSERT INTO entry (transaction_id, account_id, version, amount, balance_after)
SELECT {ID}, CASE WHEN {MINE} THEN 7 ELSE n END, n, 1, 1 FROM {ROWS}
"""


def filled(filling: Filling, tables: str, *inserts: str, **more: Any) -> None:
    values = {"at": AT, "size": filling.size, "shop": MERCHANT_ID, "member": None} | more
    filling.fill(tables.split(), *inserts, **values)


@at_any_size
def test_posting_reads_the_accounts_it_moves(filling: Filling) -> None:
    def pay() -> None:
        transfer = Transfer(new_id(), "payment", str(new_id()), "", move(Money(7, "EUR"), giver=giver, taker=taker))
        post([transfer], at=AT)

    giver, taker = (wallet_account(UUID(int=number), "EUR") for number in (1, 2))
    filled(filling, "account", ACCOUNTS)
    pay()  # its plans are kept

    with rows_read("account") as read:
        pay()

    assert read() == 6  # two accounts, each found, locked and written


# The first five, and after them one of ten: few statistics make them all.
MOSTLY_MINE = PAID.replace(MINE, f"n <= 5 OR {MINE}")


@at_any_size
@pytest.mark.parametrize("paid", [PAID, MOSTLY_MINE], ids=["rare at first", "frequent at first"])
def test_a_list_of_intents_reads_its_page(
    filling: Filling, paid: str, member: Any, merchant: Any, operator: Any
) -> None:
    filled(filling, "merchant payment_intent", SHOPS, SHOP, paid, member=member.id)

    for who in (member, merchant, operator):
        with rows_read("payment_intent") as read:
            found = who.get(INTENTS).json()["results"]

        assert len(found) == 50
        assert read() <= 55  # and what the planner looks up at the ends of indexes


# All of one shop, and three of them not paid for, among the oldest.
ONE_SHOPS = PAID.replace(f"CASE WHEN {MINE} THEN %(shop)s ELSE {ID} END, CASE", "%(shop)s, CASE")
UNPAID = """
UPDATE payment_intent SET status = 'failed', amount_received = 0, captured_at = NULL
WHERE order_id IN ('order-3', 'order-4', 'order-5')
"""


@at_any_size
def test_a_list_of_intents_by_order_or_status_reads_what_it_shows(
    filling: Filling, merchant: Any, operator: Any
) -> None:
    filled(filling, "merchant payment_intent", SHOPS, SHOP, ONE_SHOPS, UNPAID, member=new_id())

    for who in (merchant, operator):
        for asked, orders in (({"order_id": "order-3"}, [3]), ({"status": "failed"}, [5, 4, 3])):
            with rows_read("payment_intent") as read:
                found = who.get(INTENTS, **asked).json()["results"]

            assert [one["order_id"] for one in found] == [f"order-{n}" for n in orders]
            assert read() <= len(orders) + 4


NEWER_UNPAID = """
UPDATE payment_intent SET status = 'canceled', amount_received = 0, captured_at = NULL
WHERE id > lpad(to_hex(55), 32, '0')::uuid
"""


@at_any_size
def test_a_list_of_paid_intents_reads_none_of_the_others_that_are_newer(
    filling: Filling, merchant: Any, operator: Any
) -> None:
    filled(filling, "merchant payment_intent", SHOPS, SHOP, ONE_SHOPS, NEWER_UNPAID, member=new_id())

    for who in (merchant, operator):
        with rows_read("payment_intent") as read:
            found = who.get(INTENTS, status="succeeded").json()["results"]

        assert [one["order_id"] for one in found] == [f"order-{n}" for n in range(55, 5, -1)]
        assert read() <= 55


@at_any_size
def test_a_list_of_merchants_reads_its_page(filling: Filling, operator: Any) -> None:
    filled(filling, "merchant", SHOPS)

    with rows_read("merchant") as read:
        found = operator.get("/api/v1/merchants").json()["results"]

    assert len(found) == 50
    assert read() <= 55


@at_any_size
def test_a_list_of_wallets_reads_its_page(filling: Filling, operator: Any) -> None:
    filled(filling, "wallet account", WALLETS, ACCOUNTS, member=new_id())

    with rows_read("wallet", "account") as read:
        found = operator.get("/api/v1/wallets").json()["results"]

    assert [one["balance"]["amount"] for one in found] == [1000] * 50
    assert read.by_table()["wallet"] <= 55
    assert read.by_table()["account"] <= 55


@at_any_size
def test_looking_for_what_is_unfinished_reads_nothing_that_is_finished(filling: Filling) -> None:
    tables = "merchant payment_intent payment_attempt refund wallet topup"
    filled(filling, tables, SHOPS, SHOP, PAID, CHARGED, REFUNDED, WALLETS, TOPPED_UP, member=new_id())

    with rows_read("payment_attempt", "refund", "topup", "payment_intent") as read:
        for resolve in (resolve_attempts, resolve_refunds, resolve_topups, cancel_unpaid):
            assert resolve(older_than=AT + DAY, at=AT + DAY) == 0

    assert read() <= 2


@at_any_size
def test_giving_up_what_nobody_paid_reads_what_is_given_up(filling: Filling) -> None:
    filled(filling, "merchant payment_intent", SHOP, GIVEN_UP)

    with rows_read("payment_intent", "intent_move") as read:
        assert cancel_unpaid(older_than=AT - DAY, at=AT) == 10

    assert read() <= 2 * 10 + 1


@at_any_size
def test_a_wallets_entries_are_read_by_the_page(filling: Filling, member: Any) -> None:
    mine = wallet_id_of(member.id, "EUR")
    change = "UPDATE account SET owner_id = %(wallet)s WHERE id = 7"
    wallet = "INSERT INTO wallet SELECT %(wallet)s, %(member)s, 'EUR', %(at)s ON CONFLICT DO NOTHING"
    tables = "wallet account ledger_transaction entry"
    filled(filling, tables, WALLETS, wallet, ACCOUNTS, change, MOVED, ENTRIES, wallet=mine, member=member.id)

    with rows_read("entry", "ledger_transaction", "account", "wallet") as read:
        found = member.get(f"/api/v1/wallets/{mine}/entries").json()["results"]

    assert len(found) == 50
    assert read.by_table()["entry"] <= 110
    assert read.by_table()["ledger_transaction"] <= 110
