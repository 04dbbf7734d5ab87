"""Tries rules.json on the purchases of till-lines.csv, and prints what it would have cost and who would have won.

`API=http://localhost:8080/api/v1 TOKEN=… python backtest.py`, with an operator's token. Needs the package `requests`
and nothing else. Each run makes a programme of its own, and the cards of the file are members of it alone.
"""

import csv
import json
import os
import time
from itertools import groupby
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import requests

HERE = Path(__file__).parent
SCHEMA = {"line_metadata": {"organic": {"type": "boolean"}}}
PROGRAMME = {
    "name": f"Backtest {uuid4()}",
    "currency": "EUR",
    "timezone": "Europe/Berlin",
    "earn_points": 1,
    "earn_amount": 100,
    "lot_days": 36_500,
    "max_purchase_age_days": 36_500,
}
MARCH = {"from": "2025-03-01T00:00:00+01:00", "to": "2025-04-01T00:00:00+02:00"}


def call(method, path, body=None):
    """Send a request and return its answer; a POST has a key of its own, so that it could be sent again."""
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}", "Idempotency-Key": str(uuid4())}
    answer = requests.request(method, os.environ["API"] + path, json=body, headers=headers, timeout=60)
    if not answer.ok:
        raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text}")
    return answer.json()


def purchases(programme):
    """Yield the receipts of the file as purchases; each card is a member of its own in each programme."""
    with (HERE / "till-lines.csv").open(newline="") as file:
        for receipt, rows in groupby(csv.DictReader(file), key=lambda row: row["receipt"]):
            rows = list(rows)
            lines = [line_of(row) for row in rows]
            yield {
                "purchase_id": receipt,
                "programme": str(programme),
                "member_id": str(uuid5(programme, rows[0]["card"])),
                "occurred_at": rows[0]["sold_at"],
                "store": rows[0]["store"],
                "channel": "till",
                "amount": {"amount": sum(line["amount"] for line in lines), "currency": "EUR"},
                "lines": lines,
            }


def line_of(row):
    """Return a line of the file as a line of a purchase."""
    return {
        "line_id": row["line"],
        "sku": row["sku"],
        "category": row["category"],
        "quantity": int(row["quantity"]),
        "amount": int(row["cents"]),
        "metadata": {"organic": row["organic"] == "yes"},
    }


def backtested(programme):
    """Draft the rules, try them on March, and return the backtest once it is done."""
    version = call(
        "POST", f"/programmes/{programme}/rules", {"document": json.loads((HERE / "rules.json").read_text())}
    )
    path = f"/programmes/{programme}/rules/{version['version']}/backtests"
    found = call("POST", path, MARCH)
    while found["state"] in ("queued", "running"):
        time.sleep(0.2)
        found = call("GET", f"{path}/{found['id']}")
    return found


def show(found):
    """Print the cost and the winners."""
    result, members = found["result"], found["result"]["members"]
    print(f"{result['replayed']['purchases']} purchases of {members['count']} members")
    for name, points in (("then", result["then"]), ("by the draft", result["tried"])):
        cost = f"{points['cost']['amount'] / 100:.2f} {points['cost']['currency']}"
        print(f"{name + ':':14}{points['points']:6} points, {cost}")
    for rule in result["rules"]:
        print(f"  {rule['rule_id']:16}{rule['points']:6} points of {rule['times']} purchases")
    print(f"{members['winners']} win {members['gained']} points, {members['losers']} lose {members['lost']}")
    for change in members["largest_gains"][:3] + members["largest_losses"][:3]:
        print(f"  {change['member_id']}  {change['points_then']:4} → {change['points']:4}  ({change['change']:+})")


if __name__ == "__main__":
    made = UUID(call("POST", "/programmes", PROGRAMME)["id"])
    call("PUT", f"/programmes/{made}/rule-schema", SCHEMA)
    recorded = call("POST", "/points/purchases/batches", {"purchases": list(purchases(made))})["results"]
    assert all(one["status"] in ("recorded", "repeated") for one in recorded), recorded
    show(backtested(made))
