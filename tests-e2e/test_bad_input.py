"""Whatever is sent to an endpoint that moves value: a 4xx with a code, and nothing written."""

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from clients.api import Api, refused
from clients.payments import INTENTS, WALLETS, card, eur, intent, line
from clients.points import CAMPAIGNS, POINTS, VOUCHERS
from people import Merchant, Person, new_member

HUGE, BEYOND_64_BITS = 10**18, 10**30
BAD_NUMBERS = [0, -1, HUGE, BEYOND_64_BITS, 1.5, 1e3, "1", True, None, [], {}]


@dataclass(frozen=True)
class Endpoint:
    """A request that would be good: who sends what where, and which of its members is a number."""

    api: Api
    path: str
    body: dict[str, Any]
    number: tuple[str | int, ...] = ()


@pytest.fixture(scope="module")
def payer(url: str) -> Person:
    """A member with money who sends nothing good in this module, so that every change would be one too many."""
    return new_member(url, money=50_000)


@pytest.fixture(scope="module")
def endpoints(operator: Person, payer: Person, merchant: Merchant, programme: str) -> dict[str, Endpoint]:
    """All endpoints that move value."""
    campaign = operator.points.make_campaign(programme, name="Free", off=500, price=0)["id"]
    waiting = payer.api.post(INTENTS, intent(merchant.id, line("book", 100))).json()["id"]
    earned = operator.points.earn(payer.id, 5, programme=programme)["id"]
    gift = {"member_id": payer.id, "points": 5, "reason": "a gift", "programme": programme}
    order = {"id": "o", "merchant_id": merchant.id, "currency": "EUR", "lines": [line("a", 100)]}
    wallet = payer.payments.wallet()["id"]
    one = ("amount", "amount")
    return {
        "earn": Endpoint(operator.api, f"{POINTS}/earnings", gift, ("points",)),
        "redeem": Endpoint(payer.api, f"{POINTS}/redemptions", {"points": 1, "reason": "a treat"}, ("points",)),
        "adjust": Endpoint(operator.api, f"{POINTS}/adjustments", {**gift, "points": 10**13}, ("reason",)),
        "reverse": Endpoint(operator.api, f"{POINTS}/transactions/{earned}/reversal", {"reason": ""}, ("reason",)),
        "batch": Endpoint(operator.api, f"{POINTS}/batches", {"postings": [gift]}, ("postings",)),
        "claim": Endpoint(payer.api, f"{CAMPAIGNS}/{campaign}/claims", {"member_id": payer.id}, ("member_id",)),
        "make codes": Endpoint(operator.api, f"{CAMPAIGNS}/{campaign}/codes", {"count": 10}, ("count",)),
        "use a voucher": Endpoint(
            payer.api, f"{VOUCHERS}/redemptions", {"code": "NONE", "order": order}, ("order", "lines", 0, "quantity")
        ),
        "top up": Endpoint(
            payer.api, f"{WALLETS}/{wallet}/topups", {"amount": eur(100), "source": {"card": card()}}, one
        ),
        "pay": Endpoint(payer.api, INTENTS, {**intent(merchant.id, line("book", 100)), "confirm": True}, one),
        "confirm": Endpoint(
            payer.api,
            f"{INTENTS}/{waiting}/confirm",
            {"tenders": [{"type": "wallet", "amount": 100}]},
            ("tenders", 0, "amount"),
        ),
        "refund": Endpoint(operator.api, f"{INTENTS}/{waiting}/refunds", {"amount": eur(100)}, one),
    }


NAMES = (
    *("earn", "redeem", "adjust", "reverse", "batch", "claim"),
    *("make codes", "use a voucher", "top up", "pay", "confirm", "refund"),
)


@pytest.fixture(params=NAMES)
def endpoint(request: pytest.FixtureRequest, endpoints: dict[str, Endpoint]) -> Endpoint:
    return endpoints[request.param]


@pytest.fixture(autouse=True)
def nothing_is_written(endpoint: Endpoint, payer: Person, programme: str) -> Any:
    """Compare what the payer has, and every movement of it, before and after."""
    before = _books(payer, programme)
    yield
    assert _books(payer, programme) == before


def test_wrong_numbers_are_refused(endpoint: Endpoint) -> None:
    for value in BAD_NUMBERS:
        if value == "1" and endpoint.number == ("reason",):
            continue  # a reason is a text
        if value == 0 and endpoint.number == ("order", "lines", 0, "quantity"):
            continue  # a free sample has no pieces
        problem = refused(endpoint.api.post(endpoint.path, _with(endpoint.body, endpoint.number, value)), 400)
        assert problem["code"] in ("request.invalid", "payments.lines_mismatch", "payments.tender_mismatch"), value


def test_a_number_that_is_none_is_refused(endpoint: Endpoint) -> None:
    for word in ("NaN", "Infinity", "-Infinity"):
        text = json.dumps(_with(endpoint.body, endpoint.number, "@")).replace('"@"', word)
        refused(endpoint.api.post_raw(endpoint.path, text.encode()), 400, "request.malformed")


def test_unknown_fields_are_refused(endpoint: Endpoint) -> None:
    refused(endpoint.api.post(endpoint.path, {**endpoint.body, "amount_": 1}), 400, "request.invalid")


def test_another_currency_is_refused(endpoint: Endpoint) -> None:
    if "currency" not in json.dumps(endpoint.body):
        # It takes no money: a currency is an unknown field.
        refused(endpoint.api.post(endpoint.path, {**endpoint.body, "currency": "USD"}), 400, "request.invalid")
        return
    for currency in ("EURO", "eur", "", "XXX", 978):
        text = json.dumps(endpoint.body).replace('"EUR"', json.dumps(currency))
        refused(endpoint.api.post_raw(endpoint.path, text.encode()), 400, "request.invalid")


def test_what_is_no_json_object_is_refused(endpoint: Endpoint) -> None:
    for body in (b"{", b"[]", b'"text"', b"1", b"null", b'{"points": 1, "points": 2}', b"points=1"):
        refused(endpoint.api.post_raw(endpoint.path, body), 400)


def test_hostile_bytes_are_refused(endpoint: Endpoint) -> None:
    good = json.dumps(endpoint.body)
    is_text = '": "' in good
    bodies = {
        # A batch answers each of its lines by itself.
        "NUL": good.replace('": "', '": "\\u0000', 1) if is_text and "postings" not in good else '{"\\u0000": 1}',
        "raw NUL": good[:-1] + ', "a": "\x00"}',
        "lone surrogate": good[:-1] + ', "a": "\\ud800"}',
        "deep": good[:-1] + ', "a": ' + "[" * 5000 + "]" * 5000 + "}",
    }
    for body in bodies.values():
        refused(endpoint.api.post_raw(endpoint.path, body.encode()), 400)
    refused(endpoint.api.post_raw(endpoint.path, good.encode() + b"\xff\xfe"), 400, "request.malformed")


def test_oversized_bodies_are_refused(endpoint: Endpoint) -> None:
    body = json.dumps(endpoint.body)[:-1] + ', "a": "' + "x" * 20_000_000 + '"}'

    refused(endpoint.api.post_raw(endpoint.path, body.encode()), 413)


def test_other_content_types_are_refused(endpoint: Endpoint) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = endpoint.api.post_raw(endpoint.path, json.dumps(endpoint.body).encode(), content_type)
        refused(answer, 415, "request.unsupported_media_type")


def test_ids_that_are_not_there_are_refused(endpoint: Endpoint) -> None:
    for path in (
        endpoint.path.replace(part, str(uuid4())) for part in endpoint.path.split("/") if part.count("-") == 4
    ):
        refused(endpoint.api.post(path, endpoint.body), 404)


def test_a_missing_key_is_refused(endpoint: Endpoint) -> None:
    refused(endpoint.api.post(endpoint.path, endpoint.body, key=None), 400)


def _books(payer: Person, programme: str) -> Any:
    return payer.points.transactions(programme=programme), payer.payments.entries(), payer.payments.balance()


def _with(body: dict[str, Any], where: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Return the body with another value at one place."""
    changed = deepcopy(body)
    inner: Any = changed
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = value
    return changed
