"""A draft is tried on what members really bought, before it counts: by the example of the documentation, and alone."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from clients.api import refused
from clients.ledger import purchase
from clients.rules import backtests_of, rule, rule_set
from eventually import eventually
from people import Merchant, Person

EXAMPLE = Path(__file__).parents[1] / "docs/examples/rules"
GIFT = rule_set(rule("gift", {"kind": "fixed", "points": 7}))


def in_state(operator: Person, programme: str, version: int, backtest_id: str, state: str) -> dict[str, Any]:
    eventually(lambda: operator.rules.backtest(programme, version, backtest_id)["state"], state, seconds=60)
    return operator.rules.backtest(programme, version, backtest_id)


def test_the_example_prints_cost_and_winners(url: str, operator: Person, default_programme: str) -> None:
    env = {**os.environ, "API": f"{url}/api/v1", "TOKEN": operator.api.token}
    done = subprocess.run(
        [sys.executable, str(EXAMPLE / "backtest.py")], env=env, capture_output=True, text=True, timeout=120
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:7] == [
        "150 purchases of 39 members",
        "then:           1787 points, 17.87 EUR",
        "by the draft:   2528 points, 25.28 EUR",
        "  base              1666 points of 147 purchases",
        "  organic            562 points of 100 purchases",
        "  quiet-mornings     300 points of 15 purchases",
        "34 win 833 points, 2 lose 92",
    ]
    # The three who win most, and the two who lose.
    assert [line.split()[-1] for line in done.stdout.splitlines()[7:10]] == ["(+68)", "(+53)", "(+50)"]
    assert len(done.stdout.splitlines()) == 12


@pytest.fixture
def programme(operator: Person, default_programme: str) -> str:
    """A programme of its own, whose rules are nobody else's."""
    return str(operator.points.make_programme(f"Backtests {uuid4()}")["id"])


def test_a_draft_is_tried_and_one_that_is_called_off_says_nothing(
    operator: Person, analyst: Person, merchant: Merchant, member: Person, programme: str
) -> None:
    merchant.system.ledger.record(purchase(member.id, ("book", 1, 500), programme=programme))
    version = operator.rules.draft(programme, GIFT)["version"]
    now = datetime.now(UTC)
    span = {"from_": (now - timedelta(days=1)).isoformat(), "to": (now + timedelta(days=1)).isoformat()}

    begun = operator.rules.start_backtest(programme, version, **span)
    done = in_state(operator, programme, version, begun["id"], "done")

    members = done["result"]["members"]
    assert (done["done"], done["total"], done["result"]["then"]["points"]) == (1, 1, 5)
    assert done["result"]["replayed"] == {"purchases": 1, "events": 0, "registrations": 0, "birthdays": 0}
    assert members["largest_gains"] == [{"member_id": member.id, "change": 2, "points": 7, "points_then": 5}]
    assert analyst.rules.backtests(programme, version) == [done]
    path = backtests_of(programme, version)
    refused(operator.api.post(f"{path}/{done['id']}/cancel"), 409, "rules.backtest_finished")
    refused(analyst.api.post(path, {"from": span["from_"], "to": span["to"]}), 403, "auth.insufficient_scope")
    refused(member.api.get(path), 403, "auth.insufficient_scope")

    def cancelled() -> dict[str, Any]:
        """Ask for one and call it off; one that was faster is asked for again."""
        asked = operator.rules.start_backtest(programme, version, **span)["id"]
        answer = operator.api.post(f"{path}/{asked}/cancel", key=None)
        return dict(answer.json()) if answer.status_code == 200 else refused(answer, 409, "rules.backtest_finished")

    stopped = eventually(cancelled, lambda one: one["state"] == "cancelled")
    assert (stopped["result"], operator.rules.backtest(programme, version, stopped["id"])) == (None, stopped)
