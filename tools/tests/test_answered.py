"""Which operations a run's requests were answered with a success by, read from the gateway's log."""

import json
from typing import Any

import pytest

from tools import e2e
from tools.answered import Operation, Published, answered, await_answered, report

RUN = "journey-0a1b2c3d-"
AUTH = {"paths": {"/.well-known/jwks.json": {"get": {}}, "/api/v1/auth/me": {"get": {}, "patch": {}, "parameters": []}}}
POINTS: dict[str, Any] = {
    "paths": {
        "/api/v1/vouchers/{code}": {"get": {}},
        "/api/v1/vouchers/campaigns": {"get": {}, "post": {}},
        "/api/v1/vouchers/campaigns/{campaign_id}/codes.csv": {"get": {}},
        "/api/v1/points/pending/{pending_id}": {"get": {}},
        "/api/v1/points/pending/activations": {"post": {}},
    },
}
PUBLISHED = Published.of([AUTH, POINTS])


def line(method: str, uri: str, status: int = 200, request_id: str = f"{RUN}0123") -> str:
    """Return a line as nginx writes it."""
    said: dict[str, Any] = {"at": "2026-01-15T10:00:00+00:00", "request_id": request_id, "method": method, "uri": uri}
    return json.dumps({**said, "status": status}, separators=(",", ":")) + "\n"


def texts(*lines: str) -> set[str]:
    return {str(operation) for operation in answered(PUBLISHED, lines, RUN)}


def test_the_operations_are_the_methods_on_the_paths() -> None:
    assert {str(operation) for operation in PUBLISHED.operations} == {
        "GET /.well-known/jwks.json",
        "GET /api/v1/auth/me",
        "PATCH /api/v1/auth/me",
        "GET /api/v1/vouchers/{code}",
        "GET /api/v1/vouchers/campaigns",
        "POST /api/v1/vouchers/campaigns",
        "GET /api/v1/vouchers/campaigns/{campaign_id}/codes.csv",
        "GET /api/v1/points/pending/{pending_id}",
        "POST /api/v1/points/pending/activations",
    }


@pytest.mark.parametrize(
    ("method", "uri", "found"),
    [
        ("GET", "/api/v1/vouchers/SUMMER-1", "GET /api/v1/vouchers/{code}"),
        ("GET", "/api/v1/vouchers/campaigns", "GET /api/v1/vouchers/campaigns"),
        ("GET", "/api/v1/vouchers/campaigns/7/codes.csv", "GET /api/v1/vouchers/campaigns/{campaign_id}/codes.csv"),
        ("POST", "/api/v1/points/pending/activations", "POST /api/v1/points/pending/activations"),
    ],
)
def test_a_request_is_for_the_path_that_names_more_of_it(method: str, uri: str, found: str) -> None:
    assert texts(line(method, uri)) == {found}


@pytest.mark.parametrize(
    ("method", "uri"),
    [
        ("GET", "/api/v1/points/pending/activations"),  # a path of its own, which takes no GET
        ("GET", "/api/v1/vouchers/campaigns/7/codesXcsv"),
        ("GET", "/api/v1/vouchers/campaigns/"),
        ("HEAD", "/api/v1/auth/me"),
        ("GET", "/vouchers/SUMMER-1"),
        ("GET", "/health/points"),
    ],
)
def test_what_no_schema_has_counts_for_nothing(method: str, uri: str) -> None:
    assert texts(line(method, uri)) == set()


@pytest.mark.parametrize(("status", "counts"), [(200, True), (201, True), (204, True), (304, False), (404, False)])
def test_only_a_2xx_is_a_success(status: int, counts: bool) -> None:
    assert bool(texts(line("GET", "/api/v1/auth/me", status))) is counts


def test_what_others_sent_and_what_is_no_request_counts_for_nothing() -> None:
    assert texts(line("GET", "/api/v1/auth/me", request_id="a-generated-request")) == set()
    assert texts(line("GET", "/api/v1/auth/me", request_id="journey-ffffffff-0123")) == set()
    assert texts("2026/11/29 10:35:19 [notice] 22121#22121: start worker process\n") == set()


def test_the_log_is_read_until_it_has_everything() -> None:
    lines = [line(one.method, one.path.replace("{", "").replace("}", "")) for one in PUBLISHED.operations]
    readings = iter([lines[:1], lines[:5], lines])

    assert await_answered(PUBLISHED, lambda: next(readings), RUN, seconds=60) == PUBLISHED.operations


def test_what_is_missing_is_named_after_the_time_that_nginx_has() -> None:
    found = await_answered(PUBLISHED, lambda: [line("GET", "/api/v1/auth/me")], RUN, seconds=0)

    assert found == {Operation("/api/v1/auth/me", "GET")}
    first, *missing = report(PUBLISHED, found, is_whole=True)
    assert first == "1 of 9 operations were answered with a success by a journey; without one:"
    assert missing[:2] == ["  GET /.well-known/jwks.json", "  PATCH /api/v1/auth/me"]
    assert len(missing) == 8


def test_nothing_is_named_where_nothing_is_missing() -> None:
    said = ["9 of 9 operations were answered with a success by a journey"]
    assert report(PUBLISHED, PUBLISHED.operations, is_whole=True) == said
    assert report(PUBLISHED, PUBLISHED.operations, is_whole=False) == said


def test_some_journeys_say_that_what_they_lack_is_no_failure() -> None:
    assert report(PUBLISHED, frozenset(), is_whole=False)[0] == (
        "0 of 9 operations were answered with a success by a journey; "
        "without one (some journeys only: this is no failure):"
    )


def test_all_journeys_together_fail_on_what_is_missing_and_some_of_them_only_say_it() -> None:
    assert e2e.exit_code(0, is_complete=False, is_whole=True) == 1
    assert e2e.exit_code(0, is_complete=True, is_whole=True) == 0
    assert e2e.exit_code(0, is_complete=False, is_whole=False) == 0
    assert e2e.exit_code(2, is_complete=True, is_whole=True) == 2
