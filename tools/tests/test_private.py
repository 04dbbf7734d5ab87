"""Natively: what runs as root, and who may read what a stack writes."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from pwd import getpwnam

import pytest

from tools.make_env import write_env
from tools.stack import cli, unprivileged
from tools.stack.gateway import Gateway
from tools.stack.layout import PACKAGES, State
from tools.stack.process import Process
from tools.stack.servers import stack_servers
from tools.stack.services import PORTS, Service
from tools.stack.supervisor import Supervisor

NAMES = ("db", "warehouse-db", "broker", "gateway", *PORTS)
ANY = dict.fromkeys(NAMES, 1)


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.fixture
def settings(state: State) -> dict[str, str]:
    write_env(state.env_file)
    return stack_servers(state, ANY).env


def test_nothing_runs_as_root_but_what_hands_its_work_on(state: State, settings: dict[str, str]) -> None:
    servers = stack_servers(state, ANY)
    services = [process for name in PACKAGES for process in Service(name, state, settings, ANY).processes()]
    processes = [*(server.process() for server in servers.databases.values()), servers.redis.process(), *services]
    gateway = Gateway(state, ANY, settings).process()
    if os.geteuid() == 0:
        # Who serves members reads nothing of what the servers keep, where the system has a user for these.
        servers_user = unprivileged.as_account()["user"]
        services_user = getpwnam("nobody").pw_uid if unprivileged.reaches_checkout() else 0
        users = [process.as_user.get("user", 0) for process in processes]
        assert users == [servers_user] * 3 + [services_user] * 20
        assert servers_user != 0
        assert gateway.command[-1].startswith("user nobody ")
    else:
        assert {tuple(process.as_user) for process in [*processes, gateway]} == {()}
        assert "user " not in gateway.command[-1]


def test_the_gateways_password_file_and_configuration_are_their_owners_alone(
    state: State, settings: dict[str, str]
) -> None:
    gateway = Gateway(state, ANY, settings)
    gateway.process()
    files = [gateway.folder / "flower.htpasswd", *gateway.folder.rglob("*.conf")]
    named = {file.name for file in files if settings["GATEWAY_SECRET"] in file.read_text()}
    assert named == {"loyalty.conf"}
    assert {mode(file) for file in files} == {0o600}
    assert mode(gateway.folder) == 0o700


def test_a_log_is_its_owners_alone_also_one_that_was_open_to_all(
    state: State, supervisor: Supervisor, sleeper: Callable[..., Process]
) -> None:
    before = state.logs / "one.log"
    before.write_text("of an older version\n")
    before.chmod(0o644)
    supervisor.start([sleeper("one"), sleeper("two")])
    assert [mode(state.logs / name) for name in ("one.log", "two.log")] == [0o600, 0o600]
    assert before.read_text().startswith("of an older version\n")
    assert mode(state.logs) == 0o700


def test_a_supervisor_writes_nothing_that_others_read(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    write_env(state.env_file)
    text = state.env_file.read_text().replace("GATEWAY_PORT=8080", "GATEWAY_PORT=none")
    state.env_file.write_text(text)
    monkeypatch.setenv("STACK_STATE", str(state.folder))
    assert cli.up(state) == 1
    written = [file for file in state.folder.rglob("*") if file.is_file()]
    assert {file.name for file in written} >= {"supervisor.log", "status.json", "lock"}
    assert {file.name: mode(file) for file in written if mode(file) & 0o077} == {}
