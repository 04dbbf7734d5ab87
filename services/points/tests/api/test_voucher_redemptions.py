from datetime import timedelta
from typing import Any

import pytest

from points.vouchers.models import Voucher, VoucherRedemption
from shared import clock
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from shared.testing.roles import MERCHANT_ID
from tests.voucher_factories import claim, counts, make_campaign, order_body

PATH = "/api/v1/vouchers/redemptions"
TRY = "/api/v1/vouchers/validations"
pytestmark = pytest.mark.django_db


@pytest.fixture
def voucher(member: Actor) -> Voucher:
    return claim(make_campaign(codes=1, ends_at=clock.now() + timedelta(days=9)), member.id)


def body_of(voucher: Voucher, total: int = 2000, **more: Any) -> dict[str, Any]:
    return {"code": voucher.code, "order": order_body(total, order_id="order-1"), **more}


def test_a_member_uses_a_voucher(member: Actor, voucher: Voucher) -> None:
    answer = member.post(PATH, body_of(voucher, 1999))

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["order_id"], body["status"], body["rolled_back_at"]) == ("order-1", "redeemed", None)
    assert (body["discount"], body["order_total"]["amount"]) == ({"amount": 500, "currency": "EUR"}, 1999)
    assert member.get(f"{PATH}/{body['id']}").json() == body
    assert member.get(PATH).json()["results"] == [body]


def test_a_line_without_pieces_costs_nothing(member: Actor, voucher: Voucher) -> None:
    order = order_body(2000, order_id="order-1")
    order["lines"].append({"line_id": "tea", "sku": "s", "quantity": 0, "unit_amount": 900})

    answer = member.post(PATH, {"code": voucher.code, "order": order})

    assert (answer.status_code, answer.json()["order_total"]["amount"]) == (201, 2000)


def test_an_order_of_free_samples_gets_no_discount(member: Actor, voucher: Voucher) -> None:
    order = order_body(2000, order_id="order-1")
    order["lines"] = [{"line_id": "tea", "sku": "s", "quantity": 0, "unit_amount": 900}]

    with nothing_written():
        answer = member.post(PATH, {"code": voucher.code, "order": order})

    assert (answer.status_code, answer.json()["code"]) == (409, "vouchers.no_discount")


def test_an_order_id_is_one_however_it_is_typed(member: Actor, operator: Actor, voucher: Voucher) -> None:
    used = member.post(PATH, {"code": voucher.code, "order": order_body(2000, order_id="cafe\u0301-1")}).json()
    assert used["order_id"] == "caf\u00e9-1"

    with nothing_written():
        again = member.post(TRY, {"code": voucher.code, "order": order_body(2000, order_id="caf\u00e9-1")}, key=None)
    found = operator.get(f"{PATH}?merchant_id={MERCHANT_ID}&order_id=cafe%CC%81-1").json()["results"]

    assert again.json()["valid"] is False
    assert [one["id"] for one in found] == [used["id"]]


def test_the_same_key_uses_it_once(member: Actor, voucher: Voucher) -> None:
    first, second = (member.post(PATH, body_of(voucher), key="k1") for _ in range(2))

    assert (first.status_code, first.content) == (201, second.content)
    assert VoucherRedemption.objects.count() == 1
    assert member.post(PATH, body_of(voucher, 3000), key="k1").status_code == 422


def test_a_used_voucher_is_refused_with_its_reason(member: Actor, voucher: Voucher) -> None:
    member.post(PATH, body_of(voucher))

    with nothing_written():
        answer = member.post(PATH, body_of(voucher))
        verdict = member.post(TRY, body_of(voucher), key=None)

    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (409, "vouchers.used_up", 1)
    assert verdict.json() == {"valid": False, "reason": "vouchers.used_up"}


def test_trying_writes_nothing_and_says_what_redeeming_would(member: Actor, voucher: Voucher) -> None:
    with nothing_written():
        assert member.post(TRY, body_of(voucher), key=None).json() == {
            "valid": True,
            "discount": {"amount": 500, "currency": "EUR"},
        }
        dollars = {"code": voucher.code, "order": order_body(currency="USD")}
        assert member.post(TRY, dollars).json() == {"valid": False, "reason": "vouchers.currency_mismatch"}


def test_a_merchant_uses_the_named_members_voucher_and_rolls_it_back(
    member: Actor, merchant: Actor, voucher: Voucher
) -> None:
    assert merchant.post(TRY, body_of(voucher, member_id=str(member.id))).json()["valid"] is True
    assert merchant.post(PATH, body_of(voucher)).status_code == 404
    made = merchant.post(PATH, body_of(voucher, member_id=str(member.id)))
    assert made.status_code == 201, made.content
    path = f"{PATH}/{made.json()['id']}/rollback"

    with nothing_written():
        assert member.post(path).status_code == 404
    assert member.get(f"{PATH}/{made.json()['id']}").status_code == 200

    assert merchant.post(path).json()["status"] == "rolled_back"
    assert counts(voucher) == (0, 0, 0)


def test_the_operator_uses_and_rolls_back_anybodys(operator: Actor, voucher: Voucher) -> None:
    made = operator.post(PATH, body_of(voucher)).json()

    assert made["member_id"] == str(voucher.member_id)
    assert operator.get(PATH, member_id=made["member_id"]).json()["results"][0]["id"] == made["id"]
    assert operator.post(f"{PATH}/{made['id']}/rollback").status_code == 200


def test_a_rollback_has_one_effect(member: Actor, other_member: Actor, voucher: Voucher) -> None:
    path = f"{PATH}/{member.post(PATH, body_of(voucher)).json()['id']}"
    with nothing_written():
        assert other_member.post(f"{path}/rollback").status_code == 404
        assert other_member.get(path).status_code == 404
        assert member.post(f"{path}/rollback", key=None).status_code == 400
        assert member.post(f"{PATH}/{new_id()}/rollback").status_code == 404

    first, second = (member.post(f"{path}/rollback", key="k1") for _ in range(2))

    assert (first.status_code, first.content) == (200, second.content)
    with nothing_written():
        again = member.post(f"{path}/rollback")
    assert (again.status_code, again.json()["code"]) == (409, "vouchers.already_rolled_back")
    assert counts(voucher) == (0, 0, 0)


LINE = {"line_id": "1", "sku": "s", "quantity": 1, "unit_amount": 100}
ORDERS: list[Any] = [
    None,
    {},
    [],
    {"id": "", "currency": "EUR", "lines": [LINE]},
    {"id": "x" * 65, "currency": "EUR", "lines": [LINE]},
    {"id": "a\x00", "currency": "EUR", "lines": [LINE]},
    {"id": 7, "currency": "EUR", "lines": [LINE]},
    {"id": "o", "currency": "eur", "lines": [LINE]},
    {"id": "o", "currency": "EUR", "lines": []},
    {"id": "o", "currency": "EUR", "lines": {}},
    {"id": "o", "currency": "EUR", "lines": [LINE, LINE]},
    {"id": "o", "currency": "EUR", "lines": [LINE | {"line_id": str(n)} for n in range(201)]},
    {"id": "o", "currency": "EUR", "lines": [LINE], "total": 1},
    *(
        {"id": "o", "currency": "EUR", "lines": [LINE | change]}
        for change in (
            {"quantity": -1},
            {"quantity": 1.5},
            {"quantity": "1"},
            {"quantity": 10**20},
            {"unit_amount": -1},
            {"unit_amount": 0.5},
            {"unit_amount": True},
            {"unit_amount": 10**12},
            {"quantity": 1000, "unit_amount": 10**9},
            {"line_id": ""},
            {"sku": None},
            {"colour": "red"},
        )
    ),
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("path", [PATH, TRY])
def test_an_order_that_cannot_be_is_refused(member: Actor, voucher: Voucher, path: str, order: Any) -> None:
    order = {"merchant_id": str(MERCHANT_ID), **order} if isinstance(order, dict) else order
    with nothing_written():
        answer = member.post(path, {"code": voucher.code, "order": order})

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


@pytest.mark.parametrize(
    "change", [{"code": None}, {"code": 7}, {"code": "x" * 81}, {"code": "a\x00"}, {"member_id": "x"}, {"discount": 1}]
)
def test_a_bad_body_is_refused(member: Actor, voucher: Voucher, change: dict[str, Any]) -> None:
    with nothing_written():
        assert member.post(PATH, body_of(voucher) | change).status_code == 400


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"code": NaN}', b'{"code": "A", "code": "B"}', b"[" * 9000])
def test_a_body_that_is_no_json_is_refused(member: Actor, body: bytes) -> None:
    with nothing_written():
        assert member.post_raw(PATH, body).json()["code"] == "request.malformed"


def test_the_largest_order_is_taken_and_a_larger_body_is_not(member: Actor, voucher: Voucher) -> None:
    lines = [LINE | {"line_id": f"{n:064}", "sku": "s" * 64, "category": "c" * 64} for n in range(200)]
    largest = {"id": "o" * 64, "merchant_id": str(MERCHANT_ID), "currency": "EUR", "lines": lines}

    assert member.post(TRY, {"code": voucher.code, "order": largest}).json()["valid"] is True
    with nothing_written():
        assert member.post_raw(PATH, b'"' + b"x" * 140_000 + b'"').status_code == 413


def test_uses_need_the_scope(member: Actor, analyst: Actor, voucher: Voucher) -> None:
    with nothing_written():
        for path in (PATH, TRY, f"{PATH}/{new_id()}/rollback"):
            assert analyst.post(path, body_of(voucher)).status_code == 403
        assert analyst.get(PATH).status_code == 403
        assert member.get(PATH, member_id=str(new_id())).status_code == 404
