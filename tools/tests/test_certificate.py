"""The certificate for development, and that .env names it."""

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tools import certificate
from tools.make_env import read_env, write_env
from tools.stack.gateway import Gateway, public_url, scheme
from tools.stack.layout import PACKAGES, State


def test_it_is_for_this_machine_and_its_key_is_its_owners_alone(tmp_path: Path) -> None:
    files = certificate.make(tmp_path)
    made = x509.load_pem_x509_certificate(files[0].read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert load_pem_private_key(files[1].read_bytes(), None).public_key() == made.public_key()
    assert stat.S_IMODE(files[1].stat().st_mode) == 0o600


def test_one_command_makes_it_and_has_the_gateway_take_it(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_STATE", str(state.folder))
    monkeypatch.setenv("STACK", "native")
    assert certificate.main() == 0
    assert (state.folder / "certificate/key.pem").stat().st_uid == os.geteuid()
    settings = read_env(state.env_file)
    assert settings["TLS_CERTIFICATE_FILE"] == str(state.folder / "certificate/certificate.pem")
    assert stat.S_IMODE(state.env_file.stat().st_mode) == 0o600
    assert (scheme(settings), public_url(settings, 1)) == ("https", "https://localhost:1")
    ports = {f"{name}-{kind}": 1 for name in PACKAGES for kind in ("web", "flower")}
    variables = Gateway(state, {**ports, "gateway": 2, "gateway-http": 3}, settings).variables()
    assert (variables["GATEWAY_SCHEME"], variables["TLS_KEY_FILE"]) == ("https", settings["TLS_KEY_FILE"])
    assert (variables["GATEWAY_LISTEN"], variables["GATEWAY_HTTP_LISTEN"]) == ("127.0.0.1:2", "127.0.0.1:3")


@pytest.fixture
def ours(state: State, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a stack's own pair, which was made once."""
    monkeypatch.setenv("STACK_STATE", str(state.folder))
    monkeypatch.setenv("STACK", "native")
    assert certificate.main() == 0
    return state.folder / "certificate"


def pair(folder: Path) -> tuple[bytes, bytes]:
    return (folder / "certificate.pem").read_bytes(), (folder / "key.pem").read_bytes()


def test_asked_again_it_keeps_the_pair_that_the_gateway_has(
    ours: Path, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    before = pair(ours)
    state.env_file.unlink()
    capsys.readouterr()
    assert certificate.main() == 0
    assert pair(ours) == before
    assert read_env(state.env_file)["TLS_CERTIFICATE_FILE"] == str(ours / "certificate.pem")
    said = capsys.readouterr().out
    assert f"is kept, it is good until {certificate.good_until(ours):%Y-%m-%d}" in said
    assert "a gateway takes it when it starts" in said


def test_another_pair_is_made_by_asking_and_takes_the_files_places_whole(ours: Path) -> None:
    before = pair(ours)
    # What a container has mounted, or a gateway has open.
    with (ours / "certificate.pem").open("rb") as cert, (ours / "key.pem").open("rb") as key:
        assert certificate.main(["--anew"]) == 0
        assert (cert.read(), key.read()) == before
    assert not set(pair(ours)) & set(before)
    assert certificate.good_until(ours) is not None
    assert stat.S_IMODE((ours / "certificate.pem").stat().st_mode) == 0o644
    assert stat.S_IMODE((ours / "key.pem").stat().st_mode) == 0o600


def test_a_pair_that_ends_soon_is_made_anew(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = pair(ours)
    monkeypatch.setattr(certificate, "KEPT_UNTIL", timedelta(days=certificate.DAYS))
    assert certificate.main() == 0
    assert not set(pair(ours)) & set(before)


@pytest.mark.parametrize("broken", ["certificate.pem", "key.pem"])
def test_half_a_pair_is_made_whole(ours: Path, tmp_path: Path, broken: str) -> None:
    other = certificate.make(tmp_path / "other")[0].with_name(broken)
    for damage in (None, b"", other.read_bytes()):
        (ours / broken).unlink()
        if damage is not None:
            (ours / broken).write_bytes(damage)
        assert certificate.good_until(ours) is None
        assert certificate.main() == 0
        assert certificate.good_until(ours) is not None


def test_a_certificate_that_is_named_already_is_left_alone(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACK_STATE", str(state.folder))
    write_env(state.env_file)
    certificate.name_in(state.env_file, {"TLS_CERTIFICATE_FILE": "/etc/tls/ours.pem"})
    assert certificate.main() == 1
    assert read_env(state.env_file)["TLS_CERTIFICATE_FILE"] == "/etc/tls/ours.pem"
    assert not (state.folder / "certificate").exists()
