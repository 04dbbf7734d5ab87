"""Points out of nothing: what merchants and people of the house may not give, to themselves above all."""

from functools import partial
from typing import Any
from uuid import uuid4

from tools.attack.catalogue import probe
from tools.attack.people import ADJUSTMENT_LIMIT, Caller, once_known, person, program
from tools.attack.stage import Stage
from tools.drills.waits import eventually

EUR = "EUR"
LONG_AGO = "2001-01-01T00:00:00Z"


def purchase(member_id: str, cents: int, **more: Any) -> dict[str, Any]:
    """Return the body by which a merchant records a purchase."""
    amount = {"amount": cents, "currency": EUR}
    return {"member_id": member_id, "purchase_id": str(uuid4()), "amount": amount, **more}


@probe
def minting_by_a_merchant(stage: Stage) -> None:
    """A merchant makes no points of huge sums, of 2001, for its own staff or for nobody; nor does one not listed."""
    till, other_till = (stage.people[f"{which}merchant_client"] for which in ("", "other_"))
    member, shop = stage.member().id, stage.people.merchant_id
    staff = person(stage.url, stage.operator, "merchant", merchant_id=shop).id
    honest = _recorded(stage, till, purchase(member, 1_000))
    stage.must(honest == 10, f"an honest purchase of 10.00 EUR: {honest} points")
    ways = {
        "10^12 cents": _recorded(stage, till, purchase(member, 10**12)),
        "in 2001": _recorded(stage, till, purchase(member, 1_000, occurred_at=LONG_AGO)),
        "for its own staff": _recorded(stage, till, purchase(staff, 1_000)),
        "for an unknown member": _recorded(stage, till, purchase(str(uuid4()), 1_000), is_known=False),
        "not listed on the programme": _recorded(stage, other_till, purchase(member, 1_000)),
    }
    for way, minted in ways.items():
        stage.must(minted == 0, f"{way}: {minted} points from nothing")
    stage.say(f"{len(ways)} ways tried, {sum(ways.values())} points from nothing")


def _recorded(stage: Stage, till: Caller, body: dict[str, Any], *, is_known: bool = True) -> int:
    """Record a purchase in the careful programme; return how many points there are more than before, whoever's."""
    before = _all_points(stage)
    record = partial(till.line.post, "points/purchases", {**body, "programme": stage.people.careful})
    if is_known:
        eventually(lambda: record().code != "members.unknown", "known", seconds=30)
    else:
        record()
    return _all_points(stage) - before


def _all_points(stage: Stage) -> int:
    """Return the sum of all accounts of the careful programme."""
    where = f"programme_id = '{stage.people.careful}'"
    return stage.databases.number(
        "points", f"SELECT coalesce(sum(available + held), 0)::bigint FROM account WHERE {where}"
    )


@probe
def one_order_earns_once(stage: Stage) -> None:
    """One order of a merchant earns once, though both its payment and the merchant record it."""
    member, order = stage.member(money=10_000), str(uuid4())
    amount = {"amount": 10_000, "currency": EUR}
    body = {"amount": amount, "merchant_id": stage.people.merchant_id, "order_id": order, "confirm": True}
    member.line.post("payments/intents", {**body, "tenders": [{"type": "wallet"}]})
    eventually(lambda: stage.points_of(member) == 100, "earned by the payment", seconds=60)
    till = stage.people["merchant_client"].line
    again = till.post("points/purchases", purchase(member.id, 10_000, purchase_id=order))
    stage.must(stage.points_of(member) == 100, f"recorded again: {again.status}, {stage.points_of(member)} points")
    stage.say(f"recorded again: {again.status}")


@probe
def minting_by_one_operator(stage: Stage) -> None:
    """What one person gives above the limit waits for another: at once, in pieces, as an earning, in a batch."""
    operator = stage.people["admin"].line
    for kind in ("adjustments", "earnings"):
        member = stage.member()
        once_known(partial(operator.post, f"points/{kind}", _give(stage, member, ADJUSTMENT_LIMIT + 1)))
        stage.must(not _points(stage, member), f"{kind} above the limit by one person: {_points(stage, member)} points")
        below = _give(stage, member, ADJUSTMENT_LIMIT - 1)
        salami = [operator.post(f"points/{kind}", below) for _ in range(5)]
        minted, passed = _points(stage, member), sum(one.status == 201 for one in salami)
        stage.must(minted <= ADJUSTMENT_LIMIT, f"{kind}, salami: {passed} of 5 passed, {minted} points")
        stage.say(f"{kind}: {minted}")
    member = stage.member()
    line = _give(stage, member, ADJUSTMENT_LIMIT - 1)
    lines = [{**line, "key": str(uuid4()), "kind": kind} for kind in ("adjust", "earn") * 3]
    operator.post("points/batches", {"postings": lines})
    stage.must(_points(stage, member) <= ADJUSTMENT_LIMIT, f"a batch of six: {_points(stage, member)} points")
    stage.say(f"a batch: {_points(stage, member)} points by one person (limit {ADJUSTMENT_LIMIT})")


@probe
def minting_with_a_program(stage: Stage) -> None:
    """A program that an operator makes is no second person for what the operator asks for."""
    own = program(stage.url, stage.operator, {"name": "a second me", "scopes": ["points:adjust"]})
    for kind in ("adjustments", "earnings"):
        member = stage.member()
        give = _give(stage, member, ADJUSTMENT_LIMIT + 1)
        asked = once_known(partial(stage.people["operator"].line.post, f"points/{kind}", give))
        answer = own.line.post(f"points/adjustments/{asked.body.get('id')}/approve")
        stage.must(not _points(stage, member), f"{kind} approved by one's own program: {_points(stage, member)} points")
        stage.say(f"{kind}: {asked.status}, then {answer.status} {answer.code}")


def _give(stage: Stage, member: Caller, points: int) -> dict[str, Any]:
    return {"member_id": member.id, "reason": "an attack", "programme": stage.people.careful, "points": points}


def _points(stage: Stage, member: Caller) -> int:
    return stage.points_of(member, stage.people.careful)
