import re

import pytest
import requests

from gateway.tests.gateways import GATEWAY, TEMPLATE, problem

MIB = 1024 * 1024


def test_a_body_over_the_bound_is_refused(gateway):
    response = gateway.post("/api/v1/points/earnings", b"x" * (MIB + 1))

    assert problem(response) == (413, "gateway.too_large")


def test_a_body_of_unknown_length_is_held_to_the_same_bound(gateway):
    response = gateway.post("/api/v1/points/earnings", iter([b"x" * MIB, b"x"]))

    assert problem(response) == (413, "gateway.too_large")


@pytest.mark.parametrize(("size", "status"), [(8 * MIB, 200), (8 * MIB + 1, 413)])
@pytest.mark.parametrize("path", ["batches", "imports/019a0000-0000-7000-8000-0000000000f1/content?offset=0"])
def test_batches_and_pieces_of_imports_may_be_larger(gateway, path, size, status):
    assert gateway.post(f"/api/v1/points/{path}", b"x" * size).status_code == status


def test_a_service_that_is_away_answers_502_and_when_to_come_back(bad_day):
    response = bad_day.get("/api/v1/auth/me")

    assert problem(response) == (502, "gateway.upstream_unavailable")
    assert response.headers["Retry-After"] == "1"


def test_a_service_that_hangs_answers_504_and_when_to_come_back(bad_day):
    response = bad_day.post("/api/v1/points/earnings", b"{}")

    assert problem(response) == (504, "gateway.timeout")
    assert response.headers["Retry-After"] == "1"


def test_so_does_one_that_has_a_batch_as_large_as_it_may_be(bad_day):
    response = bad_day.post("/api/v1/points/batches", b"x" * 8 * MIB)

    assert problem(response) == (504, "gateway.timeout")
    assert response.headers["Retry-After"] == "1"


@pytest.mark.parametrize(("path", "status"), [("/api/v1/points/busy", 503), ("/api/v1/payments/missing", 404)])
def test_a_refusal_of_a_service_passes_unchanged(gateway, path, status):
    response = gateway.get(path)

    assert (response.status_code, response.json()["path"]) == (status, path)
    assert response.headers.get("Retry-After") == ("7" if status == 503 else None)


def test_too_many_sign_ins_are_refused(strict):
    answers = [strict.get("/api/v1/auth/token") for _ in range(100)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert 38 <= len(refused) <= 39
    assert problem(refused[0]) == (429, "gateway.rate_limited")
    assert refused[0].headers["Retry-After"] == "1"


def test_an_address_that_asks_too_often_is_refused_and_the_gateway_stays_healthy(strict):
    with requests.Session() as session:
        answers = [session.get(strict.url + "/api/v1/points/balance", timeout=10) for _ in range(450)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 1
    assert problem(refused[-1]) == (429, "gateway.rate_limited")
    assert strict.get("/healthz").status_code == 200


def test_an_address_that_is_too_long_is_refused(gateway):
    assert problem(gateway.get("/" + "a" * 9000)) == (414, "gateway.uri_too_long")


def test_headers_that_are_too_large_are_refused(gateway):
    response = gateway.get("/api/v1/points/balance", headers={"X-Large": "a" * 9000})

    assert problem(response) == (431, "gateway.headers_too_large")


@pytest.mark.parametrize(
    "lines",
    [
        ["GET / HTTP/1.1", "Host: a b"],
        ["GET / HTTP/1.1"],
        ["GET / HTTP/1.1", "Host: a", "Host: b"],
        ["GET /%00 HTTP/1.1", "Host: localhost"],
        ["POST /api/v1/points/earnings HTTP/1.1", "Host: localhost", "Content-Length: x"],
        ["POST /api/v1/points/earnings HTTP/1.1", "Host: localhost", "Content-Length: 1", "Transfer-Encoding: chunked"],
        ["nonsense"],
        ["GET /api/v1/vouchers/\xff\xfe HTTP/1.1", "Host: localhost"],
        ["GET /api/v1/points/lots?at=\xff HTTP/1.1", "Host: localhost"],
        ["POST /api/v1/points/earnings HTTP/1.1", "Host: localhost", "Transfer-Encoding: gzip, chunked"],
        ["GET /api/v1/points/lots HTTP/3.0", "Host: localhost"],
    ],
)
def test_what_is_not_http_is_refused(gateway, lines):
    status, kind, body = gateway.raw(*lines)

    assert (status, kind) == (400, "application/problem+json")
    assert '"code":"gateway.bad_request"' in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE"])
def test_a_page_takes_no_other_method(gateway, method):
    response = requests.request(method, gateway.url + "/", timeout=10)

    assert problem(response) == (405, "gateway.method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("method", ["BREW", "A" * 30])
def test_a_method_that_http_has_not_reaches_no_service(gateway, method):
    response = requests.request(method, gateway.url + "/api/v1/points/balance", timeout=10)

    assert problem(response) == (405, "gateway.method_not_allowed")
    assert response.headers["Allow"] == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_service_is_asked_with_each_method_that_http_has(gateway, method):
    assert requests.request(method, gateway.url + "/api/v1/points/balance", timeout=10).status_code != 405


def test_a_head_request_has_no_body(gateway):
    response = requests.head(gateway.url + "/no/such/page", timeout=10)

    assert (response.status_code, response.content) == (404, b"")


def test_every_code_is_in_the_catalogue():
    codes = set(re.findall(r"\bgateway\.[a-z_]+(?=;)", TEMPLATE.read_text()))

    catalogue = (GATEWAY.parent / "docs/errors.md").read_text()
    assert len(codes) == 13
    assert [code for code in codes if f"`{code}`" not in catalogue] == []
