"""A shop's own system asks a member to pay: the member says whether and how, and the lines stay the shop's word."""

from typing import Any
from uuid import uuid4

import pytest
from books import sent_twice
from clients.api import ok, once_known, refused
from clients.payments import INTENTS, card, intent, line
from eventually import eventually
from people import Merchant, Person, new_merchant, new_program

BY_WALLET = {"tenders": [{"type": "wallet"}]}
BOOK = {**line("book", 2_000), "brand": "Plaza Press", "metadata": {"signed": True, "shelf": 12}}
SAID = {"channel": "till", "store": "berlin-1", "metadata": {"receipt": "4711"}}


@pytest.fixture(scope="module")
def till(url: str, operator: Person, merchant: Merchant) -> Person:
    """What the merchant's system asks members to pay by."""
    return new_program(url, operator, merchant.id, scopes=["payments:create"])


def asked(merchant: Merchant, member_id: str) -> dict[str, Any]:
    body = {**intent(merchant.id, BOOK), **SAID, "member_id": member_id}
    del body["tenders"]
    return body


@pytest.fixture
def waiting(till: Person, merchant: Merchant, member: Person, programme: str) -> dict[str, Any]:
    """An intent that the shop's system made, and the member has not paid yet."""
    body, key = asked(merchant, member.id), str(uuid4())
    made: dict[str, Any] = ok(once_known(lambda: till.api.post(INTENTS, body, key=key)), 201)
    assert (made["status"], made["made_by"], made["tenders"]) == ("requires_confirmation", "merchant", [])
    return made


def test_a_member_pays_what_the_shop_counted_up_and_points_know_whose_word_it_is(
    member: Person, merchant: Merchant, waiting: dict[str, Any]
) -> None:
    path = f"{INTENTS}/{waiting['id']}/confirm"
    refused(member.api.post(path), 400, "payments.tender_required")
    refused(member.api.post(path, {**BY_WALLET, "lines": [line("book", 1)]}), 400, "request.invalid")
    assert member.payments.balance() == 100_000

    paid = sent_twice(member.api, path, BY_WALLET, status=200)

    assert (paid["status"], paid["lines"], paid["made_by"]) == ("succeeded", waiting["lines"], "merchant")
    own = member.payments.pay(merchant.id, line("lamp", 1_000))
    eventually(lambda: len(member.ledger.purchases()), 2)
    found = {one: member.ledger.purchase(one) for one in (paid["id"], own["id"])}
    assert [one["lines_by"] for one in found.values()] == ["merchant", "member"]
    bought = found[paid["id"]]
    assert {name: bought[name] for name in SAID} == SAID
    known = ("sku", "category", "brand", "metadata")
    assert {name: bought["lines"][0][name] for name in known} == {name: BOOK[name] for name in known}


def test_nobody_else_pays_or_sees_it_and_its_shop_takes_it_back(
    url: str, operator: Person, till: Person, other_member: Person, merchant: Merchant, waiting: dict[str, Any]
) -> None:
    another = new_merchant(url, operator)
    others = new_program(url, operator, another.id, scopes=["payments:create"])
    path = f"{INTENTS}/{waiting['id']}"

    refused(other_member.api.get(path), 404)
    refused(other_member.api.post(f"{path}/confirm", {"tenders": [{"type": "card", "card": card()}]}), 404)
    refused(till.api.post(f"{path}/confirm", BY_WALLET), 403)
    refused(others.api.post(f"{path}/cancel"), 404)
    for body in ({"confirm": True}, BY_WALLET):
        refused(till.api.post(INTENTS, {**asked(merchant, other_member.id), **body}), 400, "request.invalid")
    refused(others.api.post(INTENTS, asked(merchant, other_member.id)), 404, "payments.merchant_unknown")
    refused(till.api.post(INTENTS, asked(merchant, str(uuid4()))), 409, "members.unknown")

    assert ok(till.api.post(f"{path}/cancel"))["status"] == "canceled"
    refused(merchant.system.api.post(f"{path}/cancel"), 409, "payments.intent_state")
