"""What the matrix asks for: one of each thing, the member's, the merchant's or the house's, by the name of its id."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tools.attack import vouchers
from tools.attack.line import Line
from tools.attack.people import CARD, PASSWORD, client_of, once_known, person, signed_in
from tools.attack.races import payment
from tools.attack.stage import Stage
from tools.drills.client import Client

Ids = dict[str, str]
_EURO = {"id": "base", "name": "1 point per 1.00", "trigger": "purchase",
    "effect": {"kind": "per_amount", "points": 1, "amount": 100}}  # fmt: skip
# Nobody comes to these.
TIERS = {
    "document": {
        "metric": "points",
        "window": {"kind": "calendar", "month": 1},
        "tiers": [{"code": "gold", "name": "Gold", "enter": 10**12}],
    }
}
RULES = {"document": {"language": 1, "stacking": "all", "rules": [_EURO]}}


def made(stage: Stage) -> Ids:
    """Make everything."""
    things = {"programme_id": stage.people.programme, "merchant_id": stage.people.merchant_id, "role": "analyst"}
    for make in (_accounts, _money, _points, _held, _vouchers, _of_the_house):
        things |= make(stage)
    return things


def absent(ids: Ids) -> Ids:
    """Return ids of nothing in place of all that somebody may own."""
    kept = {"role", "programme_id", "version", "other_member_id", "new_id"}
    return {name: value if name in kept or name.startswith("own_") else str(uuid4()) for name, value in ids.items()}


def _accounts(stage: Stage) -> Ids:
    member, spare = stage.people["member"], person(stage.url, stage.operator)
    refresh = signed_in(stage.url, member.email)["refresh"]
    sessions = member.line.get("auth/sessions").body["results"]
    own = {"member_id": member.id, "own_email": member.email, "own_refresh": refresh}
    others = {"other_member_id": stage.people["other_member"].id, "user_id": spare.id}
    client, till = (client_of(stage.url, stage.operator, stage.people.merchant_id).id for _ in range(2))
    secret = _operators(stage).post(f"auth/clients/{till}/secrets").body["secret"]
    tills = {"client_id": client, "own_client_id": till, "own_client_secret": secret}
    return {**own, **others, **tills, "session_id": sessions[0]["id"]}


def _money(stage: Stage) -> Ids:
    member = stage.people["member"]
    client = Client(stage.url, member.email, PASSWORD)
    wallet = client.post("wallets", {"currency": "EUR"})["id"]
    topup = {"amount": {"amount": 10_000, "currency": "EUR"}, "source": {"card": CARD}}
    client.post(f"wallets/{wallet}/topups", topup)
    intent = client.post("payments/intents", payment(stage.people.merchant_id, 1_000, confirm=True))["id"]
    one_cent = {"amount": {"amount": 1, "currency": "EUR"}}
    refund = stage.operator.post(f"payments/intents/{intent}/refunds", one_cent)["id"]
    return {"wallet_id": wallet, "intent_id": intent, "refund_id": refund}


def _points(stage: Stage) -> Ids:
    member, operator = stage.people["member"].id, stage.operator
    gift = {"member_id": member, "points": 500, "reason": "a gift", "programme": stage.people.programme}
    earned = operator.post("points/earnings", gift)["id"]
    soon = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    waits = {"activates": {"on_event": "delivered", "deadline": soon}}
    pending, _stays = (operator.post("points/earnings", {**gift, **waits})["id"] for _ in range(2))
    above = {**gift, "points": 5_000, "programme": stage.people.careful}
    waiting = once_known(lambda: _operators(stage).post("points/adjustments", above)).body["id"]
    amount = {"amount": 1_000, "currency": "EUR"}
    body = {"member_id": member, "purchase_id": str(uuid4()), "amount": amount}
    purchase = stage.people["merchant_client"].line.post("points/purchases", body).body["id"]
    made = {"transaction_id": earned, "pending_id": pending, "request_id": waiting, "purchase_id": purchase}
    return {**made, "event_id": _event(stage, member)}


def _event(stage: Stage, member: str) -> str:
    """Have a merchant's program tell that the member came in."""
    schema = f"programmes/{stage.people.programme}/rule-schema"
    _operators(stage).ask("PUT", schema, json={"events": {"visit": {}}})
    now = datetime.now(UTC).isoformat()
    said = {"member_id": member, "event_id": str(uuid4()), "name": "visit", "occurred_at": now}
    return str(stage.people["merchant_client"].line.post("points/events", said).body["id"])


def _held(stage: Stage) -> Ids:
    hold = stage.people["member"].line.post("points/holds", {"points": 5, "reference": "a table"}).body["id"]
    return {"hold_id": hold}


def _vouchers(stage: Stage) -> Ids:
    campaign, member = vouchers.open_campaign(stage, 10), stage.people["member"]
    code, used = (vouchers.claimed(stage, campaign, member) for _ in range(2))
    body = {"code": used, "order": vouchers.order(stage.people.merchant_id)}
    redemption = member.line.post("vouchers/redemptions", body).body["id"]
    job = stage.operator.post(f"vouchers/campaigns/{campaign}/codes", {"count": 1})["id"]
    return {"campaign_id": campaign, "code": code, "redemption_id": redemption, "job_id": job}


def _of_the_house(stage: Stage) -> Ids:
    operator = stage.operator
    old, new, older = (person(stage.url, operator).id for _ in range(3))
    merge = operator.post("points/merges", {"from_member_id": older, "into_member_id": new, "reason": "two cards"})[
        "id"
    ]
    run = operator.post("points/expiry-runs", {"as_of": "2020-01-01T00:00:00Z"})["id"]
    version = _rules(stage)
    tried = operator.post(
        f"programmes/{stage.people.programme}/rules/{version}/backtests",
        {"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"},
    )["id"]
    house = {"version": version, "import_id": _import(stage), "backtest_id": tried, "segment_code": _segment(stage)}
    house["budget_code"] = _budget(stage)
    house["override_id"] = _override(stage, new)
    return {"merge_id": merge, "run_id": run, "old_id": old, "new_id": new, **house}


def _override(stage: Stage, member: str) -> str:
    """Let the programme have tiers, and a member one by hand; the member of the roles had one, so that there are
    changes to be seen."""
    tiers = f"programmes/{stage.people.programme}/tiers"
    stage.people["operator"].line.ask("PUT", tiers, json=TIERS)
    said = {"tier": "gold", "reason": "a friend"}
    over = stage.operator.post(f"{tiers}/overrides", {"member_id": stage.people["member"].id, **said})["id"]
    stage.operator.post(f"{tiers}/overrides/{over}/end", {})
    return str(stage.operator.post(f"{tiers}/overrides", {"member_id": member, **said})["id"])


def _rules(stage: Stage) -> str:
    return str(stage.operator.post(f"programmes/{stage.people.programme}/rules", RULES)["version"])


def _segment(stage: Stage) -> str:
    body = {"code": f"s-{uuid4()}", "name": "Somebody"}
    return str(stage.operator.post(f"programmes/{stage.people.programme}/segments", body)["code"])


def _budget(stage: Stage) -> str:
    body = {"code": f"b-{uuid4()}", "name": "Much", "of": "points", "most": 10**9, "per": "ever"}
    return str(stage.operator.post(f"programmes/{stage.people.programme}/budgets", body)["code"])


def _import(stage: Stage) -> str:
    mapping: dict[str, Any] = {"name": "an import", "columns": {"member_id": "member", "points": "points"}}
    constants = {"reason": "an import", "kind": "earn"}
    made_now = stage.people["operator"].line.post("points/imports", {**mapping, "constants": constants})
    return str(made_now.body.get("id", uuid4()))


def fresh(stage: Stage, operation: str, ids: Ids) -> Ids:
    """Make again what an operation takes away, so that each role asks for one that is there."""
    if operation in ("remove_role", "deactivate_user"):
        return {**ids, "user_id": person(stage.url, stage.operator, "analyst").id}
    if operation == "delete_segment":
        return {**ids, "segment_code": _segment(stage)}
    if operation == "end_budget":
        return {**ids, "budget_code": _budget(stage)}
    if operation == "delete_client_secret":
        client = client_of(stage.url, stage.operator, stage.people.merchant_id).id
        secret = _operators(stage).post(f"auth/clients/{client}/secrets").body
        return {**ids, "client_id": client, "secret_id": str(secret.get("id") or secret["secret"]["id"])}
    if operation == "end_session":
        member = stage.people["member"]
        signed_in(stage.url, member.email)
        return {**ids, "session_id": member.line.get("auth/sessions").body["results"][0]["id"]}
    return ids


def _operators(stage: Stage) -> Line:
    return stage.people["operator"].line
