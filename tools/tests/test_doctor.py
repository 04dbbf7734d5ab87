"""What the doctor says of a service's messages."""

import json
from typing import Any

import pytest

from tools.doctor import BULK_SLOW_SECONDS, SLOW_SECONDS, _flow, _reconciliation
from tools.target import CannotAsk

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


_DIFFERS = {"day": "2029-12-31", "ledger": "tier_changes", "unit": "a-programme", "kind": "period_end"}


@pytest.mark.parametrize(
    ("printed", "is_well", "text"),
    [
        ("[]", True, "no sum differs"),
        (json.dumps([_DIFFERS, _DIFFERS]), False, "2 sums differ, such as tier_changes period_end of a-programme on"),
        (None, False, "no such container"),
    ],
)
def test_a_sum_that_differs_from_its_services_count_is_not_well(
    *, printed: str | None, is_well: bool, text: str
) -> None:
    def ask(*arguments: str) -> str:
        assert arguments == ("warehouse", "reconciliation")
        if printed is None:
            raise CannotAsk("no such container")
        return printed

    finding = _reconciliation(ask)

    assert finding.is_well is is_well
    assert text in finding.text
