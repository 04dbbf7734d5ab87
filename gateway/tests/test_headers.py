import json

import pytest

from gateway.tests.gateways import SECRET
from shared.testing.waiting import until

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "nginx",
}
FORGED = {
    "X-Forwarded-For": "6.6.6.6",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Prefix": "/evil",
    "X-Real-IP": "6.6.6.6",
    "X-Gateway-Secret": "guessed",
    "Forwarded": "for=6.6.6.6",
    "Proxy": "http://evil.example",
    "Remote-User": "operator",
    "Script_Name": "/evil",
    "Upgrade": "websocket",
}


@pytest.mark.parametrize("path", ["/api/v1/points/balance", "/flower/points/workers"])
def test_what_is_believed_cannot_be_forged(gateway, path):
    seen = gateway.get(path, headers=FORGED, auth=("operator", "secret")).json()["headers"]

    allowed = {"Host", "X-Request-Id", "Authorization", "Accept", "Accept-Encoding", "User-Agent", "Connection"}
    websocket = {"Upgrade": "websocket"} if path.startswith("/flower") else {}
    assert {name: value for name, value in seen.items() if name not in allowed} == {
        "X-Forwarded-For": "127.0.0.1",
        "X-Real-IP": "127.0.0.1",
        "X-Gateway-Secret": SECRET,
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": f"127.0.0.1:{gateway.port}",
        **websocket,
    }
    assert seen["Connection"] == ("upgrade" if websocket else "close")


def test_a_good_request_id_goes_through_and_comes_back_once(gateway):
    response = gateway.get("/api/v1/points/balance", headers={"X-Request-Id": "journey-12345678"})

    assert response.headers["X-Request-Id"] == "journey-12345678"
    assert response.json()["headers"]["X-Request-Id"] == "journey-12345678"


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, 'quote"12345', "blank in it", "gr\u00fc\u00dfe-12345".encode()]
)
def test_a_bad_request_id_is_replaced(gateway, given):
    response = gateway.get("/api/v1/points/balance", headers={"X-Request-Id": given})

    assert len(response.headers["X-Request-Id"]) == 32
    assert response.json()["headers"]["X-Request-Id"] == response.headers["X-Request-Id"]


def test_a_refusal_has_the_callers_request_id_too(bad_day):
    response = bad_day.get("/api/v1/auth/me", headers={"X-Request-Id": "journey-12345678"})

    assert response.json()["request_id"] == "journey-12345678"


@pytest.mark.parametrize("path", ["/", "/docs/", "/api/v1/points/balance", "/api/v1/points/busy", "/no/such/path"])
def test_every_answer_has_the_security_headers_once(gateway, path):
    headers = gateway.get(path).headers

    assert {name: headers.get(name) for name in SECURITY} == SECURITY
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/api/v1/points/balance", "/no/such/path", "/healthz"])
def test_what_is_no_page_may_load_nothing(gateway, path):
    assert gateway.get(path).headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["/", "/docs/", "/docs/errors", "/api/v1/points/docs/"])
def test_a_page_runs_no_script_that_is_not_from_here(gateway, path):
    policy = gateway.get(path).headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'self'")
    assert "script-src" not in policy


def test_there_is_no_cors(gateway):
    headers = gateway.get("/api/v1/points/balance", headers={"Origin": "https://elsewhere.example"}).headers

    assert [name for name in headers if name.startswith("Access-Control")] == []


def test_large_answers_are_compressed(gateway):
    response = gateway.get("/api/v1/points/balance", headers={"X-Padding": "a" * 2000})

    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept-Encoding"


def test_the_log_has_the_request_its_latencies_and_no_query(gateway):
    gateway.get("/api/v1/points/balance?email=somebody@example.com", headers={"X-Request-Id": "logged-12345678"})

    logged = _line_of("logged-12345678", gateway.log)
    assert (logged["method"], logged["uri"], logged["status"]) == ("GET", "/api/v1/points/balance", 200)
    assert 0 <= float(logged["upstream_seconds"]) <= logged["seconds"] + 0.001
    assert "somebody" not in gateway.log.read_text()


def _line_of(request_id, log):
    def found():
        return [line for line in log.read_text().splitlines() if request_id in line]

    until(found)
    return json.loads(found()[0])
