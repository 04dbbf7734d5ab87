"""A run ends what has ended, is watched while it does, and ends every lot once though its worker is killed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clients.api import ok, refused
from clients.points import EXPIRY_RUNS, POINTS
from conftest import Command
from eventually import eventually
from people import Person

pytestmark = pytest.mark.usefixtures("default_programme")


def in_state(operator: Person, run_id: str, state: str, *, seconds: float = 60) -> dict[str, Any]:
    eventually(lambda: operator.points.expiry_run(run_id)["state"], state, seconds=seconds)
    return operator.points.expiry_run(run_id)


def test_a_run_ends_what_has_ended_and_nothing_that_is_alive(operator: Person, member: Person) -> None:
    programme, now = operator.points.make_programme("Shorter lives")["id"], datetime.now(UTC)
    operator.points.earn(member.id, 10, programme=programme, occurred_at=(now - timedelta(days=400)).isoformat())
    operator.points.earn(member.id, 20, programme=programme, expires_at=(now + timedelta(hours=5)).isoformat())
    body = {"programme": programme, "as_of": (now + timedelta(hours=6)).isoformat()}
    refused(operator.api.post(EXPIRY_RUNS, body), 422, "points.expiry_in_future")
    refused(member.api.post(EXPIRY_RUNS), 403, "auth.insufficient_scope")
    assert member.points.balance(programme=programme) == 20

    run_id = operator.points.start_expiry_run(programme=programme)
    in_state(operator, run_id, "done")

    assert [one["change"] for one in member.points.transactions(programme=programme, kind="expired")] == [-10]
    assert member.points.balance(programme=programme) == 20
    refused(operator.api.post(f"{EXPIRY_RUNS}/{run_id}/cancel"), 409, "points.expiry_run_finished")


def test_a_run_that_is_cancelled_ends_no_more_and_another_one_ends_the_rest(operator: Person, member: Person) -> None:
    programme, lots = operator.points.make_programme("Long over")["id"], 2_000
    long_ago = (datetime.now(UTC) - timedelta(days=400)).isoformat()
    operator.points.earn_lots(member.id, lots, programme=programme, occurred_at=long_ago)

    def cancelled() -> dict[str, Any]:
        """Ask for a run and call it off; one that was faster is asked for again."""
        run_id = operator.points.start_expiry_run(programme=programme)
        answer = operator.api.post(f"{EXPIRY_RUNS}/{run_id}/cancel", key=None)
        return dict(ok(answer)) if answer.status_code == 200 else refused(answer, 409, "points.expiry_run_finished")

    stopped = eventually(cancelled, lambda run: run["state"] == "cancelled")

    assert stopped["done"] <= stopped["total"] <= lots
    assert operator.points.expiry_run(stopped["id"]) == stopped
    assert stopped in operator.points.expiry_runs(state="cancelled")
    assert member.points.balance(programme=programme) == 0
    in_state(operator, operator.points.start_expiry_run(programme=programme), "done", seconds=240)
    explained = member.ledger.explanation(programme=programme)["by_kind"]
    assert [(one["transactions"], one["change"]) for one in explained if one["kind"] == "expired"] == [(lots, -lots)]


def test_a_worker_that_is_killed_in_the_middle_of_a_run_ends_every_lot_once(
    operator: Person, member: Person, kill: Command, manage: Command
) -> None:
    programme, rows = operator.points.make_programme("Shortest lives")["id"], 20_000
    long_ago = (datetime.now(UTC) - timedelta(days=400)).isoformat()
    for _ in range(2):
        operator.points.earn_lots(member.id, rows // 2, programme=programme, occurred_at=long_ago)
    assert member.points.balance(programme=programme) == 0
    run_id = operator.points.start_expiry_run(programme=programme)
    eventually(lambda: operator.points.expiry_run(run_id)["done"], lambda done: done > 0, seconds=240)
    kill("points-worker")

    done = in_state(operator, run_id, "done", seconds=240)

    # Of these the nightly job may have ended some, if it came by just then.
    assert 0 < done["done"] == done["points"] <= rows
    explained = ok(member.api.get(f"{POINTS}/balance/explanation", programme=programme))["by_kind"]
    assert [(one["transactions"], one["change"]) for one in explained if one["kind"] == "expired"] == [(rows, -rows)]
    manage("points", "verify_ledger", "--member", member.id)
