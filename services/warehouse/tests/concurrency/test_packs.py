import pytest

from shared.testing.messages import deliver, envelope_of
from shared.testing.proofs import race
from tests import factories as a
from tests.operations.test_rebuild_facts import FAR_AHEAD, LONG_AGO, facts
from warehouse.facts.models import DimMember, DimRule, FactPointsEntry, FactPointsRule
from warehouse.facts.operations import rebuild_facts
from warehouse.intake.models import StagedMessage

pytestmark = pytest.mark.django_db(transaction=True)


def test_workers_with_overlapping_packs_have_every_effect_once():
    pack = [envelope_of(message) for _ in range(10) for message in a.one_of_each()]
    packs = [pack[:120], pack[60:], list(reversed(pack)), pack[30:150]]

    receipts = race(len(packs), lambda position: deliver(*packs[position]))

    assert [receipt.failed for receipt in receipts] == [{}, {}, {}, {}]
    assert StagedMessage.objects.count() == len(pack)
    assert FactPointsEntry.objects.count() == 120
    assert DimMember.objects.count() == 1


def test_workers_that_meet_new_members_in_opposite_order_do_not_block_each_other(caplog):
    members = [a.new_id() for _ in range(100)]
    packs = [[envelope_of(a.earned(member_id=member)) for member in order] for order in (members, members[::-1])]

    receipts = race(2, lambda position: deliver(*packs[position]))

    assert [(len(receipt.done), receipt.failed) for receipt in receipts] == [(100, {}), (100, {})]
    assert (DimMember.objects.count(), FactPointsEntry.objects.count()) == (100, 200)
    assert "run one by one" not in caplog.text


def test_workers_that_meet_new_rules_in_opposite_order_do_not_block_each_other(caplog):
    rules = [a.by_rule(1, f"rule-{number}") for number in range(100)]
    packs = [[envelope_of(a.earned_by_rules(rule)) for rule in order] for order in (rules, rules[::-1])]

    receipts = race(2, lambda position: deliver(*packs[position]))

    assert [(len(receipt.done), receipt.failed) for receipt in receipts] == [(100, {}), (100, {})]
    assert (DimRule.objects.count(), FactPointsRule.objects.count()) == (100, 200)
    assert "run one by one" not in caplog.text


def test_intake_goes_on_while_facts_are_rebuilt():
    deliver(*a.one_of_each())
    packs = [[envelope_of(message) for message in a.one_of_each()] for _ in range(3)]

    def run(position: int) -> None:
        if position == 3:
            rebuild_facts(since=LONG_AGO, until=FAR_AHEAD)
        else:
            deliver(*packs[position])

    results = race(4, run)
    after = facts()
    rebuild_facts(since=LONG_AGO, until=FAR_AHEAD)

    assert results == [None] * 4
    assert FactPointsEntry.objects.count() == 48
    assert facts() == after
