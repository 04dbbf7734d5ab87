"""Which published operations were answered with a success by requests of one run, as the gateway's log has them."""

import json
import re
import time
import urllib.request
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tools.stack.layout import PACKAGES

# nginx writes its log within a second; the rest is room for a busy machine.
PATIENCE_SECONDS, PAUSE_SECONDS = 5.0, 0.2
METHODS = frozenset({"get", "post", "put", "patch", "delete"})


class Operation(NamedTuple):
    """A method on a path as the schema has it: `GET /api/v1/vouchers/{code}`."""

    path: str
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Published:
    """All operations of the published schemas, and which of them a request is for."""

    operations: frozenset[Operation]
    paths: tuple[tuple[str, re.Pattern[str]], ...]

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, Any]], *, left_out: Collection[Operation] = ()) -> "Published":
        """Reads the schemas of all services; what is left out is not asked for."""
        found = frozenset(
            Operation(path, method.upper())
            for document in documents
            for path, methods in document["paths"].items()
            for method in METHODS & methods.keys()
        ) - frozenset(left_out)
        paths = sorted({operation.path for operation in found}, key=_literals_first)
        return cls(found, tuple((path, _pattern(path)) for path in paths))

    def find(self, method: str, path: str) -> Operation | None:
        """The operation that a request is for; None for what no schema has."""
        template = next((template for template, pattern in self.paths if pattern.fullmatch(path)), None)
        operation = Operation(template or "", method)
        return operation if operation in self.operations else None


def _literals_first(path: str) -> list[tuple[bool, str]]:
    """Sorts `/purchases/mine` before `/purchases/{id}`, as the services look them up."""
    return [("{" in segment, segment) for segment in path.split("/")]


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(
        "".join("[^/]+" if part[0] == "{" else re.escape(part) for part in re.findall(r"{\w+}|[^{]+", path))
    )


def answered(published: Published, log: Iterable[str], request_ids: str) -> frozenset[Operation]:
    """The operations that were answered with a 2xx to a request whose id begins with `request_ids`."""
    # Wherever it stands: in Docker nginx's own messages and these lines go through one pipe.
    asked = re.compile(
        rf'"request_id":"{re.escape(request_ids)}[^"]*",[^{{}}]*?"method":"(\w+)","uri":"((?:[^"\\]|\\.)*)","status":2'
    )
    found = {published.find(*match.groups()) for line in log for match in asked.finditer(line)}
    return frozenset(operation for operation in found if operation)


def await_answered(
    published: Published, read_log: Callable[[], Iterable[str]], request_ids: str, *, seconds: float = PATIENCE_SECONDS
) -> frozenset[Operation]:
    """Reads the log until nothing is missing, or nginx must have written all of it."""
    deadline = time.monotonic() + seconds
    while True:
        found = answered(published, read_log(), request_ids)
        if found == published.operations or time.monotonic() > deadline:
            return found
        time.sleep(PAUSE_SECONDS)


def schemas(url: str) -> list[dict[str, Any]]:
    """The schemas as the gateway publishes them."""
    found = []
    for service in PACKAGES:
        with urllib.request.urlopen(f"{url}/api/v1/{service}/swagger.json", timeout=30) as answer:  # noqa: S310 - our gateway
            found.append(json.load(answer))
    return found


def report(published: Published, found: frozenset[Operation], *, is_whole: bool) -> list[str]:
    """The lines that say how many operations were answered with a success, and which were not."""
    missing = sorted(published.operations - found)
    first = f"{len(found)} of {len(published.operations)} operations were answered with a success by a journey"
    if missing:
        first += "; without one:" if is_whole else "; without one (some journeys only: this is no failure):"
    return [first, *(f"  {operation}" for operation in missing)]
