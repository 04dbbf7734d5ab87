"""Who gets points or works for a merchant exists: nobody else is given anything, and who was shut out is not either."""

from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves
from clients.api import Api, ok, once_known, refused
from clients.auth import AUTH, Auth
from clients.payments import INTENTS, card, intent, line
from clients.points import POINTS
from clients.vouchers import order
from eventually import eventually
from people import Merchant, Person, new_member


@pytest.fixture
def giver(operator: Person, member: Person, programme: str) -> Person:
    """A member with 100 points."""
    operator.points.earn(member.id, 100, programme=programme)
    return member


def gift(to: str, programme: str) -> dict[str, object]:
    return {"to_member_id": to, "points": 10, "reason": "a present", "programme": programme}


def test_points_are_given_to_members_who_exist_and_were_not_shut_out(
    url: str, operator: Person, giver: Person, programme: str
) -> None:
    path, new = f"{POINTS}/transfers", new_member(url)
    with nothing_moves(programme, giver):
        answer = giver.api.post(path, gift(str(uuid4()), programme))
    assert refused(answer, 409, "members.unknown")["member_id"]
    assert answer.headers["Retry-After"] == "1"

    # With one key: what was refused because nobody knew is good once they do.
    made = once_known(lambda: giver.api.post(path, gift(new.id, programme), key="the first gift"))
    assert made.status_code == 201, made.text
    assert new.points.balance(programme=programme) == 10

    operator.auth.deactivate(new.id)

    def code() -> str:
        return str(giver.api.post(path, gift(new.id, programme)).json().get("code"))

    eventually(code, "members.deactivated")
    with nothing_moves(programme, giver):
        refused(giver.api.post(path, gift(new.id, programme)), 409, "members.deactivated")


def test_a_program_pays_in_the_name_of_a_member_who_exists(url: str, operator: Person, merchant: Merchant) -> None:
    scopes = {"name": "the app's backend", "scopes": ["payments:write", "payments:write-any", "payments:read-any"]}
    client = ok(operator.api.post(f"{AUTH}/clients", scopes), 201)
    program, payer = Api(url, Auth(Api(url)).client_token(client["id"], client["secret"])), new_member(url)
    paid = {**intent(merchant.id, line("book", 1_000), tender="card"), "confirm": True}
    paid["tenders"] = [{"type": "card", "card": card()}]

    answer = program.post(INTENTS, {**paid, "member_id": str(uuid4())})
    assert refused(answer, 409, "members.unknown")["member_id"]
    made = ok(once_known(lambda: program.post(INTENTS, {**paid, "member_id": payer.id})), 201)
    assert (made["status"], made["member_id"]) == ("succeeded", payer.id)

    operator.auth.deactivate(payer.id)
    another = {**paid, "order_id": str(uuid4()), "member_id": payer.id}
    eventually(lambda: str(program.post(INTENTS, another).json().get("code")), "members.deactivated")


def test_a_programme_may_refuse_what_unknown_members_would_earn(operator: Person, member: Person) -> None:
    programme = str(operator.points.make_programme("Members only", unknown_members="refuse")["id"])
    earning = {"points": 5, "reason": "a gift", "programme": programme}

    refused(operator.api.post(f"{POINTS}/earnings", {"member_id": str(uuid4()), **earning}), 409, "members.unknown")
    known = once_known(lambda: operator.api.post(f"{POINTS}/earnings", {"member_id": member.id, **earning}))

    assert known.status_code == 201, known.text
    assert [one["points"] for one in operator.points.transactions(programme=programme)] == [5]


def test_nobody_works_for_a_merchant_who_does_not_exist(url: str, operator: Person, member: Person) -> None:
    nobodys = {"role": "merchant", "merchant_id": str(uuid4())}
    refused(operator.api.post(f"{AUTH}/users/{member.id}/roles", nobodys), 409, "users.merchant_unknown")
    client = {"name": "nobody's till", "merchant_id": nobodys["merchant_id"]}
    refused(operator.api.post(f"{AUTH}/clients", client), 409, "users.merchant_unknown")
    assert operator.auth.user(member.id)["roles"] == ["member"]

    shop = operator.payments.make_merchant(f"Shop {uuid4()}")["id"]
    operator.auth.grant(member.id, "merchant", merchant_id=shop)

    assert operator.auth.user(member.id)["merchant_id"] == shop


def test_an_operator_finds_everybodys_newest_without_naming_them(
    operator: Person, giver: Person, programme: str
) -> None:
    operator.points.earn(giver.id, 7, programme=programme, activates={"in_days": 3})
    campaign = operator.vouchers.draft(programme)
    job = operator.points.make_codes(campaign, 1)
    eventually(lambda: operator.points.job(job)["state"], "done")
    operator.vouchers.move(campaign, "activate")
    # An operator gives the member one.
    refused(operator.api.post(f"/api/v1/vouchers/campaigns/{campaign}/claims"), 400, "request.invalid")
    code = operator.points.claim(campaign, member_id=giver.id)["code"]
    used = giver.points.use_voucher(code, order())
    giver.payments.wallet()

    for path in ("points/transactions", "points/lots", "points/pending", "vouchers", "vouchers/redemptions", "wallets"):
        mine = giver.api.listed(f"/api/v1/{path}")
        assert mine, path
        assert {one["member_id"] for one in mine} == {giver.id}, path
        assert {one["id"] for one in mine} <= seen_until(operator.api, f"/api/v1/{path}", mine), path
    assert giver.api.listed("/api/v1/vouchers/redemptions")[0]["id"] == used["id"]


def seen_until(api: Api, path: str, wanted: list[dict[str, Any]]) -> set[str]:
    """Return the ids on a list's pages, read until all that are wanted were seen, or to the end."""
    seen: set[str] = set()
    missing = {one["id"] for one in wanted}
    for page in api.pages(path, page_size=200):
        seen |= {one["id"] for one in page}
        if missing <= seen:
            break
    return seen
