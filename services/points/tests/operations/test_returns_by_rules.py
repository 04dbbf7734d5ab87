"""Returns take back what each rule gave, and give its limits back."""

from uuid import UUID

import pytest

from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from shared.contracts.points import PointsEarned, PointsReturned
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, points_of, prove, set_policy, spend, take_back
from tests.judging_factories import BASE, PAPER, WELCOME, activate, buy_lines, counts
from tests.operations.payment_factories import DAY, MERCHANT_ID
from tests.rules.earning.factories import rule, rule_set

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("policy", "shoes", "rest"), [("arrears", (33, 33), (10, 100)), ("floor_zero", (33, 33), (8, 76))]
)
def test_what_a_return_says_of_the_rules_adds_up_to_what_it_took(
    me: UUID, policy: str, shoes: tuple[int, ...], rest: tuple[int, ...]
) -> None:
    version = activate(PAPER)
    bought = buy_lines(me, merchant_id=MERCHANT_ID)
    take_back(bought, {"1": 1})
    spend(me, 26)
    set_policy(policy)
    take_back(bought)

    first, second = published(PointsReturned)
    assert [(one.id, one.version, one.points) for one in first.rules] == [
        ("base", version, shoes[0]), ("double-shoes", version, shoes[1])
    ]  # fmt: skip
    assert [(one.id, one.points) for one in second.rules] == [("base", rest[0]), ("welcome", rest[1])]
    assert (first.points, second.points) == (sum(shoes), sum(rest))
    assert {first.merchant_id, second.merchant_id, published(PointsEarned)[0].merchant_id} == {MERCHANT_ID}


def test_what_was_earned_is_taken_back_by_what_gave_it_whatever_rules_say_now(me: UUID) -> None:
    activate(PAPER, at=AT - 9 * DAY)
    bought = buy_lines(me)
    activate(rule_set(rule("base", {"kind": "per_amount", "points": 9, "amount": 100})), at=AT)
    change_programme(default_programme().id, changes={"timezone": "Pacific/Auckland"}, at=AT)

    assert take_back(bought, {"1": 1}).points == 66
    assert take_back(bought).points == 110
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    prove()


def test_a_preview_of_a_return_is_what_the_return_does(me: UUID) -> None:
    activate(PAPER)
    bought = buy_lines(me)

    with nothing_written():
        seen = take_back(bought, return_id="r-1", preview=True)
    done = take_back(bought, return_id="r-1")
    with nothing_written():
        again = take_back(bought, return_id="r-1")

    assert (seen.points, done.points, again.points) == (176, 176, 176)
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    prove()


@pytest.mark.parametrize(
    ("policy", "parts"),
    [("arrears", (110, 0, 66, 0)), ("floor_zero", (110, 0, 0, 66)), ("pending_only", (0, 0, 0, 176))],
)
def test_policies_of_returns_are_about_the_number_that_rules_gave(
    me: UUID, policy: str, parts: tuple[int, ...]
) -> None:
    activate(PAPER)
    bought = buy_lines(me)
    spend(me, 66)
    set_policy(policy)

    done = take_back(bought)

    assert (done.points, (done.own, done.others, done.owed, done.forgiven)) == (176, parts)
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    prove()


def test_a_return_by_amount_takes_of_all_that_is_left(me: UUID) -> None:
    activate(PAPER)
    bought = buy_lines(me, {"1": ("shoes", 2, 4_000), "2": ("books", 1, 2_000)}, amount=7_000)
    assert bought.points == 80 + 20 + 10 + 100

    # Half of the shoes, then half of all that is left, then the rest.
    assert [take_back(bought, {"1": 1}).points, take_back(bought, amount=2_500).points] == [40, 35]
    prove()
    assert take_back(bought).points == 135
    assert points_of(me) == (0, 0)
    prove()


def test_points_trimmed_by_a_limit_are_counted_to_their_month_and_given_back_to_it(me: UUID) -> None:
    limits = [{"of": "points", "most": 60, "per": "month"}]
    activate(rule_set(rule("base", BASE["effect"], limits=limits)))
    first, second = buy_lines(me, occurred_at=AT - 2 * DAY), buy_lines(me)
    assert (first.points, second.points) == (43, 43)
    third = buy_lines(me)
    assert third.points == 17
    assert counts(me) == {("base", "points", "2026-02"): 43, ("base", "points", "2026-03"): 60}
    prove()

    take_back(first)

    assert counts(me) == {("base", "points", "2026-02"): 0, ("base", "points", "2026-03"): 60}
    assert buy_lines(me).points == 0
    take_back(second)
    assert buy_lines(me).points == 43
    prove()


def test_a_purchase_of_nothing_can_earn_and_its_pieces_take_all_back(me: UUID) -> None:
    activate(rule_set(WELCOME))
    bought = buy_lines(me, {"1": ("gift", 2, 0)})

    assert bought.points == 100
    assert [take_back(bought, {"1": 1}).points, take_back(bought, {"1": 1}).points] == [0, 100]
    assert counts(me) == {("welcome", "uses", "ever"): 0}
    prove()
