import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from shared.db import execute
from shared.testing.messages import deliver, envelope_of
from tests import factories as a
from warehouse.reconciliation import operations, queries, tasks
from warehouse.reconciliation.models import Comparison, LedgerDay

pytestmark = pytest.mark.django_db
AFTER = datetime(2026, 11, 24, 0, 2, tzinfo=UTC)


def statuses():
    return {(row.ledger, row.unit, row.kind): row.status for row in Comparison.objects.all()}


def test_equal_counts_and_sums_match_at_once():
    deliver(a.earned(120), a.earned(420), a.redeemed(-300))
    deliver(
        a.day_totals(
            a.total("points", a.PROGRAMME, "earned", 2, 540), a.total("points", a.PROGRAMME, "redeemed", 1, -300)
        )
    )

    unit = str(a.PROGRAMME)
    assert statuses() == {("points", unit, "earned"): "matched", ("points", unit, "redeemed"): "matched"}


def test_payments_and_wallets_are_compared_by_currency_and_kind():
    deliver(a.captured(12000), a.refunded(2000), a.failed(5), a.wallet_changed(20000))
    deliver(
        a.day_totals(
            a.total("payments", "EUR", "captured", 1, 12000),
            a.total("payments", "EUR", "refunded", 1, 2000),
            a.total("wallets", "EUR", "topup", 1, 20000),
            service="payments",
        )
    )

    assert set(statuses().values()) == {"matched"}
    assert Comparison.objects.count() == 3


TOLD = [
    a.tier_changed(),
    a.tier_changed(number=2, before="silver", after="gold"),
    a.tier_changed(member_id=a.MERCHANT, after="gold", cause="imported", changed_at=a.NOON - timedelta(days=400),
                   posted_at=a.NOON),
    a.budget_used(a.use(120), a.use(5, period="2026-11-23")),
    a.budget_used(a.use(-20)),
]  # fmt: skip


def counted():
    """What points counts of these changes of tiers and uses of budgets."""
    return a.day_totals(
        a.total("tier_changes", a.PROGRAMME, "earned", 2, a.digest(*TOLD[:2])),
        a.total("tier_changes", a.PROGRAMME, "imported", 1, a.digest(TOLD[2])),
        a.total("budgets", a.BUDGET, "2026-11", 2, 100),
        a.total("budgets", a.BUDGET, "2026-11-23", 1, 5),
    )


def test_changes_of_tiers_and_what_was_used_of_budgets_add_up():
    deliver(a.budget_changed(), a.tiers_changed(), *TOLD, counted())

    assert statuses() == {
        ("tier_changes", str(a.PROGRAMME), "earned"): "matched",
        ("tier_changes", str(a.PROGRAMME), "imported"): "matched",
        ("budgets", str(a.BUDGET), "2026-11"): "matched",
        ("budgets", str(a.BUDGET), "2026-11-23"): "matched",
    }


EARNED, IMPORTED = (("tier_changes", kind) for kind in ("earned", "imported"))
MONTH, ONE_DAY = (("budgets", kind) for kind in ("2026-11", "2026-11-23"))


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ("DELETE FROM fact_tier_change WHERE number = 2", {EARNED}),
        ("UPDATE fact_tier_change SET after = 'diamond' WHERE number = 2", {EARNED}),
        ("UPDATE fact_tier_change SET before = NULL WHERE number = 2", {EARNED}),
        ("UPDATE fact_tier_change SET number = 3 WHERE number = 2", {EARNED}),
        ("UPDATE fact_tier_change SET cause = 'earned' WHERE cause = 'imported'", {EARNED, IMPORTED}),
        ("UPDATE fact_tier_change SET changed_at = changed_at + interval '1 microsecond' WHERE number = 2", {EARNED}),
        ("UPDATE fact_tier_change SET member_id = gen_random_uuid() WHERE cause = 'imported'", {IMPORTED}),
        ("UPDATE fact_tier_change SET posted_at = posted_at - interval '1 day' WHERE cause = 'imported'", {IMPORTED}),
        ("DELETE FROM fact_budget_use WHERE change < 0", {MONTH}),
        ("UPDATE fact_budget_use SET change = 6 WHERE change = 5", {ONE_DAY}),
        ("UPDATE fact_budget_use SET period = 'ever' WHERE change = 5", {ONE_DAY, ("budgets", "ever")}),
        ("UPDATE fact_budget_use SET posted_at = posted_at + interval '1 day' WHERE change = 5", {ONE_DAY}),
    ],
)
def test_a_row_that_is_another_here_is_found(broken, found):
    deliver(a.budget_changed(), *TOLD, counted())
    execute(broken)

    operations.reconcile(days=[a.DAY], at=AFTER)

    assert {(ledger, kind) for (ledger, _, kind), status in statuses().items() if status == "different"} == found


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        (a.total("tier_changes", a.PROGRAMME, "earned", 2, a.digest(*TOLD[:2]) + 1), EARNED),
        (a.total("tier_changes", a.PROGRAMME, "earned", 3, a.digest(*TOLD[:2])), EARNED),
        (a.total("budgets", a.BUDGET, "2026-11", 2, 101), MONTH),
        (a.total("budgets", a.BUDGET, "2026-11", 3, 100), MONTH),
    ],
)
def test_a_row_that_is_another_there_is_found(theirs, found):
    said = [theirs if (one.ledger, one.kind) == found else one for one in counted().totals]
    deliver(a.budget_changed(), *TOLD, a.day_totals(*said))

    operations.reconcile(days=[a.DAY], at=AFTER)

    assert [(ledger, kind) for (ledger, _, kind), status in statuses().items() if status == "different"] == [found]


def test_changes_and_uses_after_the_count_are_not_held_against_it():
    later = a.NOON + timedelta(minutes=1)
    deliver(*TOLD, a.tier_changed(number=3, before="gold", after="silver", changed_at=later))
    deliver(a.budget_used(a.use(7), at=later), a.budget_used(a.use(8), at=later + timedelta(hours=1)))
    deliver(a.day_totals(*counted().totals, as_of=a.NOON))

    operations.reconcile(days=[a.DAY], at=AFTER)

    assert set(statuses().values()) == {"matched"}
    assert len(statuses()) == 4


def test_a_missing_message_is_found_and_its_arrival_closes_the_difference():
    missing = a.earned(420)
    deliver(a.earned(120))
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 2, 540)))
    operations.reconcile(days=[a.DAY], at=AFTER)
    found = Comparison.objects.get()

    deliver(missing)
    operations.reconcile(days=queries.open_days(at=AFTER), at=AFTER + timedelta(minutes=5))

    assert (found.status, found.ours_count, found.theirs_count, found.ours_total, found.theirs_total) == (
        "different",
        1,
        2,
        120,
        540,
    )
    closed = Comparison.objects.get()
    assert (closed.status, closed.status_since) == ("matched", AFTER + timedelta(minutes=5))


def test_who_asks_for_what_differs_is_told_that_alone(capsys):
    deliver(a.earned(120), a.earned(60))
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 3, 540)))
    operations.reconcile(days=[a.DAY], at=AFTER)
    call_command("reconciliation")
    deliver(a.earned(360))
    operations.reconcile(days=[a.DAY], at=AFTER)
    call_command("reconciliation")

    before, after = map(json.loads, capsys.readouterr().out.splitlines())
    assert before == [{"day": a.DAY.isoformat(), "ledger": "points", "unit": str(a.PROGRAMME), "kind": "earned"}]
    assert after == []


def test_a_difference_keeps_the_instant_since_when_it_is_one():
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 2, 540)))
    operations.reconcile(days=[a.DAY], at=AFTER)

    operations.reconcile(days=[a.DAY], at=AFTER + timedelta(hours=1))

    row = Comparison.objects.get()
    assert (row.status, row.status_since, row.compared_at) == ("different", AFTER, AFTER + timedelta(hours=1))


def test_a_fact_that_the_service_does_not_count_is_a_difference():
    deliver(a.earned(120))
    deliver(a.day_totals())

    operations.reconcile(days=[a.DAY], at=AFTER)

    row = Comparison.objects.get()
    assert (row.status, row.ours_count, row.theirs_count) == ("different", 1, 0)


def test_a_days_facts_wait_until_the_service_has_counted_them():
    deliver(a.earned(120))

    operations.reconcile(days=[a.DAY], at=AFTER)

    row = Comparison.objects.get()
    assert (row.status, row.theirs_count, row.totals_as_of) == ("waiting", None, None)


def test_what_was_posted_after_the_count_is_not_held_against_it():
    deliver(a.earned(120), a.earned(420, at=a.NOON + timedelta(minutes=1)))
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 1, 120), as_of=a.NOON))

    operations.reconcile(days=[a.DAY], at=AFTER)

    row = Comparison.objects.get()
    assert (row.status, row.ours_count) == ("matched", 1)


def test_the_latest_count_stays_in_whatever_order_they_come():
    old = a.day_totals(a.total("points", a.PROGRAMME, "earned", 1, 1), as_of=a.NOON)
    new = a.day_totals(a.total("points", a.PROGRAMME, "earned", 2, 540))

    deliver(new, old)
    deliver(envelope_of(old))

    assert LedgerDay.objects.get().as_of == new.as_of
    assert Comparison.objects.get().theirs_count == 2


@pytest.mark.parametrize("together", [True, False])
def test_of_two_counts_as_of_one_instant_the_later_one_stays(*, together: bool):
    old, new = (
        a.day_totals(a.total("points", a.PROGRAMME, "earned", count, 100 * count), as_of=a.NOON) for count in (1, 2)
    )

    for told in [(new, old)] if together else [(new,), (old,)]:
        deliver(*told)

    assert LedgerDay.objects.get().totals_id == new.totals_id
    assert Comparison.objects.get().theirs_count == 2


def test_a_kind_that_neither_side_knows_any_more_leaves_the_list():
    deliver(a.earned(120))
    operations.reconcile(days=[a.DAY], at=AFTER)
    execute("DELETE FROM fact_points_entry")

    operations.reconcile(days=[a.DAY], at=AFTER)

    assert Comparison.objects.count() == 0


def test_a_row_of_an_old_day_that_is_another_now_is_found():
    old = [datetime.now(UTC) - timedelta(days=40 * number) for number in range(1, 4)]
    for at in old:
        told = a.tier_changed(member_id=a.MERCHANT, number=1 + old.index(at), changed_at=at)
        one = a.total("tier_changes", a.PROGRAMME, "earned", 1, a.digest(told))
        deliver(told, a.day_totals(one, day=at.date(), as_of=at + timedelta(days=1)))
    assert set(Comparison.objects.values_list("day", "status")) == {(at.date(), "matched") for at in old}
    execute("UPDATE fact_tier_change SET after = 'gold' WHERE number = 3")

    tasks.reconcile_recent_days()
    assert set(Comparison.objects.values_list("status", flat=True)) == {"matched"}

    assert tasks.reconcile_all_days() == 3
    assert list(Comparison.objects.filter(status="different").values_list("day", flat=True)) == [old[2].date()]


def test_the_frequent_task_looks_at_open_days_and_the_hourly_one_at_all_that_were_counted():
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 1, 1)))
    Comparison.objects.update(status="different")

    assert tasks.reconcile_open_days() == len(queries.open_days(at=datetime.now(UTC)))
    assert a.DAY in queries.open_days(at=datetime.now(UTC))
    assert tasks.reconcile_recent_days() == len(queries.counted_days(a.DAY, a.DAY))
