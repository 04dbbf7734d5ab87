"""What one address can do that has no token: it may spend its own share, and shuts nobody out."""

import resource
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from gateway.tests.gateways import Running, problem, running
from shared.testing.waiting import until

TRICKLING = 2_100
HEAD = b"GET /api/v1/points/balance HTTP/1.1\r\nHost: localhost\r\n"
# Whole heads, whose bodies never come.
BODY = b"POST /api/v1/points/earnings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{"


@contextmanager
def trickles(
    gateway: Running, sent: bytes, number: int, *, address: str = "127.0.0.2"
) -> Iterator[list[socket.socket]]:
    """Hold so many connections from another address, each of which sent the beginning of a request."""
    with ExitStack() as held:
        found = []
        for _ in range(number):
            connection = held.enter_context(socket.socket())
            connection.bind((address, 0))
            connection.settimeout(10)
            connection.connect(("127.0.0.1", gateway.port))
            connection.sendall(sent)
            found.append(connection)
        yield found


@pytest.fixture(autouse=True)
def many_files() -> Iterator[None]:
    """As many open files as the connections take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("sent", [HEAD, BODY, b"G"], ids=["heads", "bodies", "first bytes"])
def test_connections_that_trickle_shut_nobody_else_out(gateway, sent):
    with trickles(gateway, sent, TRICKLING):
        answers = [gateway.get("/api/v1/points/balance") for _ in range(20)]

    assert [answer.status_code for answer in answers] == [200] * 20


def test_an_address_may_have_so_many_requests_under_way_and_no_more(nginx, tmp_path):
    with (
        running(nginx, tmp_path, CONNECTIONS_PER_ADDRESS="5") as gateway,
        trickles(gateway, BODY, 6, address="127.0.0.1") as held,
    ):
        # Asked before, we might have had a place ourselves when the fifth came.
        until(lambda: any(readable(connection) for connection in held))
        refused = gateway.get("/api/v1/points/balance")

        assert problem(refused) == (429, "gateway.too_many_connections")
        assert refused.headers["Retry-After"] == "1"
        assert gateway.get("/healthz").status_code == 200


def test_many_addresses_that_trickle_all_they_may_shut_nobody_else_out(gateway):
    with ExitStack() as held:
        for number in range(20):
            held.enter_context(trickles(gateway, BODY, 200, address=f"127.0.3.{number + 1}"))
        answers = [gateway.get("/api/v1/points/balance") for _ in range(20)]

    assert [answer.status_code for answer in answers] == [200] * 20


@pytest.mark.parametrize("length", ["Content-Length: 10000", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("path", ["/api/v1/points/batches", "/api/v1/auth/token"])
def test_of_bodies_that_may_not_fit_into_memory_an_address_may_send_sixteen_at_once(nginx, tmp_path, path, length):
    large = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n".encode()
    small = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n{{".encode()
    with (
        running(nginx, tmp_path) as gateway,
        trickles(gateway, small, 20),
        trickles(gateway, large, 17) as held,
    ):
        until(lambda: any(readable(connection) for connection in held))
        answers = [connection.recv(4096).decode() for connection in held if readable(connection)]
        assert gateway.post(path, b"x" * 10_000).status_code == 200

    assert len(answers) == 1
    assert '"code":"gateway.too_many_connections"' in answers[0]


@pytest.mark.parametrize("path", ["/api/v1/points/batches", "/api/v1/auth/token"])
def test_what_may_not_fit_into_memory_counts_among_all_requests_of_its_address(nginx, tmp_path, path):
    large = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\n{{".encode()
    with (
        running(nginx, tmp_path, CONNECTIONS_PER_ADDRESS="5") as gateway,
        trickles(gateway, large, 6, address="127.0.0.1") as held,
    ):
        until(lambda: any(readable(connection) for connection in held))
        assert problem(gateway.post(path, b"x")) == (429, "gateway.too_many_connections")


def readable(connection: socket.socket) -> bool:
    """Tell whether an answer has come, without taking it."""
    connection.setblocking(False)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False


def test_a_head_has_a_time_as_a_whole_however_it_trickles(nginx, tmp_path):
    quick = {"client_header_timeout 10s": "client_header_timeout 1s"}
    with running(nginx, tmp_path, edits=quick) as gateway, trickles(gateway, HEAD, 1) as [slow]:

        def ended() -> bool:
            try:
                slow.sendall(b"X")
                return readable(slow) is False and slow.recv(1, socket.MSG_PEEK) == b""
            except BlockingIOError:
                return False
            except ConnectionError:
                return True

        # A byte each few milliseconds, which would be in time for each read.
        until(ended)


@pytest.mark.parametrize("service", ["auth", "points", "payments", "warehouse"])
def test_sixty_who_want_the_schema_at_once_are_one_request_to_the_service(nginx, tmp_path, service):
    with running(nginx, tmp_path) as gateway, ThreadPoolExecutor(60) as people:
        paths = [f"/api/v1/{service}/swagger.json?way-past-the-cache={number}" for number in range(60)]
        bodies = {answer.text for answer in people.map(gateway.get, paths)}

        assert len(bodies) == 1
        assert gateway.get(f"/api/v1/{service}/swagger.json").json()["number"] == 1


def test_a_schema_that_its_service_refuses_is_asked_for_again(bad_day):
    assert problem(bad_day.get("/api/v1/auth/swagger.json")) == (502, "gateway.upstream_unavailable")
    assert problem(bad_day.get("/api/v1/auth/swagger.json")) == (502, "gateway.upstream_unavailable")


@pytest.mark.parametrize("path", ["/health/points", "/.well-known/jwks.json"])
def test_readiness_and_keys_are_asked_for_once_however_many_ask(nginx, tmp_path, path):
    long = {
        "proxy_cache_valid 200 503 1s": "proxy_cache_valid 200 503 1h",
        "proxy_cache_valid 200 1s": "proxy_cache_valid 200 1h",
    }
    with running(nginx, tmp_path, edits=long) as gateway, ThreadPoolExecutor(60) as people:
        numbers = {answer.json()["number"] for answer in people.map(gateway.get, [path] * 60)}

    assert numbers == {1}


@pytest.mark.parametrize("path", ["/health/points", "/.well-known/jwks.json"])
def test_readiness_and_keys_are_asked_for_again_a_second_later(gateway, path):
    first = gateway.get(path).json()["number"]

    until(lambda: gateway.get(path).json()["number"] > first)


def test_readiness_is_not_shown_longer_than_it_is_true(bad_day):
    assert problem(bad_day.get("/health/auth")) == (502, "gateway.upstream_unavailable")


@pytest.mark.parametrize("path", ["/api/v1/points/balance", "/api/v1/auth/me", "/api/v1/points/docs/"])
def test_nothing_else_is_kept(gateway, path):
    first, second = (gateway.get(path).json()["number"] for _ in range(2))

    assert second > first


def test_swagger_ui_is_asked_for_once(nginx, tmp_path):
    with running(nginx, tmp_path) as gateway:
        answers = [gateway.get("/docs/swagger-ui/swagger-ui-bundle.js").json()["number"] for _ in range(3)]

    assert answers == [1, 1, 1]
