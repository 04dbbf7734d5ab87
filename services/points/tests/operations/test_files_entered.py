"""docs/architecture.md lists the files that these enter, as they are once their process has served one before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import points
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.entered import check_listed, files_entered, round_trips
from shared.testing.messages import deliver
from tests.factories import give, make_programme
from tests.messages.test_payments import captured
from tests.voucher_factories import claim, make_campaign, order_body

PACKAGE = Path(points.__file__).parent
BATCH = [("earn", 50), ("redeem", 5), ("adjust", -2)]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def me(member: Actor) -> UUID:
    make_programme()
    give(member.id, 1_000)
    return member.id


def entered(run: Callable[[], Any]) -> list[str]:
    run()
    return files_entered(run, PACKAGE)


def answered(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.content


def test_an_earning(operator: Actor, me: UUID) -> None:
    body = {"member_id": str(me), "points": 20, "reason": "gift"}

    check_listed("An earning", entered(lambda: answered(operator.post("/api/v1/points/earnings", body), 201)), most=8)


def test_a_batch(operator: Actor, me: UUID) -> None:
    def post() -> None:
        of_mine = {"member_id": str(me), "reason": "r"}
        lines = [of_mine | {"key": str(new_id()), "kind": kind, "points": points} for kind, points in BATCH]
        answer = operator.post("/api/v1/points/batches", {"postings": lines})
        assert [one["status"] for one in answer.json()["results"]] == ["posted"] * 3

    check_listed("A batch", entered(post), most=12)


def test_a_payment_message(me: UUID) -> None:
    def arrive() -> None:
        receipt = deliver(captured(me, {"1": 700}, order_id=str(new_id())))
        assert len(receipt.done) == 1

    check_listed("A payment's message", entered(arrive))


@pytest.fixture
def use_of_a_voucher(member: Actor) -> Callable[[], None]:
    voucher = claim(make_campaign(codes=1, uses_per_code=9), member.id)

    def use() -> None:
        body = {"code": voucher.code, "order": order_body()}
        answered(member.post("/api/v1/vouchers/redemptions", body), 201)

    return use


def test_a_redemption_of_a_voucher(use_of_a_voucher: Callable[[], None]) -> None:
    check_listed("A redemption of a voucher", entered(use_of_a_voucher), most=8)


def test_a_redemption_of_a_voucher_takes_three_round_trips(use_of_a_voucher: Callable[[], None]) -> None:
    use_of_a_voucher()

    with round_trips() as sent:
        use_of_a_voucher()

    assert len(sent) == 3, "\n\n".join(sent)
