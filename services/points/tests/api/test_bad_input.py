"""What no request that moves points takes: each a 4xx problem with a stable code, and nothing written."""

import json
from typing import Any

import pytest

from shared.testing.actors import anonymous
from shared.testing.proofs import nothing_written
from shared.testing.tokens import bad_tokens
from tests.factories import give, make_programme

pytestmark = pytest.mark.django_db
EARNINGS = "/api/v1/points/earnings"
REDEMPTIONS = "/api/v1/points/redemptions"
ADJUSTMENTS = "/api/v1/points/adjustments"
BATCHES = "/api/v1/points/batches"
MEMBER = "00000000-0000-7000-8000-000000000001"
GOOD = {"member_id": MEMBER, "points": 10, "reason": "gift"}
PATHS = [EARNINGS, REDEMPTIONS, ADJUSTMENTS]


@pytest.fixture(autouse=True)
def points(member: Any) -> None:
    make_programme()
    give(member.id, 100)


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    assert answer.json()["code"] == code


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("points", [0, 10**12 + 1, 2**63, 2**64, 10**400, 1.5, 10.0, "10", "", None, True, [], {}])
def test_points_that_are_no_proper_number(operator: Any, path: str, points: Any) -> None:
    with nothing_written():
        refused(operator.post(path, GOOD | {"points": points}), 400, "request.invalid")


@pytest.mark.parametrize("path", [EARNINGS, REDEMPTIONS])
@pytest.mark.parametrize("points", [-1, -(10**12), -(2**63)])
def test_negative_points_but_for_adjustments(operator: Any, path: str, points: int) -> None:
    with nothing_written():
        refused(operator.post(path, GOOD | {"points": points}), 400, "request.invalid")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "change",
    [
        {"member_id": "nobody"},
        {"member_id": 5},
        {"member_id": "00000000-0000-0000-0000-000000000000"},
        {"member_id": None},
        {"programme": "default"},
        {"programme": 1},
        {"reason": ""},
        {"reason": None},
        {"reason": 5},
        {"reason": "x" * 201},
        {"reason": "a\x00b"},
        {"reason": "\ud800"},
        {"reference": "x" * 101},
        {"reference": "\x00"},
        {"surprise": 1},
        {"amount": {"amount": 1, "currency": "EUR"}},
    ],
)
def test_fields_that_are_wrong_or_unknown(operator: Any, path: str, change: dict[str, Any]) -> None:
    with nothing_written():
        refused(operator.post_raw(path, json.dumps(GOOD | change).encode()), 400, "request.invalid")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("missing", ["points", "reason"])
def test_a_missing_field(operator: Any, path: str, missing: str) -> None:
    with nothing_written():
        body = {name: value for name, value in GOOD.items() if name != missing}
        refused(operator.post(path, body), 400, "request.invalid")


@pytest.mark.parametrize(
    "change",
    [
        {"occurred_at": "yesterday"},
        {"occurred_at": "2026-03-01T12:00:00"},
        {"occurred_at": "0001-01-01T00:00:00Z"},
        {"occurred_at": "9999-12-31T23:59:59Z"},
        {"occurred_at": 1_700_000_000},
        {"expires_at": "2001-01-01T00:00:00Z"},
        {"expires_at": "9999-12-31T23:59:59-12:00"},
        {"expires_at": "2026-02-30T00:00:00Z"},
        {"expires_at": None},
    ],
)
def test_instants_that_cannot_be(operator: Any, change: dict[str, Any]) -> None:
    with nothing_written():
        refused(operator.post(EARNINGS, GOOD | change), 400, "request.invalid")


@pytest.mark.parametrize("path", [*PATHS, BATCHES])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b'{"points": NaN}',
        b'{"points": Infinity}',
        b'{"points": 1, "points": 2}',
        b'{"reason": "\xff\xfe"}',
        b"\xef\xbb\xbf{}",
        b'{"points": 1}garbage',
        b"[" * 100_00 + b"]" * 100_00,
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
)
def test_bodies_that_are_no_proper_json(operator: Any, path: str, body: bytes) -> None:
    with nothing_written():
        answer = operator.post_raw(path, body)

    assert answer.status_code == 400
    assert answer.json()["code"] in ("request.malformed", "request.invalid")


@pytest.mark.parametrize("path", PATHS)
def test_a_key_that_was_used_for_another_request(operator: Any, path: str) -> None:
    operator.post(path, GOOD, key="k")
    with nothing_written():
        refused(operator.post(path, GOOD | {"points": 11}, key="k"), 422, "idempotency.key_reused")


@pytest.mark.parametrize("path", [*PATHS, BATCHES])
def test_tokens_that_are_forged_expired_or_not_ours(operator: Any, path: str) -> None:
    for token in bad_tokens(operator.caller).values():
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_IDEMPOTENCY_KEY": "k"}
        with nothing_written():
            refused(anonymous().post(path, GOOD, format="json", **headers), 401, "auth.invalid_token")


@pytest.mark.parametrize("path", [EARNINGS, ADJUSTMENTS, BATCHES])
def test_a_member_cannot_do_an_operators_work(member: Any, path: str) -> None:
    with nothing_written():
        refused(member.post(path, GOOD), 403, "auth.insufficient_scope")


@pytest.mark.parametrize("path", PATHS)
def test_an_analyst_moves_nothing(analyst: Any, path: str) -> None:
    with nothing_written():
        refused(analyst.post(path, GOOD), 403, "auth.insufficient_scope")
