"""Two members are one person: all points of one become the other's, and nothing is posted to the first any more."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from books import nothing_moves, sent_twice
from clients.api import ok, refused
from clients.ledger import HOLDS, MERGES, PURCHASES, on_delivery, purchase
from clients.payments import line
from clients.points import POINTS
from conftest import Command
from eventually import eventually
from people import Merchant, Person, new_member

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    return str(operator.points.make_programme("Merges")["id"])


@pytest.fixture
def old(operator: Person, member: Person, programme: str) -> Person:
    """A member with 100 points and 40 that wait."""
    ends = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    operator.points.earn(member.id, 100, programme=programme, expires_at=ends)
    operator.points.earn(member.id, 40, programme=programme, activates=on_delivery())
    return member


@pytest.fixture
def new(operator: Person, other_member: Person, programme: str) -> Person:
    """A member with 7 points."""
    operator.points.earn(other_member.id, 7, programme=programme)
    return other_member


def wish(old: str, new: str, **more: Any) -> dict[str, Any]:
    return {"from_member_id": old, "into_member_id": new, "reason": "two cards", **more}


def test_all_points_become_the_others_with_their_ends(
    operator: Person, old: Person, new: Person, programme: str, manage: Command
) -> None:
    [lot] = old.points.lots(programme=programme)

    merge = sent_twice(operator.api, MERGES, wish(old.id, new.id))

    assert merge["moved"] == [{"programme": programme, "points": 140, "pending": 40, "owed": 0}]
    assert ok(operator.api.get(f"{MERGES}/{merge['id']}")) == merge
    assert old.ledger.buckets(programme=programme) == (0, 0, 0, 0)
    assert new.ledger.buckets(programme=programme) == (107, 0, 40, 0)
    assert [one.ledger.balance(programme=programme)["merged_into"] for one in (old, new)] == [new.id, None]
    assert (100, lot["expires_at"]) in [
        (one["remaining"], one["expires_at"]) for one in new.points.lots(programme=programme)
    ]
    [sent, received] = [
        person.points.transactions(programme=programme, reference=f"merge:{merge['id']}")[0] for person in (old, new)
    ]
    assert (sent["kind"], sent["change"], received["kind"], received["change"]) == ("sent", -100, "received", 100)
    # What waited goes on waiting, for the one who has it now.
    [activated] = operator.ledger.happened(new.id, programme=programme)
    assert (activated["points"], new.points.balance(programme=programme)) == (40, 147)
    for person in (old, new):
        manage("points", "verify_ledger", "--member", person.id)


def test_the_old_member_is_refused_afterwards(operator: Person, old: Person, new: Person, programme: str) -> None:
    operator.ledger.merge(old.id, new.id)
    gift = {"member_id": old.id, "points": 5, "reason": "a gift", "programme": programme}
    elsewhere = operator.points.make_programme("Merges: another")["id"]
    event = {"member_id": old.id, "programme": programme, "event": "delivered"}
    wishes = [
        (operator.api, f"{POINTS}/earnings", gift),
        (operator.api, f"{POINTS}/earnings", {**gift, "programme": elsewhere}),
        (operator.api, f"{POINTS}/adjustments", gift),
        (operator.api, f"{POINTS}/pending/activations", event),
        (old.api, f"{POINTS}/redemptions", {"points": 1, "reason": "a treat", "programme": programme}),
        (old.api, HOLDS, {"points": 1, "reference": "a table", "programme": programme}),
        (old.api, f"{POINTS}/transfers", {"to_member_id": new.id, "points": 1, "reason": "x", "programme": programme}),
        (new.api, f"{POINTS}/transfers", {"to_member_id": old.id, "points": 1, "reason": "x", "programme": programme}),
    ]

    with nothing_moves(programme, old, new):
        for api, path, body in wishes:
            problem = refused(api.post(path, body), 409, "points.member_merged")
            assert problem["merged_into"] == new.id, path
    assert old.points.transactions(programme=elsewhere) == []


def test_a_debt_is_the_others_too(operator: Person, old: Person, new: Person, merchant: Merchant) -> None:
    programme = operator.points.make_programme("Merges: debts")["id"]
    told = merchant.system.ledger.tell(purchase(old.id, ("book", 1, 5_000), programme=programme))
    old.points.redeem(50, programme=programme)
    merchant.system.ledger.give_back(told["id"])
    operator.points.earn(new.id, 20, programme=programme)
    assert old.ledger.buckets(programme=programme) == (0, 0, 0, -50)

    merge = operator.ledger.merge(old.id, new.id)

    moved = {one.pop("programme"): one for one in merge["moved"]}
    assert moved[programme] == {"points": 0, "pending": 0, "owed": 50}
    assert old.ledger.buckets(programme=programme) == (0, 0, 0, 0)
    assert new.ledger.buckets(programme=programme) == (0, 0, 0, -30)


def test_the_old_members_purchases_are_returned_by_the_new_one(
    operator: Person, old: Person, new: Person, merchant: Merchant, programme: str
) -> None:
    told = merchant.system.ledger.tell(purchase(old.id, ("book", 2, 7_000), programme=programme))
    operator.ledger.merge(old.id, new.id)

    done = merchant.system.ledger.give_back(told["id"], lines=[{"line_id": "book", "quantity": 1}])

    assert (done["points"], done["owed"], done["forgiven"]) == (35, 0, 0)
    assert old.ledger.buckets(programme=programme) == (0, 0, 0, 0)
    assert new.ledger.buckets(programme=programme) == (100 + 70 + 7 - 35, 0, 40, 0)


def test_points_that_paid_cannot_come_back_to_the_old_member(
    operator: Person, old: Person, new: Person, merchant: Merchant, programme: str
) -> None:
    paid = old.points.redeem(100, programme=programme)["id"]
    body = purchase(old.id, ("chair", 1, 10_000), programme=programme, redemption_ids=[paid])
    told = merchant.system.ledger.tell(body)
    operator.ledger.merge(old.id, new.id)
    path = f"{PURCHASES}/{told['id']}/returns"

    with nothing_moves(programme, old, new):
        for preview in (True, False):
            wish = {"return_id": "r-1", "preview": preview}
            refused(merchant.system.api.post(path, wish), 409, "points.member_merged")
    assert merchant.system.ledger.purchase(told["id"])["returnable"] == 10_000


def test_payments_of_the_old_member_go_on_with_the_new_one(
    operator: Person, old: Person, new: Person, merchant: Merchant, default_programme: str
) -> None:
    operator.ledger.merge(old.id, new.id)

    paid = old.payments.pay(merchant.id, line("book", 8_000), line("lamp", 4_000))
    eventually(lambda: new.points.balance(programme=default_programme), 120)
    merchant.system.payments.refund(paid["id"], lines=[{"line_id": "lamp", "quantity": 1}])
    eventually(lambda: new.points.balance(programme=default_programme), 80)

    assert old.ledger.buckets(programme=default_programme) == (0, 0, 0, 0)


def test_open_holds_refuse_it_unless_they_are_to_be_voided(
    operator: Person, old: Person, new: Person, programme: str
) -> None:
    held = old.ledger.hold(60, programme=programme)["id"]
    with nothing_moves(programme, old, new):
        problem = refused(operator.api.post(MERGES, wish(old.id, new.id)), 409, "points.holds_open")
    assert problem["holds"] == [held]

    operator.ledger.merge(old.id, new.id, void_holds=True)

    assert ok(old.api.get(f"{HOLDS}/{held}"))["state"] == "voided"
    assert new.ledger.buckets(programme=programme) == (107, 0, 40, 0)


def test_a_merge_that_is_none_is_refused(url: str, operator: Person, old: Person, new: Person, programme: str) -> None:
    gone = new_member(url)
    operator.ledger.merge(gone.id, new.id)
    wishes: list[tuple[dict[str, Any], int, str]] = [
        (wish(old.id, old.id), 409, "points.merge_with_oneself"),
        (wish(gone.id, old.id), 409, "points.member_merged"),
        (wish(old.id, gone.id), 409, "points.member_merged"),
        (wish(old.id, "nobody"), 400, "request.invalid"),
        (wish(old.id, new.id, void_holds="yes"), 400, "request.invalid"),
        (wish(old.id, new.id, reason=""), 400, "request.invalid"),
    ]

    with nothing_moves(programme, old, new):
        for body, status, code in wishes:
            refused(operator.api.post(MERGES, body), status, code)
        refused(operator.api.get(f"{MERGES}/{uuid4()}"), 404, "points.merge_not_found")


def test_members_neither_merge_nor_see_merges(operator: Person, old: Person, new: Person, programme: str) -> None:
    with nothing_moves(programme, old, new):
        for stranger in (old, new):
            refused(stranger.api.post(MERGES, wish(old.id, new.id)), 403)
    merge = operator.ledger.merge(old.id, new.id)
    for stranger in (old, new):
        refused(stranger.api.get(f"{MERGES}/{merge['id']}"), 403)
    # What the first one did before stays the first one's to see.
    [sent] = old.points.transactions(programme=programme, kind="sent")
    refused(new.api.get(f"{POINTS}/transactions/{sent['id']}"), 404, "points.transaction_not_found")
