"""What the doctor says of a service's messages."""

from typing import Any

import pytest

from tools.doctor import BULK_SLOW_SECONDS, SLOW_SECONDS, _flow

_WELL: dict[str, Any] = {
    "destination": "warehouse",
    "waiting": 1,
    "oldest_seconds": 1.0,
    "bulk_waiting": 0,
    "bulk_oldest_seconds": 0.0,
    "parked": 0,
    "failing": 0,
    "last_error": "",
}


def test_messages_that_wait_a_moment_are_well() -> None:
    assert _flow("points", _WELL).is_well


@pytest.mark.parametrize(
    ("what", "text", "advice"),
    [
        ({"parked": 2}, "2 parked", "messages parked"),
        ({"failing": 3, "last_error": "no room"}, "3 fail: no room", "make logs s=warehouse-worker"),
        ({"oldest_seconds": SLOW_SECONDS + 1}, "1 wait", "make logs s=warehouse-worker"),
        ({"bulk_waiting": 4, "bulk_oldest_seconds": BULK_SLOW_SECONDS + 1}, "of bulk jobs 4", "make ps"),
    ],
)
def test_what_is_not_well_is_said_with_what_to_do(what: dict[str, Any], text: str, advice: str) -> None:
    finding = _flow("points", _WELL | what)

    assert (finding.is_well, finding.what) == (False, "points → warehouse")
    assert text in finding.text
    assert advice in finding.advice
