"""The gateway with a certificate: what it speaks, and where plain HTTP is led."""

import socket
import ssl
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from gateway.tests.gateways import PUBLIC_URL, Running, running
from tools.certificate import make

HSTS = "Strict-Transport-Security"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The files of a certificate for this machine, and its key."""
    return make(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def secure(nginx: Path, certificate: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway that speaks TLS."""
    files = {"TLS_CERTIFICATE_FILE": str(certificate[0]), "TLS_KEY_FILE": str(certificate[1])}
    with running(nginx, tmp_path_factory.mktemp("tls"), GATEWAY_SCHEME="https", **files) as one:
        yield one


def test_what_is_asked_over_tls_is_answered(secure, certificate):
    answer = secure.get("/api/v1/points/balance", verify=certificate[0])

    assert (answer.status_code, answer.json()["service"]) == (200, "points")
    assert answer.json()["headers"]["X-Forwarded-Proto"] == "https"
    assert answer.headers[HSTS] == "max-age=31536000"


def test_a_refusal_says_so_too(secure, certificate):
    answer = secure.get("/no/such/path", verify=certificate[0])

    assert (answer.status_code, answer.headers[HSTS]) == (404, "max-age=31536000")


def test_without_tls_nothing_is_said_of_it(gateway):
    assert HSTS not in gateway.get("/").headers


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/", "/api/v1/points/earnings?x=1", "//evil.example/"])
def test_plain_http_is_led_to_the_public_address_whatever_the_host(secure, method, path):
    for port in (secure.http_port, secure.port):
        plain = f"http://127.0.0.1:{port}{path}"
        answer = requests.request(method, plain, headers={"Host": "evil.example"}, allow_redirects=False, timeout=10)

        assert (answer.status_code, answer.headers["Location"]) == (308, PUBLIC_URL + path)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_it_speaks_the_versions_of_today(secure, certificate, version):
    assert handshake(secure, certificate[0], version) == version.name.replace("_", ".")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_it_speaks_no_version_of_yesterday(secure, certificate, version):
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol version|handshake failure"):
        handshake(secure, certificate[0], version)


def test_a_cipher_without_forward_secrecy_is_refused(secure, certificate):
    with pytest.raises(ssl.SSLError, match=r"(?i)handshake failure"):
        handshake(secure, certificate[0], ssl.TLSVersion.TLSv1_2, "AES128-GCM-SHA256:AES256-SHA")


def handshake(gateway: Running, trusted: Path, version: Any, ciphers: str = "ALL:@SECLEVEL=0") -> str | None:
    """Speak this version only; return what was agreed on."""
    context = ssl.create_default_context(cafile=str(trusted))
    with warnings.catch_warnings(action="ignore"):  # old versions are what is asked about
        context.minimum_version = context.maximum_version = version
    context.set_ciphers(ciphers)
    plain = socket.create_connection(("127.0.0.1", gateway.port), timeout=10)
    with plain, context.wrap_socket(plain, server_hostname="localhost") as agreed:
        return agreed.version()
