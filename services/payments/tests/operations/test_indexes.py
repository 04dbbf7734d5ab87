"""What each hot statement and list reads is found by an index, also when the tables are large."""

import pytest

from payments.books.queries import _TOTALS
from payments.intents.models import PaymentAttempt, PaymentIntent, Refund
from payments.ledger.operations import _LOCK
from payments.ledger.queries import wallet_entries
from payments.wallets.models import Topup
from shared import clock
from shared.db import execute, rows
from shared.ids import new_id
from shared.testing.owner import as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.breaks_books]
AT = clock.now()


@pytest.fixture
def _many_rows():
    execute(
        "INSERT INTO account (kind, owner_id, currency, shard, floor, balance, version)"
        " SELECT 'wallet', gen_random_uuid(), 'EUR', 0, 0, 0, 0 FROM generate_series(1, 20000)"
    )
    as_owner("ANALYZE account")


def plan_of(sql, parameters=()):
    return "\n".join(row[0] for row in rows(f"EXPLAIN {sql}", parameters))


@pytest.mark.usefixtures("_many_rows")
def test_a_postings_accounts_are_found_by_their_key():
    wanted = f"'{{wallet,merchant_pending}}', '{{{new_id()},{new_id()}}}', '{{EUR,EUR}}', '{{0,3}}'"
    _LOCK.rows({"kinds": "{}", "owners": "{}", "currencies": "{}", "shards": "{}"})  # prepares it

    assert "Index Scan using account_once" in plan_of(f"EXECUTE money_lock_0 ({wanted})")


@pytest.mark.parametrize(
    ("found", "index"),
    [
        (PaymentIntent.objects.filter(member_id=new_id()).order_by("-id")[:51], "payment_intent_member"),
        (PaymentIntent.objects.filter(merchant_id=new_id()).order_by("-id")[:51], "payment_intent_merchant"),
        (PaymentIntent.objects.filter(merchant_id=new_id(), order_id="7").exclude(status="canceled"), "intent_order"),
        (PaymentAttempt.objects.filter(status="processing", created_at__lt=AT).order_by("created_at"), "attempt_open"),
        (Topup.objects.filter(status="processing", created_at__lt=AT).order_by("created_at"), "topup_open"),
        (Refund.objects.filter(status="processing", created_at__lt=AT).order_by("created_at"), "refund_open"),
        (wallet_entries(new_id()).order_by("-version")[:51], "account_once"),
    ],
)
def test_every_list_has_an_index_behind_it(found, index):
    execute("SET LOCAL enable_seqscan = off")  # the tables are small here
    execute("SET LOCAL enable_bitmapscan = off")

    plan = found.explain()

    assert index in plan
    assert "Seq Scan" not in plan


def test_a_days_totals_read_that_day_only():
    execute("SET LOCAL enable_seqscan = off")

    plan = plan_of(_TOTALS, {"since": AT, "until": AT})

    assert all(index in plan for index in ("payment_intent_day", "refund_day", "ledger_transaction_day"))
