"""A real nginx with the real templates, in front of small upstreams that tell what they were asked."""

import http.client
import json
import os
import pwd
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import requests

from shared.testing.waiting import until
from tools.stack import ports
from tools.stack.gateway import DEFAULTS, command, write_configuration
from tools.stack.listening import listens

GATEWAY = Path(__file__).resolve().parent.parent
TEMPLATE = GATEWAY / "templates/loyalty.conf.template"
SECRET, PUBLIC_URL = "the-gateways-word", "https://loyalty.example"
SERVICES = ("auth", "points", "payments", "warehouse")


class Upstream(BaseHTTPRequestHandler):
    """Answers with what it was asked; `/…/busy` and `/…/missing` refuse, in the service's own words."""

    protocol_version = "HTTP/1.1"
    name = ""
    asked = count(1)

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status = {"busy": 503, "missing": 404}.get(self.path.rpartition("/")[2], 200)
        headers = dict(self.headers)
        seen = {"service": self.name, "path": self.path, "headers": headers, "number": next(self.asked)}
        body = json.dumps(seen).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Request-Id", "from-upstream")
        self.send_header("X-Frame-Options", "SAMEORIGIN")
        if status == 503:
            self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Running:
    """A gateway that runs: where, and where it logs."""

    url: str
    port: int
    log: Path
    http_port: int

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=10, **options)

    def post(self, path: str, data: Any, **options: Any) -> requests.Response:
        return requests.post(self.url + path, data=data, timeout=10, **options)

    def raw(self, *lines: str) -> tuple[int, str, str]:
        """Send a request as it stands, which no client library would; return status, content type and body."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
            with http.client.HTTPResponse(connection) as response:
                response.begin()
                return response.status, response.headers["Content-Type"], response.read().decode()


def problem(response: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal of the gateway's own, complete in every member."""
    body = response.json()
    assert set(body) == {"type", "title", "detail", "status", "code", "request_id"}
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (body["status"], body["type"]) == (response.status_code, f"/docs/errors#{body['code']}")
    assert body["request_id"] == response.headers["X-Request-Id"]
    return response.status_code, body["code"]


@contextmanager
def away() -> Iterator[str]:
    """A host where nothing listens, nor will meanwhile: the port is taken, so that no other server gets it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def upstream(name: str) -> Iterator[str]:
    """Serve under this name; yield host:port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type(name, (Upstream,), {"name": name, "asked": count(1)}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def stuck_upstream() -> Iterator[str]:
    """A host that neither takes nor refuses a connection: its queue is full."""
    with ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def running(
    nginx: Path, folder: Path, *, edits: Mapping[str, str] | None = None, **variables: str
) -> Iterator[Running]:
    """Run nginx; a service or variable not named here gets a working one. `edits` replace words of the templates."""
    with ExitStack() as stack:
        addresses = {
            f"{name.upper()}_{kind}": stack.enter_context(upstream(name if kind == "UPSTREAM" else f"{name}-flower"))
            for name in SERVICES
            for kind in ("UPSTREAM", "FLOWER")
            if f"{name.upper()}_{kind}" not in variables
        }
        names = ["gateway", "gateway-http"]
        chosen = stack.enter_context(ports.claimed(folder / "ports.json", names))
        own = {
            "GATEWAY_LISTEN": f"127.0.0.1:{chosen['gateway']}",
            "GATEWAY_HTTP_LISTEN": f"127.0.0.1:{chosen['gateway-http']}",
        }
        _configure(folder, {**own, **addresses, **variables}, edits or {})
        stack.enter_context(_process(nginx, folder, chosen["gateway"]))
        scheme = variables.get("GATEWAY_SCHEME", "http")
        yield Running(
            f"{scheme}://127.0.0.1:{chosen['gateway']}", chosen["gateway"], folder / "log", chosen["gateway-http"]
        )


def _configure(folder: Path, variables: Mapping[str, str], edits: Mapping[str, str]) -> None:
    usual = {
        **DEFAULTS,
        "GATEWAY_SCHEME": "http",
        "GATEWAY_SECRET": SECRET,
        "PUBLIC_URL": PUBLIC_URL,
        "PORTAL_ROOT": str(GATEWAY / "portal"),
        "FLOWER_HTPASSWD_FILE": str(folder / "flower.htpasswd"),
        "RESOLVER": "127.0.0.1",
        "RATE_PER_ADDRESS": "10000r/s",
        "SIGN_IN_RATE_PER_ADDRESS": "10000r/s",
    }
    write_configuration(folder, usual | variables, "operator:secret")
    for file in folder.rglob("*.conf"):
        text = file.read_text()
        for said, instead in edits.items():
            text = text.replace(said, instead)
        file.write_text(text)


@contextmanager
def _process(nginx: Path, folder: Path, port: int) -> Iterator[None]:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command(nginx, folder, _ourselves()), stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(port, process, folder / "log")
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _ourselves() -> pwd.struct_passwd | None:
    """Root's workers would be another's, who cannot reach pytest's folders."""
    return pwd.getpwuid(0) if os.geteuid() == 0 else None


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        return listens(process.pid, port)

    until(answers, why=log.read_text)
