"""Is the whole stack well? `python -m tools.doctor` asks every part, prints what it found, and says what to do."""

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.stack.layout import PACKAGES
from tools.target import CannotAsk, Target, running

# The comparison runs every five minutes; twice missed is a fault of its own.
STALE = timedelta(minutes=12)
# For so long an entry that is no message is worth a person's look.
REMEMBERED = timedelta(days=1)
# Whoever waits longer than this though nothing is parked has a consumer that does not work; a bulk job's messages
# may be very many.
SLOW_SECONDS, BULK_SLOW_SECONDS = 120.0, 1800.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, and what to do where it is not well."""

    what: str
    is_well: bool
    text: str
    advice: str = ""


def findings(target: Target) -> Iterator[Finding]:
    """Look at everything, the parts that others need first."""
    for service in PACKAGES:
        yield _readiness(target, service)
    for service in PACKAGES:
        try:
            flows = json.loads(target.ask(service, "messages", "status", "--json"))
        except CannotAsk as problem:
            yield Finding(f"{service}: messages", False, str(problem), f"make logs s={service}")
            continue
        for flow in flows:
            yield _flow(service, flow)
            yield _comparison(service, flow, now=datetime.now(UTC))
        for entry in json.loads(target.ask(service, "messages", "malformed", "--json")):
            yield _malformed(service, entry, now=datetime.now(UTC))
    yield _reconciliation(target.ask)


def _reconciliation(ask: Callable[..., str]) -> Finding:
    """Tell whether the warehouse's facts come to what the services count."""
    what, advice = (
        "warehouse adds up",
        "GET /api/v1/reports/reconciliation?status=different; services/warehouse/README.md",
    )
    try:
        found = json.loads(ask("warehouse", "reconciliation"))
    except CannotAsk as problem:
        return Finding(what, False, str(problem), "make logs s=warehouse")
    if not found:
        return Finding(what, True, "no sum differs from what its service counts")
    one = found[0]
    text = f"{len(found)} sums differ, such as {one['ledger']} {one['kind']} of {one['unit']} on {one['day']}"
    return Finding(what, False, text, advice)


def _readiness(target: Target, service: str) -> Finding:
    try:
        with urllib.request.urlopen(f"{target.url}/health/{service}", timeout=10) as answer:  # noqa: S310 - our gateway
            checks = json.load(answer)["checks"]
    except urllib.error.HTTPError as refusal:
        return Finding(service, False, f"answers {refusal.code}", f"make ps; make logs s={service}")
    except OSError as problem:
        return Finding(service, False, f"does not answer: {problem}", "make ps; make up")
    bad = [name for name, is_well in checks.items() if not is_well]
    return Finding(service, not bad, "ready" if not bad else f"without {', '.join(bad)}", "make ps; make logs s=broker")


def _flow(service: str, flow: dict[str, Any]) -> Finding:
    way = f"{service} → {flow['destination']}"
    text = f"{flow['waiting']} wait, the oldest for {flow['oldest_seconds']:.0f} s; {flow['parked']} parked"
    if flow["bulk_waiting"]:
        text += f"; of bulk jobs {flow['bulk_waiting']}, the oldest for {flow['bulk_oldest_seconds']:.0f} s"
    if flow["parked"]:
        advice = f'make manage s={service} c="messages parked" (or resend, skip); GET /api/v1/{service}/messages'
        return Finding(way, False, text, advice)
    if flow["failing"]:
        text += f"; {flow['failing']} fail: {flow['last_error']}"
        advice = f'make logs s={flow["destination"]}-worker; make manage s={service} c="messages waiting"'
        return Finding(way, False, text, advice)
    is_slow = flow["oldest_seconds"] > SLOW_SECONDS or flow["bulk_oldest_seconds"] > BULK_SLOW_SECONDS
    return Finding(way, not is_slow, text, f"make ps; make logs s={flow['destination']}-worker")


def _comparison(service: str, flow: dict[str, Any], *, now: datetime) -> Finding:
    way = f"{service} = {flow['destination']}"
    counts = f"{flow['missing']} were missing and sent again, {flow['surplus']} in surplus"
    if flow["compared_at"] is None:
        return Finding(way, True, "not compared yet (every five minutes)")
    age = now - datetime.fromisoformat(flow["compared_at"])
    if age > STALE:
        return Finding(
            way, False, f"compared {_ago(age)}", f"make logs s={flow['destination']}-worker, s={service}-beat"
        )
    if flow["surplus"]:
        advice = f"{service} does not remember what it published: was it restored from a backup?"
        return Finding(way, False, f"compared {_ago(age)}: {counts}", advice)
    is_agreed = flow["agreed_at"] == flow["compared_at"]
    text = f"both sides have the same {flow['compared']} messages" if is_agreed else "they differ; what lacks is sent"
    return Finding(way, True, f"{text}, {_ago(age)}; {counts} so far")


def _malformed(service: str, entry: dict[str, Any], *, now: datetime) -> Finding:
    age = now - datetime.fromisoformat(entry["last_at"])
    text = f"{entry['count']} entries that are no message, the last {_ago(age)}: {entry['last_error']}"
    advice = f"who else writes to the broker as {service} or to it? make logs s={service}-worker; operations.md"
    return Finding(f"{entry['queue']}", age > REMEMBERED, text, advice)


def _ago(age: timedelta) -> str:
    return f"{age.total_seconds():.0f} s ago"


def main() -> int:
    unwell = 0
    for finding in findings(running()):
        print(f"{'ok ' if finding.is_well else 'BAD'}  {finding.what:24} {finding.text}", flush=True)
        if not finding.is_well:
            unwell += 1
            print(f"     {'':24} → {finding.advice}")
    print("all is well" if not unwell else f"{unwell} things are not well")
    return min(unwell, 1)


if __name__ == "__main__":
    sys.exit(main())
