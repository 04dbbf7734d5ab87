import json

import pytest

from shared.testing.proofs import nothing_written
from tests.api.paths import INTENTS, POSTS, WALLETS
from tests.factories import card, line, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop", "wallet")]

MALFORMED = {
    "no JSON": b"{",
    "not UTF-8": b'{"amount": "\xff"}',
    "NaN": b'{"amount": NaN}',
    "infinite": b'{"amount": Infinity}',
    "a member twice": b'{"amount": 1, "amount": 2}',
    "nested too deep": b'{"amount": ' + b"[" * 40 + b"]" * 40 + b"}",
    "hopelessly deep": b"[" * 30_000,
    "no object": b"[]",
    "null": b"null",
}
BAD_AMOUNTS = [0, -1, 1.5, 1e3, "100", None, True, [], {}, 10**12 + 1, 10**30, -(2**63)]


@pytest.mark.parametrize(("path", "role", "_keyed"), POSTS)
@pytest.mark.parametrize("wrong", MALFORMED)
def test_a_malformed_body_is_refused(request, path, role, _keyed, wrong):
    with nothing_written():
        answer = request.getfixturevalue(role).post_raw(path, MALFORMED[wrong])

    assert answer.status_code == 400
    assert answer.json()["code"] in ("request.malformed", "request.invalid")


@pytest.mark.parametrize(("path", "role", "_keyed"), POSTS)
def test_an_unknown_member_is_refused_by_name(request, path, role, _keyed):
    with nothing_written():
        answer = request.getfixturevalue(role).post(path, {"is_admin": True})

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    assert {"field": "is_admin", "code": "unknown", "detail": "Unknown field."} in answer.json()["errors"]


@pytest.mark.parametrize(("path", "role", "_keyed"), POSTS)
def test_a_body_beyond_64_kib_is_refused(request, path, role, _keyed):
    with nothing_written():
        answer = request.getfixturevalue(role).post_raw(path, b'{"name": "' + b"a" * 70_000 + b'"}')

    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


@pytest.mark.parametrize(("path", "role", "_keyed"), POSTS)
def test_another_content_type_is_refused(request, path, role, _keyed):
    with nothing_written():
        answer = request.getfixturevalue(role).post_raw(path, b"amount=1", "application/x-www-form-urlencoded")

    assert (answer.status_code, answer.json()["code"]) == (415, "request.unsupported_media_type")


def refused(member, path, body, field):
    with nothing_written():
        answer = member.post_raw(path, json.dumps(body).encode())

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    named = {error["field"].removesuffix(".non_field_errors") for error in answer.json()["errors"]}
    assert field in named, answer.json()


@pytest.mark.parametrize("amount", BAD_AMOUNTS)
def test_an_amount_is_a_positive_whole_number_within_bounds(member, wallet, amount):
    money = {"amount": amount, "currency": "EUR"}
    refused(member, INTENTS, order() | {"amount": money}, "amount.amount")
    refused(member, INTENTS, order(tenders=[{"type": "wallet", "amount": amount}]), "tenders.0.amount")
    refused(member, f"{WALLETS}/{wallet.id}/topups", {"amount": money, "source": {"card": card()}}, "amount.amount")


@pytest.mark.parametrize("currency", ["XXX", "eur", "", None, 978, "EUR\x00", ["EUR"], {}])
def test_a_currency_is_one_that_is_known(member, wallet, currency):
    money = {"amount": 1, "currency": currency}
    refused(member, INTENTS, order() | {"amount": money}, "amount.currency")
    refused(member, WALLETS, {"currency": currency}, "currency")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 12000}, "amount"),
        ({"amount": {"amount": 1, "currency": "EUR", "extra": 1}}, "amount.extra"),
        ({"merchant_id": "nobody"}, "merchant_id"),
        ({"merchant_id": 1}, "merchant_id"),
        ({"member_id": None}, "member_id"),
        ({"order_id": ""}, "order_id"),
        ({"order_id": "a\x00b"}, "order_id"),
        ({"order_id": "\ud800"}, "order_id"),
        ({"order_id": "a" * 129}, "order_id"),
        ({"order_id": 7}, "order_id"),
        ({"lines": None}, "lines"),
        ({"lines": {}}, "lines"),
        ({"lines": [7]}, "lines.0"),
        ({"lines": [line(quantity=-1)]}, "lines.0.quantity"),
        ({"lines": [line(unit_amount=-1)]}, "lines.0.unit_amount"),
        ({"lines": [line(unit_amount=0.5)]}, "lines.0.unit_amount"),
        ({"lines": [line() | {"price": 1}]}, "lines.0.price"),
        ({"lines": [line("1", unit_amount=6000), line("1", unit_amount=6000)]}, "lines"),
        ({"lines": [line(str(n), unit_amount=1) for n in range(201)]}, "lines"),
        ({"tenders": []}, "tenders"),
        ({"tenders": [{"type": "wallet"}, {"type": "wallet"}]}, "tenders"),
        ({"tenders": [{"type": "points"}]}, "tenders.0.type"),
        ({"tenders": [{"type": ["wallet"]}]}, "tenders.0.type"),
        ({"tenders": [{"type": "wallet", "card": card()}]}, "tenders.0.card"),
        ({"tenders": [{"type": "card", "card": {}}]}, "tenders.0.card.number"),
        ({"capture_method": "later"}, "capture_method"),
        ({"confirm": "perhaps"}, "confirm"),
        ({"confirm": None}, "confirm"),
        ({"metadata": {"a": 1.5}}, "metadata.a"),
        ({"metadata": {"a": None}}, "metadata.a"),
        ({"metadata": {"a": ["b"]}}, "metadata.a"),
        ({"metadata": {"a": {"b": 1}}}, "metadata.a"),
        ({"metadata": {"a": "b" * 201}}, "metadata.a"),
        ({"metadata": {"a": "b\x00"}}, "metadata.a"),
        ({"metadata": {"a": 2**53}}, "metadata.a"),
        ({"metadata": {"a": -(2**53)}}, "metadata.a"),
        ({"lines": [line() | {"metadata": {"a": 0.5}}]}, "lines.0.metadata.a"),
        ({"lines": [line() | {"brand": 7}]}, "lines.0.brand"),
        ({"lines": [line() | {"brand": "b" * 65}]}, "lines.0.brand"),
        ({"channel": "c" * 41}, "channel"),
        ({"store": "berlin\u200b-1"}, "store"),
        ({"metadata": {str(n): "" for n in range(21)}}, "metadata"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"n" * 41: ""}}, "metadata"),
    ],
)
def test_each_wrong_field_is_named(member, change, field):
    refused(member, INTENTS, order() | change, field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": "4242424242424241"}, "number"),
        ({"number": "4242 4242 4242 4242"}, "number"),
        ({"number": "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"}, "number"),
        ({"number": 4242424242424242}, "number"),
        ({"number": "42"}, "number"),
        ({"exp_month": 13}, "exp_month"),
        ({"exp_month": 0}, "exp_month"),
        ({"exp_year": 26}, "exp_year"),
        ({"exp_year": "2040"}, "exp_year"),
        ({"cvc": "12"}, "cvc"),
        ({"cvc": 123}, "cvc"),
        ({"cvc": "12a"}, "cvc"),
        ({"holder": "somebody"}, "holder"),
    ],
)
def test_a_wrong_card_is_named_without_repeating_it(member, change, field):
    body = order(tenders=[{"type": "card", "card": card() | change}])
    refused(member, INTENTS, body, f"tenders.0.card.{field}")
    assert "42424242" not in member.post(INTENTS, body).content.decode()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": [line(unit_amount=11999)]}, "payments.lines_mismatch"),
        ({"tenders": [{"type": "wallet", "amount": 11999}]}, "payments.tender_mismatch"),
        ({"tenders": [{"type": "card"}]}, "payments.card_required"),
        ({"capture_method": "manual"}, "payments.capture_method_not_supported"),
    ],
)
def test_an_order_that_does_not_fit_together_is_refused(member, change, code):
    with nothing_written():
        answer = member.post(INTENTS, order() | change)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("page", ["cursor=nonsense", "cursor=\x00", "page_size=0", "page_size=x", "colour=red"])
@pytest.mark.parametrize("path", [INTENTS, "/api/v1/merchants", "wallet"])
def test_a_page_that_cannot_be_is_refused(operator, wallet, path, page):
    path = f"{WALLETS}/{wallet.id}/entries" if path == "wallet" else path
    name, value = page.split("=")

    assert operator.get(path, **{name: value}).status_code == 400


@pytest.mark.parametrize("query", [{"member_id": "me"}, {"status": "paid"}, {"order_id": "a\x00"}])
def test_a_filter_that_cannot_be_is_refused(operator, query):
    answer = operator.get(INTENTS, **query)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize("query", ["order_id=%ff", "order_id=%ED%A0%80", "order_id=a&order_id=a"])
def test_a_query_that_readers_may_take_differently_is_refused(operator, query):
    answer = operator.get(f"{INTENTS}?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
