"""Wrong codes that a till sends: whom they stop, and how many get through every door (ADR 39)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from points.vouchers.models import FailedAttempt, Voucher, VoucherRedemption
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from tests.voucher_factories import claim, make_campaign, order_body

BASE = "/api/v1/vouchers"
# Through each door in each way: 2,000 in all.
GUESSES = 200
pytestmark = pytest.mark.django_db


def use(till: Actor, code: str, customer: UUID | None) -> Any:
    named = {} if customer is None else {"member_id": str(customer)}
    return till.post(f"{BASE}/redemptions", {"code": code, **named, "order": order_body(order_id=str(new_id()))})


def attempt(till: Actor, code: str, customer: UUID | None) -> Any:
    named = {} if customer is None else {"member_id": str(customer)}
    return till.post(f"{BASE}/validations", {"code": code, **named, "order": order_body()})


def read(actor: Actor, code: str, _customer: UUID | None) -> Any:
    return actor.get(f"{BASE}/{code}")


def cancel(actor: Actor, code: str, _customer: UUID | None) -> Any:
    return actor.post(f"{BASE}/{code}/cancel")


def customers_with_vouchers(count: int) -> list[Voucher]:
    campaign = make_campaign(codes=count, ends_at=clock.now() + timedelta(days=9))
    return [claim(campaign, new_id()) for _ in range(count)]


def serve(till: Actor, count: int) -> list[Voucher]:
    """Let a till use a voucher of so many customers."""
    served = customers_with_vouchers(count)
    for voucher in served:
        assert use(till, voucher.code, voucher.member_id).status_code == 201
    return served


def test_twenty_bad_codes_of_a_customer_leave_the_till_going_for_the_others(merchant: Actor) -> None:
    [voucher] = customers_with_vouchers(1)
    stranger = new_id()

    answers = [use(merchant, f"GUESS-{number}", stranger) for number in range(20)]

    assert [answer.status_code for answer in answers] == [404] * 5 + [429] * 15
    assert answers[-1].json()["code"] == "vouchers.too_many_failed_attempts"
    assert use(merchant, voucher.code, voucher.member_id).status_code == 201


def test_bad_codes_for_nobody_leave_the_till_going_for_its_customers(merchant: Actor) -> None:
    [voucher] = customers_with_vouchers(1)

    # A till holds no vouchers, so that such a code is never right.
    assert [use(merchant, "GUESS", None).status_code for _ in range(25)] == [404] * 20 + [429] * 5
    assert use(merchant, voucher.code, None).status_code == 429
    assert use(merchant, voucher.code, voucher.member_id).status_code == 201


def test_a_customer_who_has_to_wait_at_a_till_uses_the_voucher_by_themselves(merchant: Actor, member: Actor) -> None:
    own = claim(make_campaign(codes=1, ends_at=clock.now() + timedelta(days=9)), member.id)
    for number in range(5):
        attempt(merchant, f"GUESS-{number}", member.id)

    # Were the right code taken here, to wait would mean nothing to who guesses.
    assert use(merchant, own.code, member.id).status_code == 429
    assert use(member, own.code, None).status_code == 201


def test_a_till_may_name_one_more_wrong_code_for_each_customer_it_served(merchant: Actor) -> None:
    served = serve(merchant, 3)
    more = customers_with_vouchers(1)[0]
    # The same customer again brings nothing, nor does one whose voucher came back.
    assert merchant.post(f"{BASE}/redemptions/{_redemption_of(served[0])}/rollback").status_code == 200

    answers = [use(merchant, "GUESS", new_id()).status_code for _ in range(23)]

    assert answers == [404] * 22 + [429]
    assert use(merchant, more.code, more.member_id).status_code == 429


def _redemption_of(voucher: Voucher) -> UUID:
    return VoucherRedemption.objects.get(voucher=voucher).id


def test_what_members_use_by_themselves_lets_them_guess_no_more(member: Actor) -> None:
    own = claim(make_campaign(codes=1, ends_at=clock.now() + timedelta(days=9)), member.id)
    assert use(member, own.code, None).status_code == 201

    assert [use(member, "GUESS", None).status_code for _ in range(21)] == [404] * 20 + [429]


def test_a_till_waits_no_longer_than_ten_minutes(merchant: Actor) -> None:
    [voucher] = customers_with_vouchers(1)
    for _ in range(5):
        use(merchant, "GUESS", voucher.member_id)
    refused = use(merchant, voucher.code, voucher.member_id)
    assert 590 <= int(refused["Retry-After"]) <= 600

    with time_machine.travel(clock.now() + timedelta(seconds=601)):
        assert use(merchant, voucher.code, voucher.member_id).status_code == 201


Door = Callable[[Actor, str, UUID | None], Any]
CROWD = [new_id() for _ in range(100)]
MEMBER_DOORS: list[Door] = [read, attempt, use, cancel]


@pytest.mark.parametrize("door", MEMBER_DOORS)
def test_of_200_guesses_of_a_member_twenty_are_looked_at(member: Actor, door: Door) -> None:
    assert _looked_at(member, door, lambda _: None) == 20


@pytest.mark.parametrize("door", [attempt, use])
@pytest.mark.parametrize(
    ("whom", "looked_at"),
    [
        pytest.param(lambda _: CROWD[0], 5, id="for one customer"),
        pytest.param(lambda number: CROWD[number % len(CROWD)], 20, id="for a hundred customers in turn"),
        pytest.param(lambda _: None, 20, id="for nobody"),
    ],
)
def test_of_200_guesses_at_a_till_no_more_are_looked_at(
    merchant: Actor, door: Door, whom: Callable[[int], UUID | None], looked_at: int
) -> None:
    assert _looked_at(merchant, door, whom) == looked_at


def _looked_at(actor: Actor, door: Door, whom: Callable[[int], UUID | None]) -> int:
    """Play an attack in one instant; return after how many guesses the rest was refused unseen."""
    with time_machine.travel(clock.now(), tick=False):
        answers = [door(actor, f"GUESS-{number}", whom(number)).status_code for number in range(GUESSES)]
    refused = answers.count(429)
    assert answers[-refused:] == [429] * refused
    assert FailedAttempt.objects.count() == GUESSES - refused
    return GUESSES - refused
