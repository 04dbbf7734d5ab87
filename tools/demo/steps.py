"""The purchase of the demo, step by step; each step checks what it promises."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tools.demo import page
from tools.demo.caller import Answer, Caller, NotAsPromised, sign_in, wait_for

PASSWORD = "a long pass phrase for the demo"  # noqa: S105 - an account that lives for a demo
CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2099, "cvc": "123"}
API, INTENTS, CAMPAIGNS = "/api/v1", "/api/v1/payments/intents", "/api/v1/vouchers/campaigns"
Expire = Callable[[str], int]
# Within so many seconds each process of the points service knows that a programme has tiers.
HEARD_WITHIN = 1.1
TIERS = {
    "metric": "points",
    "window": {"kind": "calendar", "month": 1},
    "tiers": [{"code": "silver", "name": "Silver", "enter": 100}, {"code": "gold", "name": "Gold", "enter": 400}],
}


@dataclass
class Play:
    """Who takes part, and what the steps before have made."""

    url: str
    operator: Caller
    expire: Expire
    member: Caller = field(init=False)
    shop: Caller = field(init=False)
    email: str = field(default_factory=lambda: f"member-{uuid4().hex[:8]}@example.com")
    ids: dict[str, str] = field(default_factory=dict)
    heard_at: float = 0.0

    def all_steps(self) -> None:
        """Play everything in order.

        :raises NotAsPromised: a step was not as promised; the ones after it are not played.
        """
        steps = (self.shop_opens, self.member_comes, self.first_purchase, self.voucher, self.refund, self.reports)
        for step in (*steps, self.others_are_kept_out, self.points_end):
            step()

    def shop_opens(self) -> None:
        page.title("1  The operator makes a programme, a voucher campaign and a merchant")
        self.ids["programme"] = self._programme()
        self._tiers()
        # Of the installation's time, which a move of the test clock may have left far ahead of this machine's.
        now = datetime.fromisoformat(self.operator.get(f"{API}/sandbox/clock").value["now"])
        ends = (now + timedelta(days=90)).isoformat()
        terms = {"kind": "amount", "amount": _eur(500), "price_points": 300, "programme": self.ids["programme"]}
        made = self._post(self.operator, CAMPAIGNS, {"name": "5.00 EUR off", "ends_at": ends, **terms})
        self.ids["campaign"] = made.value["id"]
        self._post(self.operator, f"{CAMPAIGNS}/{made.value['id']}/activate", expect=200)
        job = self._post(self.operator, f"{CAMPAIGNS}/{made.value['id']}/codes", {"count": 1000}, expect=202)
        path = f"{API}/vouchers/jobs/{job.value['id']}"
        took = wait_for(lambda: self.operator.get(path).value["state"], "done", "the code job")
        page.message("generate_codes", "points → points", "1,000 unique codes made in the background", took)
        shop = self._post(self.operator, f"{API}/merchants", {"name": "The corner shop"})
        self.ids["merchant"] = shop.value["id"]
        self._list_merchant()
        page.note("✉ programme_changed, voucher_campaign_changed, merchant_created  → warehouse")
        self._shops_till()

    def member_comes(self) -> None:
        page.title("2  A member registers, signs in, tops a wallet up and pays 120.00 EUR from it")
        new = Caller(self.url, "member")
        self._post(new, f"{API}/auth/register", {"email": self.email, "password": PASSWORD})
        self.member, answer = sign_in(self.url, "member", self.email, PASSWORD)
        page.call("member", f"POST {API}/auth/token", answer)
        wallet = self._post(self.member, f"{API}/wallets", {"currency": "EUR"}).value["id"]
        self.ids["wallet"] = wallet
        self._post(self.member, f"{API}/wallets/{wallet}/topups", {"amount": _eur(60_000), "source": {"card": CARD}})
        page.wallet_entry(self._wallet_entry())

    def first_purchase(self) -> None:
        # Nothing that anybody can ask says that each process has heard of the tiers: the promise is a second.
        wait_for(lambda: time.monotonic() > self.heard_at, True, "a second since the tiers were said")
        page.title("3  The payment earns points, in another service, by a message")
        lines = [_line("book", 8_000), _line("lamp", 4_000)]
        self.ids["payment"] = self._pay(12_000, lines)
        self._points_are(120, "payment_captured", "payments → points, warehouse")
        [lot] = self.member.get(f"{API}/points/lots").value["results"]
        page.note(
            f"the lot can be spent until {lot['expires_at'][:16]}Z" if lot["expires_at"] else "the lot does not end"
        )
        self.ids["lot ends"] = lot["expires_at"]
        self._pay(30_000, [_line("chair", 30_000)])
        self._points_are(420, "payment_captured", "payments → points, warehouse")
        self._is_gold()

    def voucher(self) -> None:
        page.title("4  The member buys a voucher for 300 points and uses it on the next purchase")
        code = self._post(self.member, f"{CAMPAIGNS}/{self.ids['campaign']}/claims").value["code"]
        self._points_are(120, "points_redeemed, voucher_issued", "points → warehouse")
        lines = [_line("vase", 5_000)]
        order = {"id": "order-3", "merchant_id": self.ids["merchant"], "currency": "EUR", "lines": lines}
        used = self._post(self.member, f"{API}/vouchers/redemptions", {"code": code, "order": order}).value
        _promise(used["discount"], _eur(500), "the discount")
        page.note(f"voucher {code}: {page.euros(500)} off   ✉ voucher_redeemed  points → warehouse")
        self._pay(4_500, [])
        self._points_are(165, "payment_captured", "payments → points, warehouse")

    def refund(self) -> None:
        page.title("5  The merchant gives one line back; its points go with it")
        lines = [{"line_id": "lamp", "quantity": 1}]
        self._post(self.shop, f"{INTENTS}/{self.ids['payment']}/refunds", {"lines": lines, "reason": "broken"})
        page.wallet_entry(self._wallet_entry())
        self._points_are(125, "payment_refunded", "payments → points, warehouse")
        wallet = self.member.get(f"{API}/wallets/{self.ids['wallet']}").value
        _promise(wallet["balance"]["amount"], 60_000 - 12_000 - 30_000 - 4_500 + 4_000, "the wallet's balance")

    def reports(self) -> None:
        page.title("6  The warehouse's reports say what the ledgers say")
        path = f"{API}/reports/payments/volume"
        wanted = [["EUR", 3, 46_500, 1, 4_000, 42_500]]

        def rows() -> list[list[Any]]:
            return [row[1:7] for row in self.operator.get(path, merchant_id=self.ids["merchant"]).value["rows"]]

        took = wait_for(rows, wanted, "the merchant's day")
        self._report(path, merchant_id=self.ids["merchant"])
        self._report(f"{API}/reports/points/flow", programme=self.ids["programme"])
        page.note(f"to the cent with the ledger {took * 1000:.0f} ms after the question")
        different = self.operator.get(f"{API}/reports/reconciliation", status="different").value["rows"]
        _promise(different, [], "differences between facts and ledgers")
        page.note("reconciliation with the services' own day totals, published every 30 s: no difference so far")

    def others_are_kept_out(self) -> None:
        page.title("7  Nobody else sees or spends any of it")
        email = f"other-{uuid4().hex[:8]}@example.com"
        Caller(self.url, "other").post(f"{API}/auth/register", {"email": email, "password": PASSWORD})
        other, _ = sign_in(self.url, "other", email, PASSWORD)
        for path in (f"{INTENTS}/{self.ids['payment']}", f"{API}/wallets/{self.ids['wallet']}"):
            page.call("other", f"GET {_short(path)}", other.get(path, expect=404))
        gift = {"member_id": str(uuid4()), "points": 1_000, "reason": "mine"}
        self._post(self.member, f"{API}/points/earnings", gift, expect=403)
        head, body, _ = self.member.token.split(".")
        forged = Caller(self.url, "forger", f"{head}.{body}.{'A' * 342}")
        page.call("forger", f"GET {API}/points/balance", forged.get(f"{API}/points/balance", expect=401))

    def points_end(self) -> None:
        page.title("8  The nightly job, run twice as of the day after the lots' end")
        if self._others_have_points():
            page.note("others have points here, and the job would end theirs as well: it is left out")
            return
        if not self.ids["lot ends"]:
            page.note("the programme's lots do not end")
            return
        as_of = (datetime.fromisoformat(self.ids["lot ends"]) + timedelta(days=1)).isoformat()
        for _ in range(2):
            page.note(f'make manage s=points c="expire_points --as-of {as_of}"')
            _promise(self.expire(as_of), 0, "the job's exit code")
        ended = self.member.get(f"{API}/points/transactions", kind="expired").value["results"]
        for posted in reversed(ended):
            page.entries(posted)
        _promise(sum(posted["change"] for posted in ended), -125, "the points that ended")
        _promise(self._balance(), 0, "the balance")
        page.note("✉ points_expired  points → warehouse")

    def _others_have_points(self) -> bool:
        path = f"{API}/programmes/{self.ids['programme']}/expiry-forecast"
        return bool(self.operator.get(path).value["total"] > self._balance())

    def _programme(self) -> str:
        found = self.operator.get(f"{API}/programmes", page_size=200).value["results"]
        if default := next((one for one in found if one["is_default"]), None):
            page.note(f"programme {default['name']!r} is there from an earlier run")
            return str(default["id"])
        terms = {"currency": "EUR", "timezone": "UTC", "earn_points": 1, "earn_amount": 100, "lot_days": 365}
        worth = {"value_points": 100, "value_amount": 100}
        made = self._post(self.operator, f"{API}/programmes", {"name": "Corner points", **terms, **worth})
        page.note("1 point for 1.00 EUR, spendable for 365 days, 100 points are worth 1.00 EUR")
        return str(made.value["id"])

    def _tiers(self) -> None:
        path = f"{API}/programmes/{self.ids['programme']}/tiers"
        if self.operator.get(path, expect=(200, 404)).status == 404:
            page.call("operator", f"PUT {_short(path)}", self.operator.put(path, {"document": TIERS}))
            page.note("silver from 100 points of a calendar year, gold from 400")
        self.heard_at = time.monotonic() + HEARD_WITHIN

    def _is_gold(self) -> None:
        """Show which tier the member has and why, where the tiers are those of the demo."""
        path = f"{API}/programmes/{self.ids['programme']}/tiers"
        codes = [tier["code"] for tier in self.operator.get(path).value["document"]["tiers"]]
        found = self.member.get(f"{API}/points/tier")
        page.call("member", f"GET {API}/points/tier", found)
        for change in reversed(self.member.get(f"{API}/points/tier/changes").value["results"]):
            page.note(f"{change['before']} → {change['after']}: {change['cause']} by {change['reference']}")
        if codes == ["silver", "gold"]:
            _promise((found.value["tier"]["code"], found.value["progress"]), ("gold", 420), "tier and progress")
        page.note("✉ tier_changed  points → warehouse")

    def _list_merchant(self) -> None:
        path = f"{API}/programmes/{self.ids['programme']}"
        listed = self.operator.get(path).value["merchants"]
        if listed is not None:  # from every merchant members earn already
            changed = self.operator.patch(path, {"merchants": [*listed, self.ids["merchant"]]})
            page.call("operator", f"PATCH {_short(path)}", changed)
        page.note("members earn by purchases from the merchants that the programme lists")

    def _shops_till(self) -> None:
        body = {"name": "the shop's till", "merchant_id": self.ids["merchant"]}
        client = self._post(self.operator, f"{API}/auth/clients", body).value
        form = {"grant_type": "client_credentials", "client_id": client["id"], "client_secret": client["secret"]}
        answer = Caller(self.url, "merchant").post(f"{API}/auth/oauth/token", expect=200, data=form)
        page.call("merchant", f"POST {API}/auth/oauth/token", answer)
        self.shop = Caller(self.url, "merchant", answer.value["access_token"])

    def _pay(self, amount: int, lines: list[dict[str, Any]]) -> str:
        body = {"amount": _eur(amount), "merchant_id": self.ids["merchant"], "order_id": str(uuid4()), "confirm": True}
        paid = self._post(self.member, INTENTS, {**body, "lines": lines, "tenders": [{"type": "wallet"}]})
        _promise(paid.value["status"], "succeeded", "the payment")
        page.wallet_entry(self._wallet_entry())
        return str(paid.value["id"])

    def _points_are(self, wanted: int, name: str, journey: str) -> None:
        took = wait_for(self._balance, wanted, "the member's points")
        page.message(name, journey, f"the member has {wanted} points", took)
        newest = self.member.get(f"{API}/points/transactions", page_size=1).value["results"][0]
        page.entries(newest)

    def _balance(self) -> int:
        return int(self.member.get(f"{API}/points/balance").value["available"])

    def _wallet_entry(self) -> dict[str, Any]:
        path = f"{API}/wallets/{self.ids['wallet']}/entries"
        found: dict[str, Any] = self.member.get(path, page_size=1).value["results"][0]
        return found

    def _report(self, path: str, **query: Any) -> None:
        answer = self.operator.get(path, **query)
        page.call("operator", f"GET {path}", answer)
        hidden = {"programme_id", "failed_count", "failed_amount"}
        shown = [number for number, name in enumerate(answer.value["columns"]) if name not in hidden]
        rows = [[row[number] for number in shown] for row in answer.value["rows"]]
        page.table([answer.value["columns"][number].replace("_amount", "") for number in shown], rows)

    def _post(self, who: Caller, path: str, body: Any = None, *, expect: int = 201) -> Answer:
        answer = who.post(path, body, expect=expect)
        page.call(who.name, f"POST {_short(path)}", answer)
        return answer


def _short(path: str) -> str:
    return "/".join(f"{part[:8]}…" if part.count("-") == 4 else part for part in path.split("/"))


def _eur(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def _line(line_id: str, amount: int) -> dict[str, Any]:
    return {"line_id": line_id, "sku": f"sku-{line_id}", "category": "home", "quantity": 1, "unit_amount": amount}


def _promise(found: Any, wanted: Any, what: str) -> None:
    if found != wanted:
        raise NotAsPromised(f"{what}: {wanted!r} was promised, it is {found!r}")
