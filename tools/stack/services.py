"""The processes of a service, the same for each: migrate, then web, worker, beat, relay and flower."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.stack import unprivileged
from tools.stack.checks import answers_ok, touched
from tools.stack.layout import PACKAGES, ROOT, VENV_BIN, State, open_log
from tools.stack.process import Process
from tools.stack.servers import as_owners
from tools.stack.supervisor import NotReady

PORTS = tuple(f"{service}-{kind}" for service in PACKAGES for kind in ("web", "flower"))
# Those of the servers themselves: no service is told.
PRIVATE = ("FLOWER_BASIC_AUTH", "POSTGRES_PASSWORD", "REDIS_ADMIN_PASSWORD", "OPERATOR_EMAIL", "OPERATOR_PASSWORD")


@dataclass(frozen=True)
class Service:
    """One service of a stack: where it lives and what it is told."""

    name: str
    state: State
    settings: Mapping[str, str]
    ports: Mapping[str, int]

    @property
    def package(self) -> str:
        return PACKAGES[self.name]

    @property
    def folder(self) -> Path:
        return ROOT / "services" / self.name

    def env(self) -> dict[str, str]:
        """The settings of this service: none of another's, and not the owner's address."""
        others = tuple(f"{service.upper()}_" for service in PACKAGES if service != self.name)
        own = {name: value for name, value in self.settings.items() if not name.startswith((*others, *PRIVATE))}
        own.pop(f"{self.name.upper()}_OWNER_DATABASE_URL", None)
        return {**own, "DJANGO_SETTINGS_MODULE": f"{self.package}.config.settings", "PYTHONPATH": str(self.folder)}

    @property
    def home(self) -> Path:
        """Where the processes of services may write."""
        return unprivileged.home(self.state, "services", unprivileged.SERVICES)

    def running_env(self) -> dict[str, str]:
        """What a process of it is told, which may be another user's."""
        return {**self.env(), "HOME": str(self.home), **unprivileged.bytecode()}

    def owner_env(self) -> dict[str, str]:
        """The same, connecting as the owner of the tables."""
        name = f"{self.name.upper()}_DATABASE_URL"
        return {**self.running_env(), name: as_owners(self.settings)[name]}

    def processes(self) -> list[Process]:
        """What runs all the time."""
        celery, bare = ((str(VENV_BIN / "celery"), "-A", app) for app in (f"{self.package}.config", "shared.bare"))
        schedule = self.home / f"beat-{self.name}"
        node = f"{self.name}@%h"
        return [
            self._web(),
            self._quiet("worker", *celery, "worker", "-n", node, "--concurrency", "2", "-E"),
            self._quiet("beat", *bare, "beat", "-s", str(schedule)),
            self._quiet("relay", str(VENV_BIN / "python"), "manage.py", "relay"),
            self._flower(bare),
        ]

    def _web(self) -> Process:
        port = self.ports[f"{self.name}-web"]
        gunicorn = (str(VENV_BIN / "gunicorn"), f"{self.package}.config.wsgi:application")
        return Process(
            name=f"{self.name}-web",
            stage=1,
            command=(*gunicorn, "-c", "python:shared.gunicorn"),
            ready=answers_ok(port, "/readyz"),
            env={**self.running_env(), "WEB_BIND": f"127.0.0.1:{port}"},
            cwd=self.folder,
            as_user=unprivileged.as_service(),
            port=port,
        )

    def _quiet(self, kind: str, *command: str) -> Process:
        """A process that serves no HTTP: it shows life by touching a file."""
        alive = self.home / f"alive-{self.name}-{kind}"
        stop = "SIGQUIT" if kind == "worker" else ""
        return Process(
            name=f"{self.name}-{kind}",
            stage=1,
            command=command,
            ready=touched(alive),
            env={**self.running_env(), "ALIVE_FILE": str(alive), "REMAP_SIGTERM": stop},
            cwd=self.folder,
            as_user=unprivileged.as_service(),
        )

    def _flower(self, celery: tuple[str, ...]) -> Process:
        port, prefix = self.ports[f"{self.name}-flower"], f"flower/{self.name}"
        address = ("--address=127.0.0.1", f"--port={port}", f"--url_prefix={prefix}")
        return Process(
            name=f"{self.name}-flower",
            stage=1,
            # Who looks on must not slow down what is looked at.
            command=("nice", "-n", "10", *celery, "flower", *address, "--read-only", "--max-tasks=5000"),
            ready=answers_ok(port, f"/{prefix}/healthcheck"),
            env={**self.running_env(), "FLOWER_BASIC_AUTH": self.settings["FLOWER_BASIC_AUTH"]},
            cwd=self.folder,
            as_user=unprivileged.as_service(),
            port=port,
        )


def migrate(services: list[Service]) -> None:
    """Migrates all databases at once, each as its owner; none where one of them has another layout.

    :raises NotReady: one has, or a migration failed; the text is what it says, or its last lines.
    """
    for _service, output, code in _on_all(services, "check_layout"):
        if code:
            said = output.strip().rpartition("\n")[2]
            raise NotReady(said.removeprefix("CommandError: "))
    for service, output, code in _on_all(services, "migrate", "--noinput"):
        with open_log(service.state.logs / f"{service.name}-migrate.log") as log:
            log.write(output.encode())
        if code:
            raise NotReady(f"{service.name}: the migration failed:\n" + "\n".join(output.splitlines()[-20:]))


def _on_all(services: list[Service], *command: str) -> list[tuple[Service, str, int]]:
    """What a management command says on each database, and its exit code; they run at the same time."""
    running = [(service, _begin(service, *command)) for service in services]
    return [(service, process.communicate()[0], process.returncode) for service, process in running]


def _begin(service: Service, *command: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [VENV_BIN / "python", "manage.py", *command],
        cwd=service.folder,
        env={"PATH": "/usr/bin:/bin", **service.owner_env()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **unprivileged.as_service(),
    )
