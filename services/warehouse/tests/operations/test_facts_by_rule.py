"""What rules gave, rule by rule: it adds up to the entries, in whatever order and however often it is said."""

from datetime import timedelta

import pytest

from shared.db import execute, rows
from shared.ids import new_id
from shared.testing.messages import deliver, envelope_of
from tests import factories as a
from warehouse.facts import models
from warehouse.facts.operations import rebuild_facts
from warehouse.reconciliation import operations, queries
from warehouse.reconciliation.models import Comparison

pytestmark = pytest.mark.django_db
OF_FACTS = """
SELECT said.ledger, said.unit, said.about, kind, count(*), sum(points)::bigint FROM fact_points_rule
CROSS JOIN LATERAL (VALUES ('rules', '', rule_key), ('merchant_rules', rule_key::text, merchant_key),
                           ('programme_rules', '', programme_key)) AS said (ledger, unit, about)
WHERE said.about IS NOT NULL GROUP BY 1, 2, 3, 4
UNION ALL SELECT 'entry_rules', '', programme_key, kind, sum(rules), sum(points)::bigint FROM fact_points_entry
WHERE rules > 0 GROUP BY 3, 4 ORDER BY 1, 2, 3, 4
"""
OF_TOTALS = """
SELECT ledger, unit, about, kind, sum(count)::bigint, sum(amount)::bigint FROM movement_total
WHERE ledger LIKE '%%rules' GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0 OR sum(amount) <> 0 ORDER BY 1, 2, 3, 4
"""


def facts() -> set[tuple[object, ...]]:
    found = rows(
        "SELECT rule_id, version, kind, points, merchant_id FROM fact_points_rule JOIN dim_rule USING (rule_key)"
        " LEFT JOIN dim_merchant USING (merchant_key)"
    )
    return set(found)


def comparison() -> tuple[str, int, int, int | None, int | None]:
    operations.reconcile(days=[a.DAY], at=a.NOON + timedelta(minutes=5))
    row = Comparison.objects.get(ledger="rules", kind="earned")
    assert row.totals_as_of is None
    return row.status, row.ours_count, row.ours_total, row.theirs_count, row.theirs_total


def test_an_earning_and_its_return_are_facts_of_each_rule() -> None:
    deliver(
        a.earned_by_rules(a.by_rule(43), a.by_rule(100, "welcome", version=2)),
        a.returned_by_rules(a.by_rule(33), merchant_id=None),
        a.pending(7, rules=[a.by_rule(7)], merchant_id=a.OTHER_MERCHANT),
        a.earned(5),
    )

    assert facts() == {
        ("base", 1, "earned", 43, a.MERCHANT),
        ("welcome", 2, "earned", 100, a.MERCHANT),
        ("base", 1, "returned", 33, None),
        ("base", 1, "pending", 7, a.OTHER_MERCHANT),
    }
    assert set(models.FactPointsEntry.objects.values_list("kind", "points", "rules")) == {
        ("earned", 143, 2), ("returned", 33, 1), ("pending", 7, 1), ("earned", 5, 0)
    }  # fmt: skip


def test_a_fact_before_its_rule_infers_it_and_it_is_filled_in_later() -> None:
    deliver(a.earned_by_rules(a.by_rule(43)))
    inferred = models.DimRule.objects.get()
    deliver(a.rule_changed())

    rule, fact = models.DimRule.objects.get(), models.FactPointsRule.objects.get()
    assert (inferred.is_inferred, inferred.name, inferred.starts_at) == (True, "", None)
    assert (rule.is_inferred, rule.name, rule.trigger, rule.effect, rule.starts_at, rule.ends_at) == (
        False, "1 point per 1.00", "purchase", "1 point for each 1.00 EUR", a.NOON, None
    )  # fmt: skip
    assert fact.rule_key == rule.rule_key == inferred.rule_key


def test_each_version_of_a_rule_is_a_row_whose_end_moves_with_the_latest_word() -> None:
    later = a.NOON + timedelta(hours=1)
    deliver(a.rule_changed(version=2, starts_at=later), a.rule_changed(ends_at=later, changed_at=later))
    deliver(a.rule_changed())

    spans = models.DimRule.objects.order_by("version").values_list("version", "starts_at", "ends_at")
    assert list(spans) == [(1, a.NOON, later), (2, later, None)]


def test_a_rule_of_a_producer_that_does_not_say_what_it_does_has_no_words() -> None:
    envelope = envelope_of(a.rule_changed())
    for rule in envelope.payload["rules"]:
        del rule["trigger"], rule["effect"]

    deliver(envelope)

    assert models.DimRule.objects.values_list("name", "trigger", "effect").get() == ("1 point per 1.00", "", "")


def test_what_comes_twice_in_one_message_or_two_is_counted_once() -> None:
    message = a.earned_by_rules(a.by_rule(43), a.by_rule(33, "double-shoes"))
    envelope = envelope_of(message)

    deliver(envelope, envelope)
    deliver(message)
    deliver(envelope)

    assert sorted(points for _, _, _, points, _ in facts()) == [33, 43]
    assert rows(OF_TOTALS) == rows(OF_FACTS)
    assert comparison() == ("matched", 2, 76, 2, 76)


@pytest.mark.parametrize(
    "change",
    [
        "SELECT 1",
        "UPDATE fact_points_rule SET points = points + 1, merchant_key = NULL",
        "UPDATE fact_points_entry SET posted_at = posted_at + interval '3 hours'",
        "DELETE FROM fact_points_rule WHERE kind = 'returned'",
        "DELETE FROM fact_points_entry",
    ],
)
def test_totals_are_those_of_the_facts_whoever_writes_them(change: str) -> None:
    deliver(a.earned_by_rules(a.by_rule(43), a.by_rule(100, "welcome")), a.returned_by_rules(a.by_rule(33)))
    execute(change)

    assert rows(OF_TOTALS) == rows(OF_FACTS)


def test_facts_that_are_made_again_are_the_same() -> None:
    deliver(a.earned_by_rules(a.by_rule(43)), a.returned_by_rules(a.by_rule(33)))
    before = facts(), rows(OF_TOTALS)
    execute("UPDATE fact_points_rule SET points = points + 1")

    rebuild_facts(since=a.NOON - timedelta(days=1), until=a.NOON + timedelta(days=1))

    assert (facts(), rows(OF_TOTALS)) == before
    assert comparison()[0] == "matched"


def test_facts_by_rule_that_do_not_come_to_the_points_are_found() -> None:
    deliver(a.earned_by_rules(a.by_rule(43), a.by_rule(100, "welcome")), a.earned(5))
    assert comparison() == ("matched", 2, 143, 2, 143)

    execute("UPDATE fact_points_rule SET points = points - 1 WHERE points = 43")
    assert comparison() == ("different", 2, 142, 2, 143)
    assert a.DAY in queries.open_days(at=a.NOON)
    execute("DELETE FROM fact_points_rule")
    assert comparison() == ("different", 0, 0, 2, 143)
    rebuild_facts(since=a.NOON - timedelta(days=1), until=a.NOON + timedelta(days=1))
    assert comparison() == ("matched", 2, 143, 2, 143)


def test_a_message_whose_rules_do_not_add_up_is_found() -> None:
    deliver(a.earned(50, rules=[a.by_rule(43)], merchant_id=new_id()))

    assert comparison() == ("different", 1, 43, 1, 50)
