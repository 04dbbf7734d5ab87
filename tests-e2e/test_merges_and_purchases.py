"""What the old member bought is returned and refunded after a merge, from whom has the points now."""

import pytest
from clients.ledger import purchase
from clients.payments import line
from eventually import eventually
from people import Merchant, Person

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    return str(operator.points.make_programme("Merges")["id"])


def test_the_old_members_purchases_are_returned_by_the_new_one(
    operator: Person, member: Person, other_member: Person, merchant: Merchant, programme: str
) -> None:
    recorded = merchant.system.ledger.record(purchase(member.id, ("book", 2, 7_000), programme=programme))
    operator.ledger.merge(member.id, other_member.id)

    done = merchant.system.ledger.give_back(recorded["id"], lines=[{"line_id": "book", "quantity": 1}])

    assert (done["points"], done["owed"], done["forgiven"]) == (35, 0, 0)
    assert member.ledger.buckets(programme=programme) == (0, 0, 0, 0)
    assert other_member.ledger.buckets(programme=programme) == (35, 0, 0, 0)


def test_payments_of_the_old_member_go_on_with_the_new_one(
    operator: Person, member: Person, other_member: Person, merchant: Merchant, default_programme: str
) -> None:
    operator.ledger.merge(member.id, other_member.id)

    paid = member.payments.pay(merchant.id, line("book", 8_000), line("lamp", 4_000))
    eventually(lambda: other_member.points.balance(programme=default_programme), 120)
    merchant.system.payments.refund(paid["id"], lines=[{"line_id": "lamp", "quantity": 1}])
    eventually(lambda: other_member.points.balance(programme=default_programme), 80)

    assert member.ledger.buckets(programme=default_programme) == (0, 0, 0, 0)
