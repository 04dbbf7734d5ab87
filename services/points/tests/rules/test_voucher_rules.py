from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.vouchers import errors, rules
from points.vouchers.api.bodies.vouchers import order_of
from points.vouchers.rules import Counts, Offer, Order, Redeemer, Terms

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
STARTS, ENDS = AT - timedelta(days=1), AT + timedelta(days=1)
FIVE_OFF = Terms("active", "amount", 500, None, "EUR", None, None, STARTS, ENDS)
TENTH_OFF = Terms("active", "percent", None, 10, "EUR", None, None, STARTS, ENDS)
UNUSED = Counts(0, 1, 0, None, 0, None)
HOLDER, OTHER, MERCHANT = UUID(int=1), UUID(int=2), UUID(int=3)
OFFER = Offer(UUID(int=7), UUID(int=8), UUID(int=9), "CODE", HOLDER, FIVE_OFF, UNUSED)
HIMSELF = Redeemer(HOLDER, None, None, False)

amounts = st.integers(1, 10**12 - 1)
terms = st.one_of(
    st.builds(replace, st.just(FIVE_OFF), amount=amounts, min_spend=st.none() | amounts),
    st.builds(
        replace,
        st.just(TENTH_OFF),
        percent=st.integers(1, 100),
        max_discount=st.none() | amounts,
        min_spend=st.none() | amounts,
    ),
)


def of(total: int, currency: str = "EUR") -> Order:
    return Order("order-1", currency, total, MERCHANT)


def test_an_order_is_worth_the_sum_of_its_lines() -> None:
    lines = [{"quantity": quantity, "unit_amount": amount} for quantity, amount in ((2, 350), (1, 99), (4, 0))]
    body = {"id": "o", "currency": "EUR", "lines": lines, "merchant_id": MERCHANT}

    assert order_of(body, redeemer=HIMSELF) == Order("o", "EUR", 799, MERCHANT)


@pytest.mark.parametrize(("total", "discount"), [(2000, 500), (500, 500), (499, 499), (1, 1)])
def test_an_amount_is_capped_at_the_order(total: int, discount: int) -> None:
    assert rules.discount_of(FIVE_OFF, of(total)) == discount


@pytest.mark.parametrize(("total", "discount"), [(1000, 100), (1009, 100), (1010, 101), (19, 1), (10, 1)])
def test_a_percentage_is_rounded_down(total: int, discount: int) -> None:
    assert rules.discount_of(TENTH_OFF, of(total)) == discount


@pytest.mark.parametrize(("total", "discount"), [(2990, 299), (3000, 300), (3010, 300), (90000, 300)])
def test_a_percentage_stops_at_its_maximum(total: int, discount: int) -> None:
    assert rules.discount_of(replace(TENTH_OFF, max_discount=300), of(total)) == discount


def test_everything_off_is_everything() -> None:
    assert rules.discount_of(replace(TENTH_OFF, percent=100), of(12345)) == 12345


@given(terms, amounts)
def test_a_discount_is_positive_and_never_more_than_the_order_or_its_limits(wanted: Terms, total: int) -> None:
    try:
        discount = rules.discount_of(wanted, of(total))
    except errors.MinSpendNotReached:
        assert wanted.min_spend is not None
        assert total < wanted.min_spend
    except errors.NoDiscount:
        assert total * (wanted.percent or 100) < 100
    else:
        assert 1 <= discount <= total
        assert discount <= (wanted.max_discount or total)
        assert discount <= (wanted.amount or total)


@given(amounts, amounts, st.integers(1, 100))
def test_a_larger_order_never_gets_less_off(total: int, more: int, percent: int) -> None:
    wanted = replace(TENTH_OFF, percent=percent, max_discount=1000)
    smaller, larger = (min(max(sum(part), 100), 10**12) for part in ((total,), (total, more)))

    assert rules.discount_of(wanted, of(smaller)) <= rules.discount_of(wanted, of(larger))


def test_refuses_another_currency_an_order_too_small_and_a_discount_of_nothing() -> None:
    with pytest.raises(errors.CurrencyMismatch) as refusal:
        rules.discount_of(FIVE_OFF, of(2000, "USD"))
    assert refusal.value.members == {"currency": "EUR"}
    with pytest.raises(errors.MinSpendNotReached) as too_small:
        rules.discount_of(replace(FIVE_OFF, min_spend=2000), of(1999))
    assert too_small.value.members == {"min_spend": {"amount": 2000, "currency": "EUR"}}
    assert rules.discount_of(replace(FIVE_OFF, min_spend=2000), of(2000)) == 500
    with pytest.raises(errors.NoDiscount):
        rules.discount_of(TENTH_OFF, of(9))
    with pytest.raises(errors.NoDiscount):
        rules.discount_of(FIVE_OFF, of(0))


def test_a_campaign_is_open_from_its_start_up_to_but_not_at_its_end() -> None:
    moment = timedelta(microseconds=1)

    rules.check_open(FIVE_OFF, at=STARTS)
    rules.check_open(FIVE_OFF, at=ENDS - moment)
    with pytest.raises(errors.NotStarted):
        rules.check_open(FIVE_OFF, at=STARTS - moment)
    with pytest.raises(errors.Expired):
        rules.check_open(FIVE_OFF, at=ENDS)


@pytest.mark.parametrize("status", ["draft", "paused", "ended"])
def test_only_an_active_campaign_is_open(status: str) -> None:
    with pytest.raises(errors.CampaignNotActive):
        rules.check_open(replace(FIVE_OFF, status=status), at=AT)


@pytest.mark.parametrize(
    ("counts", "refusal"),
    [
        (Counts(3, 3, 0, None, 0, None), errors.VoucherUsedUp),
        (Counts(2, 3, 2, 2, 0, None), errors.MemberLimitReached),
        (Counts(2, 3, 1, 2, 9, 9), errors.CampaignUsedUp),
    ],
)
def test_each_limit_refuses_on_its_own(counts: Counts, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        rules.check_counts(counts)


def test_one_use_left_everywhere_is_enough() -> None:
    rules.check_counts(Counts(2, 3, 1, 2, 8, 9))


MOVES = {
    ("draft", "active"),
    ("draft", "ended"),
    ("active", "paused"),
    ("active", "ended"),
    ("paused", "active"),
    ("paused", "ended"),
}


@pytest.mark.parametrize(("now", "requested"), list(product(rules.MOVES, repeat=2)))
def test_a_campaign_moves_as_the_table_says_and_no_other_way(now: str, requested: str) -> None:
    if (now, requested) in MOVES or now == requested:
        assert rules.check_move(now, requested) == (now != requested)
    else:
        with pytest.raises(errors.MoveNotAllowed):
            rules.check_move(now, requested)


FROZEN = "kind amount percent max_discount min_spend starts_at uses_per_code uses_per_member price_points"


@pytest.mark.parametrize("field", FROZEN.split())
def test_what_a_voucher_is_worth_is_frozen_once_somebody_may_hold_it(field: str) -> None:
    rules.check_editable("draft", [field])
    for status in ("active", "paused", "ended"):
        with pytest.raises(errors.CampaignFrozen) as refusal:
            rules.check_editable(status, [field, "name"])
        assert field in refusal.value.members["fields"]


@pytest.mark.parametrize("field", ["name", "ends_at", "uses_total"])
def test_name_end_and_total_stay_open_until_the_campaign_has_ended(field: str) -> None:
    for status in ("draft", "active", "paused"):
        rules.check_editable(status, [field])
    with pytest.raises(errors.CampaignFrozen):
        rules.check_editable("ended", [field])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": None}, "amount"),
        ({"percent": 10}, "percent"),
        ({"max_discount": 100}, "max_discount"),
        ({"ends_at": STARTS}, "ends_at"),
        ({"kind": "percent"}, "percent"),
    ],
)
def test_terms_that_contradict_each_other_are_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(errors.CampaignTermsInvalid) as refusal:
        rules.check_terms(replace(FIVE_OFF, **changes))  # type: ignore[arg-type]  # the values are of the fields' types
    assert refusal.value.members["field"] == field


@pytest.mark.parametrize(
    ("redeemer", "may"),
    [
        (Redeemer(HOLDER, None, None, False), True),
        (Redeemer(HOLDER, None, HOLDER, False), True),
        (Redeemer(OTHER, None, None, False), False),
        (Redeemer(OTHER, None, HOLDER, False), False),
        (Redeemer(HOLDER, None, OTHER, False), False),
        (Redeemer(OTHER, MERCHANT, HOLDER, False), True),
        (Redeemer(OTHER, MERCHANT, None, False), False),
        (Redeemer(OTHER, MERCHANT, UUID(int=9), False), False),
        (Redeemer(OTHER, None, None, True), True),
        (Redeemer(OTHER, None, HOLDER, True), True),
        (Redeemer(OTHER, None, UUID(int=9), True), False),
    ],
)
def test_who_may_use_a_members_voucher(redeemer: Redeemer, may: bool) -> None:
    assert rules.may_use(OFFER, redeemer) is may


def test_unknown_foreign_and_unclaimed_codes_have_one_reason() -> None:
    expired = replace(OFFER, terms=replace(FIVE_OFF, ends_at=AT))
    stranger = Redeemer(OTHER, None, None, False)

    for offer in (None, OFFER, expired, replace(OFFER, member_id=None)):
        assert rules.verdict(offer, stranger, of(2000), at=AT).reason == "vouchers.not_found"


def test_the_holder_learns_the_discount_or_the_reason() -> None:
    assert rules.verdict(OFFER, HIMSELF, of(2000), at=AT).discount == 500
    assert rules.verdict(OFFER, HIMSELF, of(2000), at=ENDS).reason == "vouchers.expired"
    used = replace(OFFER, counts=replace(UNUSED, uses=1))
    assert rules.verdict(used, HIMSELF, of(2000), at=AT).reason == "vouchers.used_up"


@pytest.mark.parametrize(
    ("changes", "uses_left", "at", "state"),
    [
        ({}, 1, AT, "usable"),
        ({}, 0, AT, "used_up"),
        ({}, 1, ENDS, "expired"),
        ({"status": "ended"}, 1, AT, "expired"),
        ({"status": "paused"}, 1, AT, "paused"),
        ({}, 1, STARTS - timedelta(seconds=1), "upcoming"),
    ],
)
def test_a_voucher_says_what_it_is_good_for(changes: dict[str, str], uses_left: int, at: datetime, state: str) -> None:
    assert rules.state_of(replace(FIVE_OFF, **changes), uses_left=uses_left, at=at) == state  # type: ignore[arg-type]  # as above


def test_a_limit_may_not_fall_below_what_is_out() -> None:
    rules.check_limits(uses_total=3, used=2, claimed=3)
    rules.check_limits(uses_total=None, used=9, claimed=9)
    with pytest.raises(errors.LimitBelowUse):
        rules.check_limits(uses_total=2, used=2, claimed=3)
    with pytest.raises(errors.LimitBelowUse):
        rules.check_limits(uses_total=2, used=3, claimed=0)


def test_who_has_to_wait_waits_until_the_oldest_attempt_no_longer_counts() -> None:
    assert rules.seconds_to_wait(AT, at=AT) == 600
    assert rules.seconds_to_wait(AT - timedelta(seconds=599.5), at=AT) == 1
