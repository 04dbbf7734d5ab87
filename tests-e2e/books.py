"""What a member has in a programme, so that a journey can say that nothing moved, or only once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from clients.api import Api, ok
from people import Person


@contextmanager
def nothing_moves(programme: str, *members: Person) -> Iterator[None]:
    """Check that these members' points are afterwards what they were before, to the transaction and the lot."""
    before = [_books(member, programme) for member in members]
    yield
    assert [_books(member, programme) for member in members] == before


def sent_twice(api: Api, path: str, body: dict[str, Any], *, status: int = 201) -> Any:
    """Send a POST twice by one key; the second answer is the first one, to the byte, and says so."""
    key = str(uuid4())
    first, again = api.post(path, body, key=key), api.post(path, body, key=key)
    answer = ok(first, status)
    assert (again.status_code, again.content) == (status, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    return answer


def _books(member: Person, programme: str) -> Any:
    balance = member.ledger.balance(programme=programme)
    del balance["as_of"]
    return balance, member.points.transactions(programme=programme), member.points.lots(programme=programme)
