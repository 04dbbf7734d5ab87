"""What an operation can refuse: what it names itself, and the doors that stand in front of it.

Doors are known from the view, so nobody writes them down: they are tested once for all operations
(`shared.testing.doors`), while each code that an operation names has a test of its own (`tools/reached.py`).
"""

import re
from collections import defaultdict
from typing import Any

from shared import errors
from shared.errors import DomainError
from shared.http.gateway import BY_GATEWAY, BY_GATEWAY_OF_BODIES
from shared.http.parsers import StrictJSONParser
from shared.http.views import Operation, operation_of
from shared.tokens.authentication import HasScope

_OF_KEYS = frozenset(
    {
        errors.IdempotencyKeyRequired,
        errors.IdempotencyKeyInvalid,
        errors.IdempotencyKeyReused,
        errors.IdempotencyInProgress,
    }
)


def reads_body(asked: Operation) -> bool:
    """Tell whether an operation reads a body; one that moves value does, because its key stands for the body too."""
    return asked.takes_body or asked.moves_value


def doors(view: Any, method: str) -> frozenset[type[DomainError]]:
    """Return what a view (or its class) refuses before the operation of this method decides anything."""
    asked = operation_of(view, method)
    assert asked, f"{view} has no operation {method}"
    found: set[type[DomainError]] = {errors.NotAcceptable, *_of_token(view)}
    if view.reads_database:
        found.add(errors.Unavailable)
    takes_json = StrictJSONParser in view.parser_classes
    if reads_body(asked):
        found |= {errors.RequestTooLarge, errors.UnsupportedMediaType}
    if (reads_body(asked) and takes_json) or asked.takes_cursor:
        found.add(errors.MalformedRequest)
    if (asked.takes_body and takes_json) or asked.takes_query:
        found.add(errors.InvalidRequest)
    return frozenset(found | _OF_KEYS if asked.moves_value else found)


def doors_of_path(path: str) -> frozenset[type[DomainError]]:
    """Return what is refused before any view is found: an id in the path (`{…_id}`) that is no UUID."""
    return frozenset({errors.NotFound} if re.search(r"{\w+_id}", path) else ())


def _of_token(view: Any) -> set[type[DomainError]]:
    found: set[type[DomainError]] = set()
    if view.authentication_classes:
        found |= {errors.InvalidToken, errors.KeysUnavailable}
    if not view.public:
        found.add(errors.Unauthenticated)
        if HasScope in view.permission_classes:
            found.add(errors.InsufficientScope)
    return found


def own_refusals(view: Any, method: str) -> frozenset[type[DomainError]]:
    """Return what the operation itself refuses, and no door does."""
    asked = operation_of(view, method)
    assert asked, f"{view} has no operation {method}"
    return asked.refuses - doors(view, method)


def refusals_by_status(view: Any, method: str, path: str) -> dict[int, dict[str, str]]:
    """Return all that can be answered instead of a success: status → code → title, in the order of the statuses.

    `path` is the published one, with its parameters in braces.
    """
    asked = operation_of(view, method)
    if asked is None:
        return {}
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for refusal in doors(view, method) | doors_of_path(path) | asked.refuses:
        found[int(refusal.status)][refusal.code] = refusal.title
    for status, titles in (BY_GATEWAY | (BY_GATEWAY_OF_BODIES if reads_body(asked) else {})).items():
        found[status].update(titles)
    return dict(sorted(found.items()))
