"""What a stack's logs say that no request and no kill explains: refusals of PostgreSQL that nobody counts on (a right
that is missing, a deadlock, a number too large), and what a service logged as an error.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tools.stack.layout import PACKAGES
from tools.target import Target

DATABASES = ("db", "warehouse-db")
PROCESSES = tuple(f"{service}-{kind}" for service in PACKAGES for kind in ("web", "worker", "relay", "beat"))
# What is done otherwise then (docs/operations.md), and the one order that is paid twice at once.
_EXPECTED = re.compile(
    r"has to be read first|this request has come before|a concurrent duplicate of this request is running"
    r'|duplicate key value violates unique constraint "payment_intent_order"'
)
_ERROR = re.compile(r"\bERROR:  (.*)")


def unexpected(target: Target) -> list[str]:
    """Return what nobody expects to read there, each once, with who said it and how often."""
    found = [(name, refusals(target.log(name))) for name in DATABASES]
    found += [(name, errors(target.log(name))) for name in PROCESSES]
    return [f"{name}, {count} x: {said}" for name, lines in found for said, count in Counter(lines).items()]


def refusals(log: Iterable[str]) -> Iterator[str]:
    """What PostgreSQL refused, but for what is expected."""
    for line in log:
        if (found := _ERROR.search(line)) and not _EXPECTED.search(line):
            yield found[1].strip()


def errors(log: Iterable[str]) -> Iterator[str]:
    """The events that a service logged as errors."""
    for line in log:
        if '"level": "error"' in line or '"level": "critical"' in line:
            said = json.loads(line)
            yield f"{said['logger']}: {said['event']}"
