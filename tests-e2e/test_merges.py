"""Two members are one person: all that one has, owes and waits for becomes the other's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from books import nothing_moves, sent_twice
from clients.api import ok, refused
from clients.ledger import HOLDS, MERGES, on_delivery, purchase
from clients.points import POINTS
from conftest import Command
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


def body_of(old: str, new: str, **more: Any) -> dict[str, Any]:
    return {"from_member_id": old, "into_member_id": new, "reason": "two cards", **more}


def test_who_was_merged_twice_over_is_the_last_of_them(
    operator: Person, old: Person, new: Person, url: str, programme: str
) -> None:
    last = new_member(url)
    for one, into in ((old, new), (new, last)):
        operator.ledger.merge(one.id, into.id)

    for person in (old, new):
        assert person.ledger.balance(programme=programme)["merged_into"] == last.id
        gift = {"member_id": person.id, "points": 1, "reason": "a gift", "programme": programme}
        problem = refused(operator.api.post(f"{POINTS}/earnings", gift), 409, "points.member_merged")
        assert problem["merged_into"] == last.id


def test_all_points_become_the_others_with_their_ends(
    operator: Person, old: Person, new: Person, programme: str, manage: Command
) -> None:
    [lot] = old.points.lots(programme=programme)

    merge = sent_twice(operator.api, MERGES, body_of(old.id, new.id))

    assert merge["moved"] == [{"programme": programme, "points": 140, "pending": 40, "owed": 0}]
    assert ok(operator.api.get(f"{MERGES}/{merge['id']}")) == merge
    for person in (old, new):
        assert operator.api.listed(MERGES, member_id=person.id) == [merge]
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


def test_open_holds_refuse_it_unless_they_are_to_be_voided(
    operator: Person, old: Person, new: Person, programme: str
) -> None:
    held = old.ledger.hold(60, programme=programme)["id"]
    with nothing_moves(programme, old, new):
        problem = refused(operator.api.post(MERGES, body_of(old.id, new.id)), 409, "points.holds_open")
    assert problem["holds"] == [held]

    operator.ledger.merge(old.id, new.id, void_holds=True)

    assert ok(old.api.get(f"{HOLDS}/{held}"))["state"] == "voided"
    assert new.ledger.buckets(programme=programme) == (107, 0, 40, 0)


def test_a_debt_is_the_others_too(operator: Person, old: Person, new: Person, merchant: Merchant) -> None:
    programme = operator.points.make_programme("Merges: debts")["id"]
    recorded = merchant.system.ledger.record(purchase(old.id, ("book", 1, 5_000), programme=programme))
    old.points.redeem(50, programme=programme)
    merchant.system.ledger.give_back(recorded["id"])
    operator.points.earn(new.id, 20, programme=programme)
    assert old.ledger.buckets(programme=programme) == (0, 0, 0, -50)

    merge = operator.ledger.merge(old.id, new.id)

    moved = {one.pop("programme"): one for one in merge["moved"]}
    assert moved[programme] == {"points": 0, "pending": 0, "owed": 50}
    assert old.ledger.buckets(programme=programme) == (0, 0, 0, 0)
    assert new.ledger.buckets(programme=programme) == (0, 0, 0, -30)
