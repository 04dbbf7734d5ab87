from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from points.earning.rules import Schema, fields_of
from points.purchases.rules.facts import facts_of_purchase
from points.purchases.rules.lines import with_points
from points.purchases.rules.purchases import (
    LineReturn,
    Purchase,
    PurchaseLine,
    Refund,
    claw_back,
    cumulative_share,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def purchase(points: int, *amounts: int) -> Purchase:
    lines = [PurchaseLine(line_id=str(number), quantity=1, amount=amount) for number, amount in enumerate(amounts)]
    return Purchase(
        payment_id=UUID(int=1),
        programme_id=UUID(int=2),
        member_id=UUID(int=3),
        transaction_id=UUID(int=4),
        amount=sum(amounts),
        points=points,
        lines=with_points(lines, points),
    )


def refund(amount: int, **lines: int) -> Refund:
    returned = tuple(LineReturn(name[1:], 1, part) for name, part in lines.items())
    return Refund(refund_id=UUID(int=5), payment_id=UUID(int=1), amount=amount, refunded_at=AT, lines=returned)


def points_of(*steps: Any) -> list[int]:
    current, found = steps[0], []
    for step in steps[1:]:
        points, current = claw_back(current, step)
        found.append(points)
    return found


def test_takes_the_lines_share() -> None:
    assert points_of(purchase(120, 7_000, 5_000), refund(5_000, _1=5_000)) == [50]


def test_rounds_half_up_and_the_steps_add_up() -> None:
    assert points_of(purchase(5, 1_000), *[refund(250, _0=250)] * 4) == [1, 2, 1, 1]


def test_without_lines_takes_a_share_of_the_whole() -> None:
    assert points_of(purchase(100, 6_000, 4_000), refund(3_333), refund(6_667)) == [33, 67]


def test_an_unknown_line_counts_as_a_part_of_the_whole() -> None:
    assert points_of(purchase(100, 10_000), refund(2_500, _7=2_500)) == [25]


def test_mixed_refunds_end_at_what_was_earned_and_never_beyond() -> None:
    assert points_of(purchase(100, 6_000, 4_000), refund(5_000), refund(4_000, _1=4_000), refund(1_000)) == [50, 40, 10]


def test_more_money_back_than_was_paid_takes_no_more_points() -> None:
    assert points_of(purchase(10, 1_000), refund(1_500, _0=1_500), refund(10, _0=10)) == [10, 0]


def test_a_purchase_that_cost_nothing_takes_nothing_back() -> None:
    assert points_of(purchase(0, 0), refund(0)) == [0]
    assert cumulative_share(5, returned=1, total=0) == 0


def test_lines_of_the_same_id_become_one() -> None:
    line = PurchaseLine(line_id="1", quantity=2, amount=500)

    (merged,) = with_points([line, line], 10)

    assert (merged.quantity, merged.amount, merged.points) == (4, 1_000, 10)


amounts = st.lists(st.integers(0, 50_000), min_size=1, max_size=6)


@given(amounts, st.integers(0, 5_000), st.data())
def test_any_steps_that_give_all_the_money_back_take_all_the_points_back(
    parts: list[int], points: int, data: Any
) -> None:
    current, taken = purchase(points, *parts), 0
    left = {str(number): amount for number, amount in enumerate(parts)}
    while any(left.values()):
        name = data.draw(st.sampled_from([name for name, amount in left.items() if amount]))
        amount = data.draw(st.integers(max(1, left[name] // 3), left[name]))
        left[name] -= amount
        by_line = data.draw(st.booleans())
        back, after = claw_back(current, refund(amount, **({f"_{name}": amount} if by_line else {})))
        assert back >= 0
        current, taken = after, taken + back
    if sum(parts):
        assert taken == current.points_returned == points


@given(amounts, st.integers(0, 5_000))
def test_the_lines_points_add_up_to_the_purchases(parts: list[int], points: int) -> None:
    assert sum(line.points for line in purchase(points, *parts).lines) == points


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 2 * 10**6))
def test_a_share_never_exceeds_the_whole(points: int, total: int, returned: int) -> None:
    assert 0 <= cumulative_share(points, returned=returned, total=total) <= points


def test_a_currency_that_is_none_is_missing_to_rules() -> None:
    bought = Purchase(
        payment_id=UUID(int=1), programme_id=None, member_id=UUID(int=2), transaction_id=None, amount=1, points=0,
        currency="XXX", occurred_at=datetime(2026, 3, 7, tzinfo=UTC),
    )  # fmt: skip

    def asked(purchase: Purchase) -> object:
        values = facts_of_purchase(fields_of(Schema()), purchase, {}, timezone="UTC").values
        return values.get("purchase.currency")

    assert asked(bought) is None
    assert asked(structs.replace(bought, currency="EUR")) == "EUR"
