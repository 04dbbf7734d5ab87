"""Tiers under purchases, events, returns and merges at the same moment."""

import pytest

from points.ledger.operations import merge_members
from points.purchases import operations as purchases
from points.purchases.operations import Teller
from points.purchases.rules.purchases import RecordedPurchase, Told
from shared.ids import new_id
from shared.testing import roles
from shared.testing.proofs import race
from tests.counting_factories import STARS, days_of, is_proven, make_counting, payment, record, refund
from tests.event_factories import tell
from tests.factories import AT
from tests.tier_factories import changes, code

pytestmark = pytest.mark.django_db(transaction=True)
ME, OTHER = roles.MEMBER.id, roles.OTHER_MEMBER.id
TODAY = "2026-03-01"


def test_purchases_at_once_that_earn_nothing_cross_a_threshold_once() -> None:
    make_counting("spend")
    race(8, lambda _: record(ME, 60))

    assert days_of(ME) == {TODAY: 480}
    assert changes(ME) == [(None, "silver", AT, "earned")]


def test_events_at_once_cross_a_threshold_once() -> None:
    make_counting(STARS)
    race(8, lambda _: tell(ME, data={"stars": 60}))

    assert days_of(ME) == {TODAY: 480}
    assert changes(ME) == [(None, "silver", AT, "earned")]


def test_an_order_that_is_recorded_and_paid_at_once_counts_once() -> None:
    make_counting("orders")
    shop = new_id()

    def buy(place: int) -> None:
        if place % 2:
            record(ME, 60, merchant_id=shop, reference="7")
        else:
            purchases.earn_purchases([payment(ME, 60, merchant_id=shop, order_id="7")], at=AT)

    race(2, buy)
    assert days_of(ME) == {TODAY: 1}


def test_lists_of_the_same_members_wait_for_each_other_and_never_in_a_ring() -> None:
    make_counting("spend")
    members = [new_id() for _ in range(6)]

    def buy(place: int) -> int:
        order = members if place % 2 else members[::-1]
        # Every other one earns nothing.
        made = [
            RecordedPurchase(
                reference=f"{place}-{n}", merchant_id=None, member_id=who, currency="EUR",
                amount=50 if (n + place) % 2 else 150, occurred_at=AT,
            )
            for n, who in enumerate(order)
        ]  # fmt: skip
        outcomes = purchases.record_purchases([Told(one, None) for one in made], teller=Teller(None), at=AT)
        return len(outcomes)

    assert race(6, buy) == [6] * 6
    assert is_proven()
    assert {len(changes(who)) for who in members} <= {1, 2}


def test_returns_purchases_and_a_merge_at_once_lose_nothing() -> None:
    make_counting("spend")
    paid = [payment(ME, 60) for _ in range(4)]
    purchases.earn_purchases(paid, at=AT)

    def happen(place: int) -> None:
        if place == 0:
            ids = {"from_member_id": ME, "into_member_id": OTHER}
            merge_members(**ids, reason="two cards", actor_id=roles.OPERATOR.id, at=AT)
        elif place % 2:
            purchases.claw_back_refunds([refund(paid[place // 2].payment_id, 20)], at=AT)
        else:
            record(ME, 50)

    assert not [one for one in race(8, happen) if isinstance(one, Exception)]
    assert (days_of(ME), days_of(OTHER)) == ({}, {TODAY: 4 * 40 + 3 * 50})
    assert code(OTHER) == "silver"
