"""A return takes first what waits of its purchase, and never what was cancelled."""

import pytest
from clients.api import ok
from clients.ledger import PENDING, pieces, purchase
from people import Merchant, Person

pytestmark = pytest.mark.usefixtures("default_programme")


@pytest.fixture(scope="module")
def programme(operator: Person) -> str:
    return str(operator.points.make_programme("Waits", pending_days=7, return_policy="pending_only")["id"])


def test_a_return_takes_what_waits_first(operator: Person, member: Person, merchant: Merchant, programme: str) -> None:
    operator.points.earn(member.id, 11, programme=programme, activates={"in_days": 0})
    shop, body = merchant.system.ledger, purchase(member.id, ("book", 2, 7_000), ("lamp", 1, 5_000))
    recorded = shop.record({**body, "programme": programme})
    assert member.ledger.buckets(programme=programme) == (11, 0, 120, 0)

    done = shop.give_back(recorded["id"], lines=pieces(lamp=1))

    assert (done["points"], done["own"], done["others"], done["forgiven"]) == (50, 50, 0, 0)
    assert member.ledger.buckets(programme=programme) == (11, 0, 70, 0)
    # What is left is activated; from then on this programme's returns take nothing that can be spent.
    ok(operator.api.post(f"{PENDING}/{recorded['transaction_id']}/activate"))
    assert member.ledger.buckets(programme=programme) == (81, 0, 0, 0)
    assert shop.give_back(recorded["id"])["forgiven"] == 70
    assert member.ledger.buckets(programme=programme) == (81, 0, 0, 0)


def test_a_return_cancels_all_that_waits(member: Person, merchant: Merchant, programme: str) -> None:
    recorded = merchant.system.ledger.record(purchase(member.id, ("book", 1, 7_000), programme=programme))

    merchant.system.ledger.give_back(recorded["id"])

    assert member.ledger.buckets(programme=programme) == (0, 0, 0, 0)
    assert member.ledger.pending(recorded["transaction_id"])["state"] == "cancelled"


def test_what_was_cancelled_is_not_taken_back_again(operator: Person, member: Person, merchant: Merchant) -> None:
    programme = operator.points.make_programme("Waits and owes", pending_days=7, return_policy="arrears")["id"]
    operator.points.earn(member.id, 10, programme=programme, activates={"in_days": 0})
    recorded = merchant.system.ledger.record(purchase(member.id, ("book", 1, 7_000), programme=programme))
    operator.ledger.cancel(recorded["transaction_id"])

    done = merchant.system.ledger.give_back(recorded["id"])

    assert (done["points"], done["own"], done["others"], done["owed"], done["forgiven"]) == (70, 0, 0, 0, 70)
    assert member.ledger.buckets(programme=programme) == (10, 0, 0, 0)
