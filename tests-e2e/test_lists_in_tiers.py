"""Where rules ask for the tier, a list earns as its purchases alone would, and is played back as it was then."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from clients.ledger import purchase
from clients.rules import rule, rule_set
from clients.tiers import tiers_document
from eventually import eventually
from people import Merchant, Person

IS_GOLD = {"field": "member.tier", "op": "eq", "value": "gold"}
pytestmark = pytest.mark.usefixtures("default_programme")


def test_a_list_moves_the_tier_for_its_next_purchase_and_a_backtest_knows_what_it_was(
    operator: Person, member: Person, merchant: Merchant
) -> None:
    programme = str(operator.points.make_programme(f"Lists {uuid4()}")["id"])
    operator.tiers.replace(programme, tiers_document(("gold", 100)))
    base = rule("base", {"kind": "per_amount", "points": 1, "amount": 100})
    double = rule("double", {"kind": "multiplier", "hundredths": 200}, condition=IS_GOLD)
    version = operator.rules.draft(programme, rule_set(base, double))["version"]
    operator.rules.activate(programme, version)
    bodies = [purchase(member.id, ("pen", 1, 6_000), programme=programme) for _ in range(3)]

    made = merchant.system.ledger.record_all(*bodies)

    assert [one["points"] for one in made] == [60, 60, 120]
    assert member.tiers.one(programme=programme)["tier"]["code"] == "gold"
    now = datetime.now(UTC)
    span = {"from_": (now - timedelta(days=1)).isoformat(), "to": (now + timedelta(days=1)).isoformat()}
    asked = operator.rules.start_backtest(programme, version, **span)
    done = eventually(
        lambda: operator.rules.backtest(programme, version, asked["id"]), lambda one: one["state"] == "done"
    )
    result = done["result"]
    assert (result["tried"]["points"], result["then"]["points"], result["members"]["winners"]) == (240, 240, 0)
    assert result["unsure"] == []
