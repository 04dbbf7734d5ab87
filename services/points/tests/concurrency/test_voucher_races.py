from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from points.ledger.errors import InsufficientPoints, MemberMerged
from points.ledger.operations import merge_members
from points.vouchers import attempts, errors, jobs, operations, queries
from points.vouchers.models import (
    FailedAttempt,
    Voucher,
    VoucherMemberUse,
    VoucherOrder,
    VoucherRedemption,
    VoucherRedemptionEvent,
)
from points.vouchers.operations import cancel_voucher
from points.vouchers.rules import Guesser, Redeemer
from shared import clock
from shared.contracts import points as contracts
from shared.contracts.vouchers import VoucherCancelled, VoucherIssued, VoucherRedeemed, VoucherReleased
from shared.errors import DomainError
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver, envelope_of, published
from shared.testing.proofs import race
from shared.testing.roles import MERCHANT_ID
from tests.factories import give, points_of, prove
from tests.voucher_factories import AT, OPERATOR, claim, counts, make_campaign, order, order_body, redeem

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(count: int, each: int, run: Callable[[], Any]) -> Counter[str]:
    """Run a function `each` times in each of so many threads; count the names of what came of it."""

    def many(_: int) -> list[str]:
        found = []
        for _ in range(each):
            try:
                found.append(type(run()).__name__)
            except (DomainError, DatabaseError) as error:
                found.append(type(error).__name__)
        return found

    results = race(count, many)
    return Counter(name for result in results for name in (result if isinstance(result, list) else [repr(result)]))


def test_two_hundred_uses_of_a_code_for_seven_are_exactly_seven(member: Actor) -> None:
    voucher = claim(make_campaign(codes=1, uses_per_code=7), member.id)

    found = outcomes(20, 10, lambda: redeem(voucher))

    assert found == {"Redemption": 7, "VoucherUsedUp": 193}
    assert counts(voucher) == (7, 7, 7)
    assert VoucherRedemption.objects.count() == VoucherRedemptionEvent.objects.count() == 7
    assert len(published(VoucherRedeemed)) == 7


def test_two_hundred_uses_of_many_codes_keep_to_the_members_and_the_campaigns_limit() -> None:
    campaign = make_campaign(codes=20, uses_per_code=50, uses_per_member=20, uses_total=50)
    members = [new_id() for _ in range(4)]
    vouchers = [claim(campaign, member_id) for member_id in members for _ in range(5)]
    waiting = vouchers * 10

    found = outcomes(20, 10, lambda: redeem(waiting.pop()))

    assert found["Redemption"] == 50
    assert set(found) <= {"Redemption", "CampaignUsedUp", "MemberLimitReached"}
    assert queries.campaign(campaign.id).used == 50
    uses = VoucherMemberUse.objects.values_list("used", flat=True)
    assert sum(uses) == sum(Voucher.objects.values_list("uses", flat=True)) == 50
    assert max(uses) <= 20


def test_a_members_limit_holds_when_all_their_codes_are_used_at_once(member: Actor) -> None:
    campaign = make_campaign(codes=10, uses_per_code=10, uses_per_member=10)
    waiting = [claim(campaign, member.id) for _ in range(10)] * 4

    found = outcomes(10, 4, lambda: redeem(waiting.pop()))

    assert found == {"Redemption": 10, "MemberLimitReached": 30}


def test_the_last_code_goes_to_one_member_and_only_that_one_pays() -> None:
    campaign = make_campaign(codes=1, price_points=300)
    members = [new_id() for _ in range(20)]
    for member_id in members:
        give(member_id, 300)

    results = race(20, lambda n: claim(campaign, members[n]))

    winners = [result for result in results if isinstance(result, Voucher)]
    assert len(winners) == 1
    assert {type(result) for result in results} == {Voucher, errors.SoldOut}
    assert sorted(points_of(member_id)[0] for member_id in members) == [0] + [300] * 19
    prove()


def test_fifty_codes_go_to_fifty_claims_and_each_to_one() -> None:
    campaign = make_campaign(codes=50)

    found = outcomes(10, 6, lambda: claim(campaign, new_id()))

    assert found == {"Voucher": 50, "SoldOut": 10}
    assert Voucher.objects.filter(member_id=None).count() == 0
    assert queries.campaign(campaign.id).claimed == 50
    assert len({said.voucher_id for said in published(VoucherIssued)}) == 50


def test_a_members_points_pay_for_as_many_vouchers_as_they_can(member: Actor) -> None:
    campaign = make_campaign(codes=20, price_points=100)
    give(member.id, 350)

    found = outcomes(10, 2, lambda: claim(campaign, member.id))

    assert found == {"Voucher": 3, InsufficientPoints.__name__: 17}
    assert points_of(member.id) == (50, 0)
    assert VoucherMemberUse.objects.get().claimed == 3


def test_fifty_requests_with_one_key_use_a_voucher_once(member: Actor) -> None:
    voucher = claim(make_campaign(codes=1, uses_per_code=9, ends_at=clock.now() + timedelta(days=9)), member.id)
    body = {"code": voucher.code, "order": order_body(order_id="order-1")}

    answers = race(50, lambda _: member.post("/api/v1/vouchers/redemptions", body, key="one-key"))

    assert {answer.status_code for answer in answers} <= {201, 409}  # type: ignore[union-attr]  # an exception fails here
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1  # type: ignore[union-attr]
    assert member.post("/api/v1/vouchers/redemptions", body, key="one-key")["Idempotent-Replayed"] == "true"
    assert counts(voucher) == (1, 1, 1)


def test_a_redemption_rolled_back_by_ten_at_once_is_given_back_once(member: Actor) -> None:
    voucher = claim(make_campaign(codes=1, uses_per_code=3), member.id)
    redemption = redeem(voucher)
    redeem(voucher)

    found = outcomes(10, 1, lambda: operations.roll_back_redemption(redemption, actor_id=member.id, at=AT))

    assert found == {"Redemption": 1, "AlreadyRolledBack": 9}
    assert counts(voucher) == (1, 1, 1)
    assert len(published(VoucherReleased)) == 1


def test_uses_and_rollbacks_at_once_neither_deadlock_nor_lose_count(member: Actor) -> None:
    voucher = claim(make_campaign(codes=1, uses_per_code=3, uses_per_member=3), member.id)

    def there_and_back() -> Any:
        redemption = redeem(voucher)
        return operations.roll_back_redemption(redemption, actor_id=member.id, at=AT)

    found = outcomes(8, 8, there_and_back)

    assert set(found) <= {"Redemption", "VoucherUsedUp", "MemberLimitReached"}
    assert counts(voucher) == (0, 0, 0)
    events = Counter(VoucherRedemptionEvent.objects.values_list("kind", flat=True))
    assert events["redeemed"] == events["rolled_back"] == found["Redemption"]


def test_a_chunk_delivered_to_ten_workers_at_once_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 100)
    campaign = make_campaign(status="draft")
    job = jobs.start_code_job(campaign.id, count=250, pattern="####-####-####", requested_by=OPERATOR, at=AT)
    message = contracts.GenerateCodes(job_id=job.id, chunk=0)
    same = envelope_of(message)

    race(10, lambda n: deliver(same if n % 2 else message))

    assert (queries.code_job(job.id).done, Voucher.objects.count()) == (100, 100)
    assert queries.campaign(campaign.id).codes_total == 100


def test_jobs_claims_and_uses_of_one_campaign_do_not_deadlock(member: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 200)
    campaign = make_campaign(codes=20)
    made = [
        jobs.start_code_job(campaign.id, count=1000, pattern="####-####-####", requested_by=OPERATOR, at=AT).id
        for _ in range(2)
    ]

    def run(n: int) -> None:
        if n < 2:
            for chunk in range(5):
                jobs.CODE_JOBS.run_chunk(made[n], chunk=chunk, at=AT)
        else:
            for _ in range(5):
                redeem(claim(campaign, new_id()))

    assert race(6, run) == [None] * 6
    now = queries.campaign(campaign.id)
    assert (now.codes_total, now.claimed, now.used) == (2020, 20, 20)


def test_jobs_of_one_pattern_asked_for_at_once_share_its_space() -> None:
    campaign = make_campaign(status="draft")

    def ask() -> Any:
        return jobs.start_code_job(campaign.id, count=300, pattern="X-#######", requested_by=OPERATOR, at=AT)

    assert outcomes(8, 1, ask) == {"CodeJob": 3, "CodeSpaceTooSmall": 5}


def test_two_thousand_guesses_from_many_threads_stop_at_the_limit(member: Actor) -> None:
    def guess() -> Any:
        return attempts.charge(Guesser(member.id), "GUESS", at=clock.machine_now())

    assert outcomes(10, 200, guess) == {"int": 20, "TooManyFailedAttempts": 1_980}
    assert FailedAttempt.objects.count() == 20


def test_guesses_for_one_customer_at_once_stop_at_five_and_right_codes_are_not_counted(merchant: Actor) -> None:
    customer = new_id()
    own, till = claim(make_campaign(codes=1), customer).code, Guesser(merchant.id, customer)

    assert outcomes(10, 10, lambda: attempts.charge(till, own, at=clock.machine_now())) == {"NoneType": 100}
    assert outcomes(10, 10, lambda: attempts.charge(till, "GUESS", at=clock.machine_now()))["int"] == 5
    with pytest.raises(errors.TooManyFailedAttempts):
        attempts.charge(till, own, at=clock.machine_now())


def test_vouchers_of_many_members_used_on_one_order_at_once_never_take_more_than_it_costs() -> None:
    campaign = make_campaign(codes=20, kind="percent", amount=None, percent=80, stacking="all")
    waiting = [claim(campaign, new_id()) for _ in range(20)]

    found = outcomes(10, 2, lambda: redeem(waiting.pop(), order(1500, order_id="order-1")))

    # 80 % of 15.00, of 3.00, of 0.60 and so on: five of them take 14.99, and 80 % of the last cent is nothing.
    assert found == {"Redemption": 5, "NoDiscount": 15}
    discounts = sorted(VoucherRedemption.objects.values_list("discount", flat=True), reverse=True)
    assert (discounts, VoucherOrder.objects.get().discount) == ([1200, 240, 48, 9, 2], 1499)


def test_exclusive_vouchers_used_on_one_order_at_once_are_one() -> None:
    campaign = make_campaign(codes=10)
    waiting = [claim(campaign, new_id()) for _ in range(10)]

    found = outcomes(10, 1, lambda: redeem(waiting.pop(), order(1500, order_id="order-1")))

    assert found == {"Redemption": 1, "NotStackable": 9}
    assert queries.campaign(campaign.id).used == 1


def test_uses_and_rollbacks_on_few_orders_keep_what_was_taken_off_each(member: Actor) -> None:
    campaign = make_campaign(codes=6, amount=700, stacking="all", uses_per_code=50)
    vouchers = [claim(campaign, member.id) for _ in range(6)]

    def there_and_back(number: int) -> None:
        for step in range(8):
            on = order(1500, order_id=f"order-{(number + step) % 2}")
            with suppress(errors.NoDiscount, errors.AlreadyOnOrder):
                redemption = redeem(vouchers[(number + step) % 6], on)
                if step % 3:
                    operations.roll_back_redemption(redemption, actor_id=member.id, at=AT)

    assert race(6, there_and_back) == [None] * 6

    for row in VoucherOrder.objects.all():
        left = VoucherRedemption.objects.filter(order_id=row.order_id, status="redeemed")
        assert (row.uses, row.discount) == (left.count(), sum(one.discount for one in left))
    assert queries.campaign(campaign.id).used == VoucherRedemption.objects.filter(status="redeemed").count()


def test_members_who_use_vouchers_and_the_merchant_who_says_what_orders_cost_neither_deadlock_nor_lose_count() -> None:
    campaigns = [make_campaign(codes=3, amount=300, stacking="all", uses_per_code=99) for _ in range(2)]
    vouchers = [claim(campaign, new_id()) for campaign in campaigns for _ in range(3)]
    till = Redeemer(new_id(), MERCHANT_ID, None, False)
    refusals = (errors.AlreadyOnOrder, errors.NoDiscount, errors.OrderChanged, errors.VoucherUsedUp)

    def say(number: int) -> None:
        for step in range(30):
            voucher = vouchers[(number * 5 + step * 7) % 6]
            by = replace(till, named=voucher.member_id) if (number + step) % 3 == 0 else None
            with suppress(*refusals):
                done = redeem(voucher, order(1000 + number * 100, order_id=f"order-{step % 3}"), by=by)
                if by and step % 2:
                    with suppress(errors.AlreadyRolledBack):
                        operations.roll_back_redemption(done, actor_id=till.actor_id, at=AT)

    assert race(6, say) == [None] * 6

    counting = VoucherRedemption.objects.filter(status="redeemed")
    for row in VoucherOrder.objects.all():
        on = counting.filter(order_id=row.order_id)
        assert (row.uses, row.discount) == (len(on), sum(one.discount for one in on))
    for voucher in vouchers:
        on = counting.filter(voucher=voucher)
        assert counts(voucher) == (len(on), len(on), counting.filter(campaign=voucher.campaign).count())
    by_members = VoucherRedemption.objects.exclude(redeemed_by=till.actor_id)
    assert VoucherRedemptionEvent.objects.filter(
        redemption__in=by_members, kind="rolled_back", actor_id=till.actor_id
    ).exists()
    assert len(published(VoucherReleased)) == VoucherRedemption.objects.filter(status="rolled_back").count()


def test_a_voucher_that_is_cancelled_and_used_at_once_is_one_of_both(member: Actor) -> None:
    campaign = make_campaign(codes=12, price_points=100)
    give(member.id, 1200)
    vouchers = [claim(campaign, member.id) for _ in range(12)]

    def either(number: int) -> list[str]:
        found = []
        for voucher in vouchers:
            try:
                if number % 2:
                    cancel_voucher(voucher.code, member_id=member.id, actor_id=member.id, at=AT)
                else:
                    redeem(voucher)
                found.append("cancelled" if number % 2 else "used")
            except (errors.VoucherCancelled, errors.VoucherUsed, errors.VoucherUsedUp) as refusal:
                found.append(type(refusal).__name__)
        return found

    results = race(4, either)

    assert all(isinstance(one, list) for one in results), results
    done = Counter(name for one in results if isinstance(one, list) for name in one)
    assert done["cancelled"] + done["used"] == 12
    assert points_of(member.id) == (100 * done["cancelled"], 0)
    rows = Voucher.objects.values_list("uses", "cancelled_at")
    assert all((uses == 1) != (cancelled_at is not None) for uses, cancelled_at in rows)
    prove()


def test_members_who_are_merged_while_their_vouchers_are_cancelled_keep_every_price() -> None:
    campaign, today = make_campaign(codes=10, price_points=100), new_id()
    members = [new_id() for _ in range(10)]
    for member_id in members:
        give(member_id, 150)
    vouchers = [claim(campaign, member_id) for member_id in members]

    def run(turn: int) -> None:
        for voucher in vouchers:
            assert voucher.member_id
            if turn == 0:
                merge_members(
                    from_member_id=voucher.member_id, into_member_id=today, reason="r", actor_id=OPERATOR, at=AT
                )
            else:
                with suppress(MemberMerged, errors.VoucherCancelled):
                    cancel_voucher(voucher.code, member_id=None, actor_id=OPERATOR, at=AT)

    assert race(3, run) == [None] * 3
    for voucher in vouchers:
        with suppress(errors.VoucherCancelled):
            cancel_voucher(voucher.code, member_id=today, actor_id=today, at=AT)

    assert points_of(today) == (1500, 0)
    assert {points_of(member_id) for member_id in members} == {(0, 0)}
    prove()


def test_a_voucher_cancelled_by_ten_at_once_gives_its_price_back_once(member: Actor) -> None:
    campaign = make_campaign(codes=1, price_points=100)
    give(member.id, 100)
    voucher = claim(campaign, member.id)

    found = outcomes(10, 1, lambda: cancel_voucher(voucher.code, member_id=member.id, actor_id=member.id, at=AT))

    assert found == {"Voucher": 1, "VoucherCancelled": 9}
    assert points_of(member.id) == (100, 0)
    assert len(published(VoucherCancelled)) == 1
    prove()
