"""Secrets and addresses."""

import base64
import stat
from pathlib import Path

from tools.make_env import PLACEHOLDER, parse_env, read_env, rendered, write_env
from tools.stack.layout import ROOT
from tools.stack.servers import with_local_addresses

EXAMPLE = "# CHANGE_ME stays in comments\nA=CHANGE_ME\nB_URL=redis://b:CHANGE_ME@broker:6379/0\nPORT=8080\n"


def test_each_placeholder_becomes_a_secret_of_its_own() -> None:
    first, second = parse_env(rendered(EXAMPLE)), parse_env(rendered(EXAMPLE))
    assert first["PORT"] == "8080"
    assert len({first["A"], second["A"], first["B_URL"], second["B_URL"]}) == 4
    assert PLACEHOLDER not in "".join(first.values())


def test_the_key_for_signing_keys_has_32_bytes() -> None:
    settings = parse_env(rendered("AUTH_KEY_ENCRYPTION_KEY=CHANGE_ME\n"))
    assert len(base64.urlsafe_b64decode(settings["AUTH_KEY_ENCRYPTION_KEY"])) == 32


def test_the_sandbox_is_off_in_the_example_and_on_where_people_develop() -> None:
    example = (ROOT / ".env.example").read_text()
    assert "SANDBOX" not in parse_env(example)
    assert parse_env(rendered(example))["SANDBOX"] == "true"


def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    write_env(tmp_path / ".env")
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_secrets_that_are_there_are_kept(tmp_path: Path) -> None:
    assert write_env(tmp_path / ".env")
    before = read_env(tmp_path / ".env")
    assert not write_env(tmp_path / ".env")
    assert read_env(tmp_path / ".env") == before


def test_addresses_of_our_servers_point_to_their_ports_here() -> None:
    settings = {
        "POINTS_DATABASE_URL": "postgres://points:pw@db:5432/points",
        "POINTS_BROKER_URL": "redis://points:pw@broker:6379/0",
        "JWKS_URL": "http://auth-web:8000/.well-known/jwks.json",
    }
    assert with_local_addresses(settings, {"db": 1, "broker": 2, "auth-web": 3}) == {
        "POINTS_DATABASE_URL": "postgres://points:pw@127.0.0.1:1/points",
        "POINTS_BROKER_URL": "redis://points:pw@127.0.0.1:2/0",
        "JWKS_URL": "http://127.0.0.1:3/.well-known/jwks.json",
    }


def test_a_database_that_was_moved_elsewhere_stays_there() -> None:
    settings = {"POINTS_DATABASE_URL": "postgres://points:pw@pg.example.com:5432/points", "LOG_LEVEL": "INFO"}
    assert with_local_addresses(settings, {"db": 1}) == settings
