"""What the gateway itself promises."""

import re

import pytest
from clients.api import PROBLEM, Api, refused, said
from people import Person

SERVICES = ("auth", "points", "payments", "warehouse")


@pytest.mark.parametrize(
    "path", ["/internal", "/metrics", "/admin/", "/readyz", "/api/v1/nothing", "/api/v2/points/balance"]
)
def test_what_is_not_published_is_not_there(url: str, path: str) -> None:
    refused(Api(url).get(path), 404)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_shows_its_health_and_its_schema(url: str, service: str) -> None:
    assert Api(url).get(f"/health/{service}").status_code == 200
    schema = Api(url).get(f"/api/v1/{service}/swagger.json").json()
    assert schema["paths"]
    assert Api(url).get(f"/api/v1/{service}/docs/").status_code == 200


def test_the_portal_is_there(url: str) -> None:
    assert Api(url).get("/healthz").status_code == 200
    assert Api(url).get("/").status_code in (200, 301, 302)
    assert Api(url).get("/docs/").status_code == 200


@pytest.mark.parametrize("service", SERVICES)
def test_flower_is_behind_a_password(url: str, service: str) -> None:
    assert Api(url).get(f"/flower/{service}/").status_code == 401


def test_a_request_id_is_kept_where_it_is_one_and_made_where_it_is_not(url: str, member: Person) -> None:
    path = "/api/v1/points/balance"
    kept = member.api.send("GET", path, headers={"X-Request-Id": "journey-0123456789"})
    made = member.api.send("GET", path, headers={"X-Request-Id": 'no good"; x'})

    assert kept.headers["X-Request-Id"] == "journey-0123456789"
    assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}", made.headers["X-Request-Id"])


def test_answers_carry_security_headers(url: str, member: Person) -> None:
    headers = member.api.get("/api/v1/points/balance").headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"] or headers["X-Frame-Options"] == "DENY"
    assert "Python" not in headers.get("Server", "")


def test_an_oversized_body_is_a_problem_too(url: str, member: Person) -> None:
    refused(member.api.post_raw("/api/v1/points/redemptions", b" " * 30_000_000), 413)


@pytest.mark.parametrize("value", ["a\x7f", "a\x01b"])
def test_a_header_that_is_no_http_is_a_problem_too(member: Person, value: str) -> None:
    answer = member.api.send("POST", "/api/v1/points/redemptions", headers={"Idempotency-Key": value}, json={})

    # The web server refuses it before the service knows the request's id, which is in the header only.
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, PROBLEM), said(answer)
    assert answer.json()["code"] == "request.malformed"
    assert answer.headers["X-Request-Id"]


def test_what_the_gateway_lets_through_the_service_reads(member: Person) -> None:
    path = "/api/v1/points/transactions"
    many = {f"X-Header-{number}": "1" for number in range(200)}

    refused(member.api.get(path, unknown="a" * 7_500), 400, "request.invalid")
    assert member.api.send("GET", path, headers=many).status_code == 200
    assert member.api.send("GET", path, headers={"X-Large": "a" * 8_000}).status_code == 200


@pytest.mark.parametrize("host", ["a_b'c", "evil.example"])
def test_a_host_that_is_none_of_ours_is_a_problem(member: Person, host: str) -> None:
    refused(member.api.send("GET", "/api/v1/points/transactions", headers={"Host": host}), 400, "request.malformed")


def test_what_is_a_members_own_is_kept_by_nobody(member: Person) -> None:
    for path in ("points/balance", "wallets", "auth/me", "reports/freshness"):
        assert member.api.get(f"/api/v1/{path}").headers["Cache-Control"] == "no-store"
