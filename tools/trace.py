"""One journey across all services, with times: `python -m tools.trace ID`, the X-Request-Id of its first request."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tools.stack.layout import PACKAGES
from tools.target import CannotAsk, Target, running

ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, order=True)
class Moment:
    """Something that happened at a time."""

    at: datetime
    text: str


def moments(target: Target, journey: str) -> list[Moment]:
    """Everything that is known of a journey, in the order of time."""
    parts = [json.loads(target.ask(service, "trace", journey)) for service in PACKAGES]
    published = [message for part in parts for message in part["published"]]
    if not published:
        return []
    ids = [message["message_id"] for message in published]
    asked = [json.loads(target.ask(service, "trace", journey, "--received", *ids)) for service in PACKAGES]
    received = [one for part in asked for one in part["received"]]
    return sorted([*_published(published, received), *_received(published, received)])


def _published(published: list[dict[str, Any]], received: list[dict[str, Any]]) -> Iterator[Moment]:
    for message in published:
        acted = {one["consumer"] for one in received if one["message_id"] == message["message_id"]}
        missing = [f"{name}: waits" for name in message["waits_for"] if name not in acted]
        cause = _names(published).get(message["causation_id"], "the request")
        way = f"{message['producer']} → {', '.join(message['destinations'])}"
        text = f"✉ {message['name']:24} {way}   because of {cause}   {' · '.join(missing)}"
        yield Moment(datetime.fromisoformat(message["made_at"]), text.rstrip())


def _received(published: list[dict[str, Any]], received: list[dict[str, Any]]) -> Iterator[Moment]:
    names = _names(published)
    for one in received:
        yield Moment(datetime.fromisoformat(one["received_at"]), f"  └ {names[one['message_id']]:22} {one['consumer']}")


def _names(published: list[dict[str, Any]]) -> dict[str, str]:
    return {message["message_id"]: str(message["name"]) for message in published}


def main(journey: str) -> int:
    if not ID.fullmatch(journey):
        print("usage: make trace id=<X-Request-Id: 8 to 64 letters, digits, - and _>")
        return 2
    try:
        found = moments(running(), journey)
    except CannotAsk as problem:
        print(f"the stack does not answer: {problem}")
        return 1
    if not found:
        print(
            "no message belongs to this journey (any more): requests that only read, or were refused, publish nothing"
        )
        return 1
    for moment in found:
        print(f"{(moment.at - found[0].at).total_seconds() * 1000:>9.1f} ms  {moment.text}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
