"""The stack that runs, natively or in Docker: its address, its operator, and a way to reach into it.

`python -m tools.target manage points expire_points --as-of 2030-01-01`
`python -m tools.target kill points-worker`
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from signal import SIGKILL
from typing import Protocol

from tools.compose import captured, compose, is_there
from tools.make_env import read_env
from tools.stack.cli import is_up, status
from tools.stack.gateway import scheme
from tools.stack.layout import COMPOSE, NATIVE, PACKAGES, ROOT, VENV_BIN, State, asked
from tools.stack.process import Identity
from tools.stack.servers import stack_servers
from tools.stack.services import Service


class CannotAsk(RuntimeError):
    """A management command failed; the text is its last words."""


class Target(Protocol):
    """A running stack."""

    @property
    def url(self) -> str:
        """The gateway's address."""

    @property
    def settings(self) -> Mapping[str, str]:
        """Its settings."""

    def is_up(self) -> bool:
        """Whether it can be reached into."""

    def manage(self, service: str, *arguments: str, env: Mapping[str, str] | None = None) -> int:
        """Runs a service's `manage.py` with its settings and those of `env`; returns the exit code."""

    def ask(self, service: str, *arguments: str) -> str:
        """Runs a service's `manage.py` and returns what it printed.

        :raises CannotAsk: it failed; the text is its last words.
        """

    def kill(self, process: str) -> int:
        """Ends a process at once and by force; the stack starts it again. Returns the exit code."""

    def log(self, process: str) -> Iterable[str]:
        """The lines of a process's log."""


@dataclass(frozen=True)
class Native:
    """The stack of a state folder on this machine."""

    state: State = field(default_factory=State.default)

    @cached_property
    def ports(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.state.folder / "ports.json").read_text())
        return found

    @cached_property
    def settings(self) -> Mapping[str, str]:
        return stack_servers(self.state, self.ports).env

    @property
    def url(self) -> str:
        return f"{scheme(self.settings)}://127.0.0.1:{self.ports['gateway']}"

    def is_up(self) -> bool:
        return is_up(self.state)

    def service(self, name: str) -> Service:
        """One service of it, with the settings that its processes run with."""
        return Service(name, self.state, self.settings, self.ports)

    def manage(self, service: str, *arguments: str, env: Mapping[str, str] | None = None) -> int:
        return self._manage(service, *arguments, env=env).returncode

    def ask(self, service: str, *arguments: str) -> str:
        return _words(self._manage(service, *arguments, capture=True))

    def _manage(
        self, service: str, *arguments: str, env: Mapping[str, str] | None = None, capture: bool = False
    ) -> "subprocess.CompletedProcess[str]":
        chosen = self.service(service)
        command = [str(VENV_BIN / "python"), "manage.py", *arguments]
        environment = {"PATH": os.environ["PATH"], **chosen.env(), **(env or {})}
        return subprocess.run(command, cwd=chosen.folder, env=environment, capture_output=capture, text=True)

    def kill(self, process: str) -> int:
        known = status(self.state)["processes"][process]
        Identity(known["pid"], known["started"]).signal(SIGKILL, group=True)
        return 0

    def log(self, process: str) -> Iterable[str]:
        with (self.state.logs / f"{process}.log").open(errors="replace") as log:
            yield from log


@dataclass(frozen=True)
class Compose:
    """The stack in Docker."""

    state: State = field(default_factory=State.default)

    @cached_property
    def settings(self) -> Mapping[str, str]:
        return read_env(self.state.env_file)

    @property
    def url(self) -> str:
        # As compose itself does: the environment goes before .env.
        port = os.environ.get("GATEWAY_PORT") or self.settings["GATEWAY_PORT"]
        return f"{scheme(self.settings)}://127.0.0.1:{port}"

    def is_up(self) -> bool:
        return is_there(self.state)

    def manage(self, service: str, *arguments: str, env: Mapping[str, str] | None = None) -> int:
        # Named only: the values come from our own environment and are not in the list of processes.
        names = [part for name in env or {} for part in ("--env", name)]
        # A terminal in there only where there is one out here: a command may ask for a password.
        plain = () if sys.stdin.isatty() and sys.stdout.isatty() else ("-T",)
        command = ("exec", *plain, *names, f"{service}-web", "python", "manage.py", *arguments)
        return compose(self.state, *command, env=env)

    def ask(self, service: str, *arguments: str) -> str:
        return _words(captured(self.state, "exec", "-T", f"{service}-web", "python", "manage.py", *arguments))

    def kill(self, process: str) -> int:
        # Docker takes a kill for a request to stop, so its restart policy stays quiet.
        return compose(self.state, "kill", "--signal", "KILL", process) or compose(self.state, "start", process)

    def log(self, process: str) -> Iterable[str]:
        return captured(self.state, "logs", "--no-log-prefix", "--no-color", process).stdout.split("\n")


def _words(done: "subprocess.CompletedProcess[str]") -> str:
    if done.returncode:
        raise CannotAsk((done.stderr.strip().splitlines() or ["no words"])[-1])
    return done.stdout


def running() -> Target:
    """The stack that `$STACK` (native or compose) names; else the native one if that runs, else Docker's.

    :raises SystemExit: `$STACK` names something else.
    """
    wanted = asked() or (NATIVE if is_up(State.default()) else COMPOSE)
    target = Native() if wanted == NATIVE else Compose()
    # Without settings nothing was ever started here.
    os.environ.update(_trusted(target.settings) if target.state.env_file.exists() else {})
    return target


def _trusted(settings: Mapping[str, str]) -> dict[str, str]:
    """What makes clients here and in our children take the gateway's certificate, which may be self-signed."""
    named = settings.get("TLS_CERTIFICATE_FILE")
    file = str((ROOT / named).resolve()) if named else ""
    return {"SSL_CERT_FILE": file, "REQUESTS_CA_BUNDLE": file} if named else {}


def environment(target: Target) -> dict[str, str]:
    """What the journeys and the demo are told: where to go, who the operator is, and how to reach into the stack."""
    here = f"{sys.executable} -m tools.target"
    return {
        "GATEWAY_URL": target.url,
        "OPERATOR_EMAIL": target.settings["OPERATOR_EMAIL"],
        "OPERATOR_PASSWORD": target.settings["OPERATOR_PASSWORD"],
        "FLOWER_BASIC_AUTH": target.settings["FLOWER_BASIC_AUTH"],
        "MANAGE_COMMAND": f"{here} manage",
        "KILL_COMMAND": f"{here} kill",
        "STACK": "native" if isinstance(target, Native) else "compose",
        "PYTHONPATH": str(ROOT),
    }


def make_operator(target: Target) -> None:
    """Makes the operator's account; where it is there, nothing changes.

    :raises SystemExit: it could not be made.
    """
    variables = {"OPERATOR_PASSWORD": target.settings["OPERATOR_PASSWORD"]}
    if target.manage("auth", "create_admin", "--email", target.settings["OPERATOR_EMAIL"], env=variables):
        sys.exit("the operator's account could not be made; is the stack up?")


def main(action: str, name: str, *arguments: str) -> int:
    target = running()
    if action == "manage" and name in PACKAGES:
        return target.manage(name, *arguments)
    if action == "kill":
        return target.kill(name)
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
