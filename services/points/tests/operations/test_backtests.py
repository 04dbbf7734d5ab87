"""What a version of rules would have given for the purchases of a span, beside what they earned."""

from datetime import timedelta
from typing import Any

import pytest

from points.backtests import operations
from points.backtests.rules import Changed, RuleSum
from shared.ids import new_id
from tests.backtest_factories import NOW, backtested
from tests.factories import AT, make_programme, take_back
from tests.judging_factories import BASE, PAPER, activate, buy_lines
from tests.rules.earning.factories import fixed, rule, rule_set
from tests.segment_factories import make_segment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "CHUNK", 2)
    make_programme()


def test_the_rules_of_then_give_what_was_earned_then(member: Any) -> None:
    version = activate(PAPER)
    for _ in range(3):
        buy_lines(member.id)
    buy_lines(new_id())

    sums = backtested(version)

    assert (sums.members, sums.purchases, sums.points, sums.then) == (2, 4, 76 * 4 + 200, 76 * 4 + 200)
    assert (sums.winners, sums.losers, sums.unsure) == (0, 0, {})
    assert sums.rules == {
        "base": RuleSum(4, 43 * 4, 0), "double-shoes": RuleSum(4, 33 * 4, 0), "welcome": RuleSum(2, 200, 0)
    }  # fmt: skip


def test_a_draft_is_tried_beside_what_was_earned(member: Any, other_member: Any) -> None:
    activate(rule_set(BASE))
    buy_lines(member.id)
    buy_lines(member.id)
    buy_lines(other_member.id, {"1": ("books", 1, 20_000)})
    once = [{"of": "uses", "most": 1, "per": "ever"}]
    version = activate(rule_set(rule("gift", fixed(100), limits=once)), at=NOW)

    sums = backtested(version)

    assert (sums.points, sums.then) == (200, 43 + 43 + 200)
    assert (sums.winners, sums.gained, sums.losers, sums.lost) == (1, 14, 1, 100)
    assert sums.largest_gains == [Changed(14, member.id, 100, 86)]
    assert sums.largest_losses == [Changed(-100, other_member.id, 100, 200)]


def test_returns_take_back_by_the_rules_and_give_limits_back(member: Any) -> None:
    version = activate(PAPER)
    bought = buy_lines(member.id)
    take_back(bought, {"1": 1})
    take_back(bought)
    buy_lines(member.id, at=AT + timedelta(hours=1))

    sums = backtested(version)

    assert (sums.points, sums.returned) == (sums.then, sums.returned_then) == (352, 176)
    assert (sums.winners, sums.losers) == (0, 0)


def test_what_no_purchase_kept_of_its_member_is_what_is_known_today_and_counted(member: Any, other_member: Any) -> None:
    activate(rule_set(BASE))
    buy_lines(member.id)
    buy_lines(other_member.id)
    make_segment("vip", None, member.id)
    vip = {"field": "member.segments", "op": "has", "value": "vip"}
    version = activate(rule_set(rule("gift", fixed(100), condition=vip)), at=NOW)

    sums = backtested(version)

    assert (sums.points, sums.rules) == (100, {"gift": RuleSum(1, 100, 0)})
    assert sums.unsure == {"member.segments": 2}
