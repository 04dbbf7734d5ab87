"""A few families of members to whom all that the services know happens, through the gateway; they are copied later.

Each returns the ids that it made, named as the parameters of the published paths are.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from clients.api import ok
from clients.ledger import event, on_delivery, purchase
from clients.payments import INTENTS, intent, line
from clients.points import EXPIRY_RUNS, POINTS
from clients.rules import rule, rule_set
from clients.tiers import tiers_document
from clients.vouchers import order
from people import Merchant, Person, new_member, new_merchant, signed_in

from tools.demo.caller import wait_for
from tools.target import Native, make_operator

Things = dict[str, Any]
CARDS = {
    "name": "A till",
    "columns": {"member_id": "Card", "points": "Points"},
    "constants": {"kind": "earn"},
    "key": ["Receipt"],
}
SEGMENT = "vip"
BUDGET = "daily"
# What one operator may give by hand on a day, which all the families together stay below.
LIMIT = 10**6
# What is to be due when the jobs are measured.
SOON_SECONDS = 5


def operator_of(target: Native) -> Person:
    """Return the operator, made where there is none."""
    make_operator(target)
    return signed_in(target.url, target.settings["OPERATOR_EMAIL"], target.settings["OPERATOR_PASSWORD"])


def common(operator: Person) -> Things:
    """Make what all families share and no copy repeats: the operator and one programme, which is the default, with a
    draft of rules, an event that can be told, a budget, two segments, and tiers."""
    programme = operator.points.make_programme("Scale", adjustment_limit=LIMIT, notice_days=[30])
    draft = operator.rules.draft(
        programme["id"], rule_set(rule("base", {"kind": "per_amount", "points": 1, "amount": 100}))
    )
    types = {"city": {"type": "text"}, "birthday": {"type": "date"}}
    operator.rules.say_types(programme["id"], events={"visit": {}}, attributes=types)
    condition = {"field": "member.attributes.city", "op": "eq", "value": "Köln"}
    operator.segments.make(programme["id"], SEGMENT)
    operator.segments.make(programme["id"], "local", condition)
    operator.budgets.make(programme["id"], BUDGET, of="points", most=1_000, per="day", rule_id="base")
    operator.tiers.replace(programme["id"], tiers_document(("silver", 5), ("gold", 10**6)))
    made = {"version": str(draft["version"]), "segment_code": SEGMENT, "budget_code": BUDGET}
    return {"programme_id": str(programme["id"]), **made, "operator_id": operator.id}


def families(url: str, operator: Person, count: int) -> Iterator[Things]:
    """Make so many families, one after the other."""
    for _ in range(count):
        yield _family(url, operator)


def _family(url: str, operator: Person) -> Things:
    shop = new_merchant(url, operator)
    member, other, old, idle = (new_member(url, money=money) for money in (100_000, 0, 0, 0))
    things = {"member_id": member.id, "user_id": member.id, "merchant_id": shop.id, "other_id": other.id}
    things |= {"email": ok(member.api.get("/api/v1/auth/me"))["email"]}
    operator.segments.know(member.id, city="Köln", birthday="1984-02-29")
    operator.segments.change(operator.points.default_programme()["id"], SEGMENT, add=[member.id])  # type: ignore[index]
    operator.tiers.bring(operator.points.default_programme()["id"], {"member_id": member.id, "tier": "silver"})
    operator.tiers.give(member.id, "silver", programme=operator.points.default_programme()["id"])  # type: ignore[index]
    things |= _pays(member, shop)
    things |= _moves(operator, member, other, shop)
    things |= _waits(operator, member)
    things |= _vouchers(operator, member, shop)
    things |= _runs(operator, old)
    operator.points.earn(old.id, 20)
    things |= {"merge_id": operator.ledger.merge(old.id, other.id)["id"]}
    _is_due_soon(operator, idle)
    return things


def _pays(member: Person, shop: Merchant) -> Things:
    first = member.payments.pay(shop.id, line("book", 8_000), line("lamp", 4_000))
    refund = shop.system.payments.refund(first["id"], lines=[{"line_id": "lamp", "quantity": 1}])
    for price in (1_000, 2_000):
        member.payments.pay(shop.id, line("vase", price))
    ok(member.api.post(INTENTS, intent(shop.id, line("chair", 3_000), tender="card")), 201)
    wallet = member.payments.wallet()
    return {
        "intent_id": first["id"],
        "order_id": first["order_id"],
        "refund_id": refund["id"],
        "wallet_id": wallet["id"],
    }


def _moves(operator: Person, member: Person, other: Person, shop: Merchant) -> Things:
    earned = operator.points.earn(member.id, 900, reference=str(uuid4()))
    spent = member.points.redeem(100)
    recorded = shop.system.ledger.record(
        purchase(member.id, ("book", 2, 7_000), ("lamp", 1, 5_000), redemption_ids=[spent["id"]])
    )
    shop.system.ledger.give_back(recorded["id"], lines=[{"line_id": "book", "quantity": 1}])
    member.points.transfer(other.id, 15)
    correction = {"member_id": member.id, "points": 11, "reason": "counted wrongly"}
    wrong = ok(operator.api.post(f"{POINTS}/adjustments", correction), 201)
    ok(operator.api.post(f"{POINTS}/transactions/{wrong['id']}/reversal"), 201)
    waiting = ok(operator.api.post(f"{POINTS}/adjustments", {**correction, "points": LIMIT + 1}), 202)
    return {
        "transaction_id": earned["id"],
        "reference": earned["reference"],
        "purchase_id": recorded["id"],
        "purchase_reference": recorded["purchase_id"],
        "event_id": shop.system.ledger.tell(event(member.id, "visit"))["id"],
        "reversed_event_id": operator.ledger.take_back(shop.system.ledger.tell(event(member.id, "visit"))["id"])["id"],
        "request_id": waiting["id"],
    }


def _waits(operator: Person, member: Person) -> Things:
    wait = {"activates": on_delivery()}
    operator.points.earn(member.id, 40, reference="order-1", **wait)
    operator.ledger.happened(member.id, reference="order-1")
    operator.ledger.cancel(operator.points.earn(member.id, 30, reference="order-2", **wait)["id"])
    pending = operator.points.earn(member.id, 20, reference="order-3", **wait)
    first, second, third = (member.ledger.hold(points)["id"] for points in (50, 20, 10))
    member.ledger.capture(first, points=30)
    member.ledger.void(second)
    return {"pending_id": pending["id"], "hold_id": third}


def _vouchers(operator: Person, member: Person, shop: Merchant) -> Things:
    campaign = operator.points.make_campaign(operator.points.default_programme()["id"], name="Off", off=500, price=30)  # type: ignore[index]
    job = operator.points.make_codes(campaign["id"], 20)
    wait_for(lambda: operator.points.job(job)["state"], "done", "codes")
    voucher, kept = member.points.claim(campaign["id"]), member.points.claim(campaign["id"])
    used = member.points.use_voucher(voucher["code"], order(merchant_id=shop.id))
    return {
        "campaign_id": campaign["id"],
        "job_id": job,
        "code": kept["code"],
        "redemption_id": used["id"],
        "voucher_order": used["order_id"],
    }


def _runs(operator: Person, member: Person) -> Things:
    long_ago = (datetime.now(UTC) - timedelta(days=400)).isoformat()
    operator.points.earn(member.id, 90, occurred_at=long_ago)
    run_id = ok(operator.api.post(EXPIRY_RUNS, {}), 202)["id"]
    wait_for(lambda: operator.points.expiry_run(run_id)["state"], "done", "an expiry run")
    [expired] = operator.points.transactions(member_id=member.id, kind="expired")
    operator.ledger.reinstate(member.id, expired["id"], points=60)
    return {"run_id": run_id, "import_id": _import(operator, member), "backtest_id": _backtest(operator)}


def _backtest(operator: Person) -> str:
    """Try the programme's one draft on what was bought so far."""
    programme = operator.points.default_programme()["id"]  # type: ignore[index]
    span = {"from_": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
    backtest_id: str = operator.rules.start_backtest(programme, 1, **span)["id"]
    wait_for(lambda: operator.rules.backtest(programme, 1, backtest_id)["state"], "done", "a backtest")
    return backtest_id


def _import(operator: Person, member: Person) -> str:
    points, rows = operator.points, [f"{uuid4()},{member.id},{number}" for number in (5, 6, "none")]
    import_id = points.make_import(CARDS)
    points.upload(import_id, "\n".join(["Receipt,Card,Points", *rows]).encode())
    for ask, state in ((points.validate_import, "validated"), (_commit(operator), "done")):
        ask(import_id)
        wait_for(lambda: points.read_import(import_id)["state"], state, "an import")
    return import_id


def _commit(operator: Person) -> Any:
    return lambda import_id: operator.points.commit_import(import_id, without_refused=True)


def _is_due_soon(operator: Person, member: Person) -> None:
    """Give points that end, wait and are held until a moment from now; no job runs meanwhile.

    Those that end are of somebody else's: what closes a hold or pending points ends the lots of their member as well.
    """
    soon = (datetime.now(UTC) + timedelta(seconds=SOON_SECONDS)).isoformat()
    operator.points.earn(str(uuid4()), 25, expires_at=soon)
    operator.points.earn(member.id, 50)
    operator.points.earn(member.id, 35, expires_at=(datetime.now(UTC) + timedelta(days=20)).isoformat())
    operator.points.earn(member.id, 15, activates={"at": soon})
    member.ledger.hold(5, expires_in=SOON_SECONDS)
