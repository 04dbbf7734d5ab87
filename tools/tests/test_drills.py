"""The drills' proof can fail: what it compares, and that each kind of effect is in it."""

import json
import re
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, Self

import pytest

from tools.drills.__main__ import chosen
from tools.drills.catalogue import DRILLS
from tools.drills.client import Client
from tools.drills.tally import Tally, differences
from tools.drills.waits import DrillFailed, eventually


def a_day() -> Tally:
    """Return the tally of a member who did everything once."""
    tally = Tally()
    tally.topped_up("ann", 10_000)
    tally.paid("ann", 2_500)
    tally.refunded("ann", 500)
    tally.given("ann", 7)
    tally.flooded("joe", 7, times=2)
    tally.redeemed("ann", 4)
    return tally


def test_the_tally_adds_up_what_was_promised() -> None:
    assert a_day().expected() == {
        "ann wallet": 8_000,
        "ann wallet entries": 3,
        "ann points": 23,
        "ann earned": 2,
        "ann earned points": 32,
        "ann returned": 1,
        "ann returned points": 5,
        "ann redeemed": 1,
        "ann redeemed points": 4,
        "joe points": 14,
        "warehouse captured": 1,
        "warehouse captured amount": 2_500,
        "warehouse refunded": 1,
        "warehouse refunded amount": 500,
        "warehouse earned": 46,
        "warehouse returned": 5,
        "warehouse redeemed": 4,
        "warehouse transactions": 6,
    }


def test_nothing_differs_where_all_is_as_promised() -> None:
    assert differences(a_day().expected(), a_day().expected()) == []


@pytest.mark.parametrize("name", a_day().expected())
def test_every_total_that_is_one_too_many_is_seen(name: str) -> None:
    expected = a_day().expected()
    found = {**expected, name: expected[name] + 1}
    assert differences(expected, found) == [f"{name}: {expected[name]} expected, {expected[name] + 1} found"]


@pytest.mark.parametrize("name", a_day().expected())
def test_every_total_that_is_missing_is_seen(name: str) -> None:
    expected = a_day().expected()
    found = {other: value for other, value in expected.items() if other != name}
    assert differences(expected, found) == [f"{name}: {expected[name]} expected, 0 found"]


def test_an_effect_that_nobody_asked_for_is_seen() -> None:
    assert differences({}, {"ann expired": 1}) == ["ann expired: 0 expected, 1 found"]


def test_waiting_fails_with_what_it_saw_last() -> None:
    with pytest.raises(DrillFailed, match="not over after 0 s: 0"):
        eventually(lambda: 0, "over", seconds=0)


def test_a_client_repeats_with_the_same_key_until_it_knows() -> None:
    with Fickle() as server:
        assert Client(server.url).post("anything", {}) == {"done": True}
    assert len(server.keys) == 4
    assert len(set(server.keys)) == 1


def test_a_client_does_not_repeat_what_was_refused() -> None:
    with Fickle(answers=[(409, {"code": "points.insufficient"})]) as server, pytest.raises(DrillFailed, match="409"):
        Client(server.url).post("anything", {})
    assert len(server.keys) == 1


def test_the_short_form_leaves_no_kind_of_fault_out_but_the_longest() -> None:
    longer = {one.name for one in chosen([], is_short=False)} - {one.name for one in chosen([], is_short=True)}
    assert longer == {"broker_frozen", "freezes", "worker_hangs"}


def test_a_drill_is_chosen_by_its_name_in_either_form() -> None:
    assert [one.name for one in chosen(["freezes", "flushall"], is_short=True)] == ["freezes", "flushall"]


def test_every_drill_says_what_it_shows() -> None:
    assert all(re.fullmatch(r"[A-Z`k].{30,}\.", one.promise) for one in DRILLS.values())


class Fickle:
    """A gateway with the given answers, one after the other; `keys` are the idempotency keys it was sent."""

    ANSWERS: tuple[tuple[int, dict[str, Any]], ...] = (
        (502, {}),
        (409, {"code": "idempotency.in_progress"}),
        (429, {}),
        (201, {"done": True}),
    )

    def __init__(self, answers: Sequence[tuple[int, dict[str, Any]]] = ANSWERS) -> None:
        self.keys: list[str] = []
        left, keys = iter(answers), self.keys

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                keys.append(self.headers["Idempotency-Key"])
                status, value = next(left)
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(value).encode())

            def log_message(self, *_: Any) -> None:
                """Be quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
