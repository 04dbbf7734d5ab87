"""A request that is sent again has no second effect and gets the first one's answer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from clients.api import Api, ok, refused
from clients.payments import INTENTS, WALLETS, card, eur, intent, line
from clients.points import POINTS
from people import Merchant, Person

Command = tuple[Api, str, dict[str, Any]]


@pytest.fixture(params=["an earning", "a payment", "a top-up"])
def command(
    request: pytest.FixtureRequest, operator: Person, member: Person, merchant: Merchant, programme: str
) -> Command:
    """A request that moves value."""
    if request.param == "an earning":
        gift = {"member_id": member.id, "points": 7, "reason": "a gift", "programme": programme}
        return operator.api, f"{POINTS}/earnings", gift
    if request.param == "a payment":
        return member.api, INTENTS, {**intent(merchant.id, line("book", 700)), "confirm": True}
    topup = {"amount": eur(700), "source": {"card": card()}}
    return member.api, f"{WALLETS}/{member.payments.wallet()['id']}/topups", topup


def test_the_same_key_gives_the_same_answer(command: Command) -> None:
    api, path, body = command
    key = str(uuid4())
    first, again = api.post(path, body, key=key), api.post(path, body, key=key)

    ok(first, 201)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_the_same_key_for_another_request_is_refused(command: Command) -> None:
    api, path, body = command
    key = str(uuid4())
    ok(api.post(path, body, key=key), 201)
    changed = {**body, "points": 8} if "points" in body else {**body, "amount": eur(701)}

    refused(
        api.post(path, {**changed, "lines": []} if "lines" in body else changed, key=key), 422, "idempotency.key_reused"
    )


def test_without_a_key_nothing_moves(command: Command) -> None:
    api, path, body = command

    refused(api.post(path, body, key=None), 400, "idempotency.key_required")
    refused(api.post(path, body, key="x" * 256), 400, "idempotency.key_invalid")


def test_one_key_fifty_times_at_once_pays_once(member: Person, merchant: Merchant) -> None:
    body, key = {**intent(merchant.id, line("book", 1_000)), "confirm": True}, str(uuid4())

    def pay(_: int) -> int:
        # A session of its own: a connection is one thread's.
        return Api(member.api.url, member.api.token).post(INTENTS, body, key=key).status_code

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(pay, range(50)))

    # 409 says that the first one still runs; it is for the caller to ask again.
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert [entry["amount"]["amount"] for entry in member.payments.entries()] == [-1_000, 100_000]


def test_an_order_is_paid_once_whatever_the_key(member: Person, merchant: Merchant) -> None:
    body = {**intent(merchant.id, line("book", 1_000)), "confirm": True}
    ok(member.api.post(INTENTS, body), 201)

    refused(member.api.post(INTENTS, body), 409, "payments.order_has_intent")
    assert member.payments.balance() == 99_000
