"""What is sent to each operation when the matrix is asked: a body that works for whoever may."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tools.attack import vouchers
from tools.attack.line import Answer, Line
from tools.attack.people import CARD, PASSWORD, TERMS
from tools.attack.things import RULES, TIERS, Ids

CENT = {"amount": 1, "currency": "EUR"}
WHY = {"reason": "an attack"}
Make = Callable[[Ids], Any]


def _for_member(**more: Any) -> Make:
    return lambda ids: {"member_id": ids["member_id"], **WHY, **more}


def _fixed(**body: Any) -> Make:
    return lambda ids: body


def _use(ids: Ids) -> Any:
    return {"code": ids["code"], "member_id": ids["member_id"], "order": vouchers.order(ids["merchant_id"])}


def _purchase(ids: Ids) -> Any:
    return {"member_id": ids["member_id"], "purchase_id": str(uuid4()), "amount": {"amount": 100, "currency": "EUR"}}


def _event(ids: Ids) -> Any:
    now = datetime.now(UTC).isoformat()
    return {"member_id": ids["member_id"], "event_id": str(uuid4()), "name": "visit", "occurred_at": now}


def _intent(ids: Ids) -> Any:
    order = {"merchant_id": ids["merchant_id"], "order_id": str(uuid4()), "tenders": [{"type": "wallet"}]}
    return {"amount": CENT, "member_id": ids["member_id"], **order}


def _one_day(_ids: Ids) -> Any:
    return {"at": (datetime.now(UTC) + timedelta(days=300)).isoformat()}


def _batch(ids: Ids) -> Any:
    line = {"key": str(uuid4()), "kind": "earn", "member_id": ids["member_id"], "points": 1, **WHY}
    return {"postings": [line]}


BODIES: dict[str, Make] = {
    "register": lambda ids: {"email": f"somebody-{uuid4()}@example.com", "password": PASSWORD},
    "sign_in": lambda ids: {"email": ids["own_email"], "password": PASSWORD},
    "refresh_tokens": lambda ids: {"refresh": ids["own_refresh"]},
    "sign_out": _fixed(refresh="no such token"),
    "update_profile": _fixed(name="Somebody"),
    # Refused for its form, so that everybody keeps the password; who is refused sooner has no right.
    "change_password": _fixed(current_password=PASSWORD, new_password="short"),  # noqa: S106 - too short to be one
    "give_role": _fixed(role="analyst"),
    "create_client": lambda ids: {"name": "a till", "merchant_id": ids["merchant_id"]},
    "create_intent": _intent,
    "create_refund": _fixed(amount=CENT),
    "create_merchant": _fixed(name="A shop"),
    "open_wallet": _fixed(currency="EUR"),
    "top_up_wallet": _fixed(amount=CENT, source={"card": CARD}),
    "create_programme": _fixed(name="Another", **TERMS),
    "update_programme": _fixed(name="Attacked"),
    "create_rules": _fixed(**RULES),
    "replace_rules": _fixed(**RULES),
    # So that nothing earns by them meanwhile.
    "activate_rules": _one_day,
    "create_backtest": _fixed(**{"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"}),
    "replace_member_attributes": _fixed(attributes={}),
    "replace_tiers": _fixed(**TIERS),
    "create_tier_override": _for_member(tier="gold"),
    # Of a tier that there is not, so that everybody stays what they are.
    "import_tiers": lambda ids: {"members": [{"member_id": ids["member_id"], "tier": "none"}]},
    "create_segment": lambda ids: {"code": f"s-{uuid4()}", "name": "Somebody"},
    "replace_segment": _fixed(name="Attacked"),
    "change_segment_members": lambda ids: {"add": [ids["member_id"]]},
    "create_budget": lambda ids: {"code": f"b-{uuid4()}", "name": "Much", "of": "points", "most": 10**9, "per": "ever"},
    "replace_budget": _fixed(name="Attacked", most=10**9),
    "simulate_purchase": _fixed(purchase={"amount": {"amount": 100, "currency": "EUR"}}, **RULES),
    "earn_points": _for_member(points=1),
    "redeem_points": _for_member(points=1),
    "transfer_points": lambda ids: {
        "from_member_id": ids["member_id"],
        "to_member_id": ids["other_member_id"],
        "points": 1,
        **WHY,
    },
    "adjust_points": _for_member(points=1),
    "reinstate_points": lambda ids: _for_member(transaction_id=ids["transaction_id"])(ids),
    "create_expiry_run": _fixed(as_of="2020-01-01T00:00:00Z"),
    "merge_members": lambda ids: {"from_member_id": ids["old_id"], "into_member_id": ids["new_id"], **WHY},
    "create_hold": lambda ids: {"member_id": ids["member_id"], "points": 1, "reference": "a table"},
    "extend_hold": _fixed(expires_in=900),
    "activate_for_event": lambda ids: {"member_id": ids["member_id"], "event": "nothing"},
    "create_purchase": _purchase,
    "record_purchases": lambda ids: {"purchases": [_purchase(ids)]},
    "create_event": _event,
    "record_events": lambda ids: {"events": [_event(ids)]},
    "return_purchase": lambda ids: {"return_id": str(uuid4()), "amount": CENT},
    "post_batch": _batch,
    "create_codes": _fixed(count=1),
    "update_campaign": _fixed(name="Attacked"),
    "claim_voucher": lambda ids: {"member_id": ids["member_id"]},
    "validate_voucher": _use,
    "redeem_voucher": _use,
    **{
        f"skip_message_of_{name}": _fixed(destination="warehouse", **WHY)
        for name in ("auth", "points", "payments", "warehouse")
    },
}
# Lists that may be asked for one member's.
OF_A_MEMBER = frozenset({"list_wallets", "list_intents", "list_transactions", "list_lots", "list_pending_points",
    "list_purchases", "list_events", "get_tier", "list_tier_changes", "list_vouchers", "get_statement",
    "explain_balance", "forecast_member_expiry"})  # fmt: skip
# Their effect is on who asks; so they are asked last, one after the other.
ON_THE_CALLER = frozenset({"end_all_sessions"})


@dataclass(frozen=True)
class Request:
    """One request of the matrix."""

    method: str
    path: str
    more: dict[str, Any]

    def send(self, line: Line) -> Answer:
        """Send it once."""
        headers = {"Idempotency-Key": str(uuid4()), **self.more.get("headers", {})}
        return line.ask(self.method, self.path, **{**self.more, "headers": headers})

    def named(self, ids: Ids) -> frozenset[str]:
        """Return which things it names."""
        return found_in(f"{self.path} {self.more}", ids)


def found_in(text: str, ids: Ids) -> frozenset[str]:
    """Return which things a text names; a number, as of a version, is in any text by chance and names nothing."""
    return frozenset(name for name, value in ids.items() if not value.isdecimal() and value in text)


def request(row: dict[str, str], ids: Ids) -> Request:
    """Return one operation's request about these things."""
    name, method, path = row["operation"], row["method"], row["path"].format_map(_Named(ids))
    if name == "issue_client_token":
        form = {"client_id": ids["own_client_id"], "client_secret": ids["own_client_secret"]}
        return Request(method, path, {"data": {"grant_type": "client_credentials", **form}})
    if name == "upload_import_content":
        csv = {"data": b"member,points\n", "headers": {"Content-Type": "text/csv"}}
        return Request(method, path, {"params": {"offset": 0}, **csv})
    if method in ("GET", "DELETE"):
        return Request(method, path, {"params": {"member_id": ids["member_id"]}} if name in OF_A_MEMBER else {})
    return Request(method, path, {"json": BODIES.get(name, _fixed())(ids)})


class _Named(dict[str, str]):
    def __missing__(self, _name: str) -> str:
        """Return the id of nothing, for what cannot be made."""
        return str(uuid4())
