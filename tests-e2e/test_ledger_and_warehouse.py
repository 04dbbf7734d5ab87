"""After all that can happen to points, the warehouse says what the ledger says, within seconds."""

from collections import Counter
from typing import Any

import everything
import pytest
from conftest import Command
from eventually import eventually
from people import Merchant, Person, new_member

pytestmark = pytest.mark.usefixtures("default_programme")
# What the warehouse calls what the ledger's transactions of these kinds did to points that are available or held.
FLOWS = ("earned", "expired", "returned", "restored", "sent", "received", "activated", "reinstated")
TAKEN = ("redeemed", "expired", "returned", "sent")


@pytest.fixture(scope="module")
def old(url: str) -> Person:
    return new_member(url)


@pytest.fixture(scope="module")
def new(url: str) -> Person:
    return new_member(url)


@pytest.fixture(scope="module")
def programme(operator: Person, old: Person, new: Person, merchant: Merchant, manage: Command) -> str:
    """A programme in which all has happened to two members, of whom one became the other."""
    return everything.happens(operator, old, new, merchant, manage)


def _all_of(old: Person, new: Person, programme: str) -> list[dict[str, Any]]:
    return [one for member in (old, new) for one in member.points.all_transactions(programme=programme)]


def _flow_of(posted: list[dict[str, Any]]) -> dict[str, int]:
    """Return what the report is to say of transactions: a hold is no flow, and its capture is spending."""
    flow: Counter[str] = Counter()
    for one in posted:
        moved = sum(entry["points"] for entry in one["entries"] if entry["bucket"] in ("available", "held"))
        name = {"reversed": "adjusted"}.get(one["kind"], one["kind"])
        flow[name] += -moved if name in TAKEN else moved
        flow["net"] += moved
        flow["transactions"] += one["kind"] not in ("held", "released")
    return {name: flow[name] for name in (*FLOWS, "redeemed", "adjusted", "net", "transactions")}


def test_the_warehouse_says_what_the_ledger_says(
    analyst: Person, old: Person, new: Person, programme: str, manage: Command
) -> None:
    wanted = _flow_of(_all_of(old, new, programme))

    def flow() -> list[dict[str, Any]]:
        return [{name: row[name] for name in wanted} for row in analyst.warehouse.points(programme=programme)]

    eventually(flow, [wanted])
    assert wanted["net"] == new.points.balance(programme=programme)
    for member in (old, new):
        manage("points", "verify_ledger", "--member", member.id)


def test_the_services_own_totals_match_too(analyst: Person, old: Person, new: Person, programme: str) -> None:
    kinds = {name for name, total in _flow_of(_all_of(old, new, programme)).items() if total}
    kinds = (kinds & {*FLOWS, "redeemed", "adjusted"}) | {"pending", "cancelled"}

    def verdicts() -> set[tuple[str, str]]:
        rows = analyst.warehouse.reconciliation(ledger="points")
        return {(row["kind"], row["status"]) for row in rows if row["unit"] == programme}

    # The services count twice a minute.
    eventually(verdicts, {(kind, "matched") for kind in kinds}, seconds=120)
