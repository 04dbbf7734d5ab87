"""What may happen once, asked for many times at the same instant."""

from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

from tools.attack import vouchers
from tools.attack.catalogue import probe
from tools.attack.crowd import Ask, statuses, together
from tools.attack.line import Answer
from tools.attack.people import ADJUSTMENT_LIMIT, Caller, once_known
from tools.attack.stage import Stage

SAME_KEY_TIMES = 50


def _won(answers: list[Answer]) -> int:
    return sum(answer.is_ok for answer in answers)


@probe
def last_points(stage: Stage) -> None:
    """The last points are spent once, however many ask for them at once."""
    for _ in range(stage.either(short=3, long=20)):
        member = stage.member(points=10)
        body = {"points": 10, "reason": "an attack"}
        answers = together([partial(member.line.post, "points/redemptions", body)] * 20)
        left = stage.points_of(member)
        stage.must((_won(answers), left) == (1, 0), f"{statuses(answers)}, {left} points left")
    stage.say(f"20 at once: {statuses(answers)}")


@probe
def last_use_of_a_voucher(stage: Stage) -> None:
    """A voucher's last use happens once, on one of many orders."""
    campaign = vouchers.open_campaign(stage, 20)
    for _ in range(stage.either(short=3, long=15)):
        member = stage.member()
        code = vouchers.claimed(stage, campaign, member)
        answers = together([_use(member, code, vouchers.order(stage.people.merchant_id)) for _ in range(10)])
        stage.must(_won(answers) == 1, f"one use: {statuses(answers)}")
    stage.say(f"10 at once: {statuses(answers)}")


def _use(member: Caller, code: str, order: dict[str, Any]) -> Ask:
    return partial(member.line.post, "vouchers/redemptions", {"code": code, "order": order})


@probe
def same_key_fifty_times(stage: Stage) -> None:
    """One idempotency key has one effect: fifty at once are answered alike, or told to come again."""
    member, key = stage.member(points=100), str(uuid4())
    spend = partial(member.line.post, "points/redemptions", {"points": 2, "reason": "an attack"}, key=key)
    answers = together([spend] * SAME_KEY_TIMES)
    done = {answer.text for answer in answers if answer.is_ok}
    left = stage.points_of(member)
    stage.must((len(done), left) == (1, 98), f"{statuses(answers)}, {len(done)} results, {left} points left")
    others = {answer.code for answer in answers if not answer.is_ok} - {"idempotency.in_progress"}
    stage.must(not others, f"refused otherwise: {others}")
    stage.say(statuses(answers))


@probe
def cancel_against_capture(stage: Stage) -> None:
    """A hold is captured or voided, a payment confirmed or canceled: never both, and the money agrees."""
    ends: Counter[str] = Counter()
    for _ in range(stage.either(short=4, long=20)):
        ends[_hold(stage)] += 1
        ends[_payment(stage)] += 1
    stage.say(", ".join(f"{end} ×{times}" for end, times in sorted(ends.items())))


def _hold(stage: Stage) -> str:
    member = stage.member(points=10)
    hold = member.line.post("points/holds", {"points": 10, "reference": "a table"}).body["id"]
    asks = [partial(member.line.post, f"points/holds/{hold}/{end}") for end in ("capture", "void")]
    answers = together(asks * 3)
    state = member.line.get(f"points/holds/{hold}").body["state"]
    expected = {"captured": 0, "voided": 10}.get(state)
    left = stage.points_of(member)
    captured, voided = _won(answers[::2]), _won(answers[1::2])
    stage.must(not (captured and voided), f"captured ×{captured} and voided ×{voided}")
    stage.must(left == expected, f"a hold is {state}, {left} points left")
    return f"hold {state}"


def _payment(stage: Stage) -> str:
    member = stage.member(money=1_000)
    intent = member.line.post("payments/intents", payment(stage.people.merchant_id, 1_000)).body["id"]
    asks = [partial(member.line.post, f"payments/intents/{intent}/{end}") for end in ("confirm", "cancel")]
    answers = together(asks * 3)
    status = stage.operator.get(f"payments/intents/{intent}")["status"]
    left = stage.cents_of(member)
    stage.must(left == {"succeeded": 0, "canceled": 1_000}.get(status), f"a payment {status}, {left} cents left")
    stage.must(_won(answers) >= 1, f"nothing came of it: {statuses(answers)}")
    return f"payment {status}"


def payment(merchant_id: str, cents: int, order_id: str = "", *, confirm: bool = False) -> dict[str, Any]:
    """Return the body of a payment from the wallet."""
    amount = {"amount": cents, "currency": "EUR"}
    body = {"amount": amount, "merchant_id": merchant_id, "order_id": order_id or str(uuid4())}
    return {**body, "tenders": [{"type": "wallet"}], "confirm": confirm}


@probe
def two_approvals(stage: Stage) -> None:
    """An adjustment above the limit is approved once, whoever approves it at the same instant."""
    second = stage.people["admin"]
    for _ in range(stage.either(short=3, long=15)):
        member, points = stage.member(), ADJUSTMENT_LIMIT + 1
        body = {"member_id": member.id, "points": points, "reason": "an attack", "programme": stage.people.careful}
        asked = once_known(partial(stage.people["operator"].line.post, "points/adjustments", body))
        stage.must(asked.status == 202, f"above the limit: {asked.status}")
        approve = partial(second.line.post, f"points/adjustments/{asked.body.get('id')}/approve")
        own = stage.people["operator"].line.post(f"points/adjustments/{asked.body.get('id')}/approve")
        stage.must(own.status == 409, f"approved by who asked: {own.status}")
        answers = together([approve] * 5)
        left = stage.points_of(member, stage.people.careful)
        stage.must((_won(answers), left) == (1, points), f"{statuses(answers)}, {left} points")
    stage.say(f"5 at once: {statuses(answers)}")
