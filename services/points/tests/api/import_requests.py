"""Making and uploading imports over HTTP."""

from typing import Any

import pytest

from shared.callers import Caller
from shared.ids import new_id
from shared.testing.actors import Actor
from tests.factories import make_programme

PATH = "/api/v1/points/imports"
BODY: dict[str, Any] = {
    "name": "till 7, March",
    "columns": {"member_id": "Card", "points": "Points"},
    "constants": {"kind": "earn"},
}


@pytest.fixture(autouse=True)
def programme() -> Any:
    """Have a programme."""
    return make_programme()


def make(actor: Actor, **changes: Any) -> str:
    """Make an import."""
    answer = actor.post(PATH, BODY | changes)
    assert answer.status_code == 201, answer.content
    found: str = answer.json()["id"]
    return found


def put(actor: Actor, import_id: str, content: Any, offset: Any = 0, **headers: Any) -> Any:
    """Upload a piece of a file."""
    path = f"{PATH}/{import_id}/content?offset={offset}"
    kind = headers.pop("content_type", "application/octet-stream")
    return actor._client().generic("PUT", path, content, content_type=kind, **headers)


def upload(actor: Actor, content: bytes, **changes: Any) -> str:
    """Make an import and upload all of its file."""
    import_id = make(actor, **changes)
    answer = put(actor, import_id, content)
    assert (answer.status_code, answer.json()["bytes"]) == (200, len(content)), answer.content
    return import_id


def code(answer: Any) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return answer.status_code, answer.json()["code"]


def actor_with(*scopes: str) -> Actor:
    """Ask as a program that has these scopes."""
    return Actor(Caller(new_id(), frozenset(scopes)))
