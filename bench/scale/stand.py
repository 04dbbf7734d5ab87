"""Where it is measured: two sets of the four databases, a small and a large one, on the same servers.

A whole stack plays the originals. Then only the servers run, and for each size one web process of each service: no
beat, no worker and no relay spends time that is measured.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from tools.demo.caller import wait_for
from tools.make_env import write_env
from tools.stack import ports, unprivileged
from tools.stack.daemon import SERVER_PORTS
from tools.stack.gateway import Gateway
from tools.stack.layout import DATABASE_SERVERS, PACKAGES, ROOT, VENV_BIN, State
from tools.stack.postgres import Postgres
from tools.stack.servers import Servers, stack_servers
from tools.stack.services import PORTS, Service, migrate
from tools.stack.supervisor import Supervisor, end_leftovers
from tools.target import Native

STATE = ROOT / ".run/scale"
SIZES = ("small", "large")
KINDS = ("-web", "-worker", "-relay")
WEBS = [f"{service}-web-{size}" for service in PACKAGES for size in SIZES]
FLOWERS = [f"{service}-flower" for service in PACKAGES]
SETTINGS = "\nRATE_PER_ADDRESS=1000000r/s\nSIGN_IN_RATE_PER_ADDRESS=1000r/s\nMESSAGE_SETTLED_AFTER_SECONDS=5\n"


@contextmanager
def played_on() -> Iterator[Native]:
    """Yield a fresh stack under .run/scale without beats: no periodic job does what is to be measured later.

    :raises NotReady: it did not start.
    """
    state = State(STATE)
    end_leftovers(state)
    shutil.rmtree(STATE, ignore_errors=True)
    unprivileged.delete_home(state)
    state.make()
    write_env(state.env_file)
    state.env_file.write_text(state.env_file.read_text() + SETTINGS)
    with ports.claimed(state.folder / "ports.json", (*SERVER_PORTS, *PORTS)) as chosen:
        supervisor = Supervisor(state, say=lambda _: None)
        try:
            _start_all(state, chosen, supervisor)
            yield Native(state)
        finally:
            supervisor.stop()


def _start_all(state: State, chosen: Mapping[str, int], supervisor: Supervisor) -> None:
    servers = stack_servers(state, chosen)
    services = [Service(name, state, servers.env, chosen) for name in PACKAGES]
    supervisor.start(servers.prepare())
    servers.provision()
    # Loaded when they start again, for measuring.
    for server in servers.databases.values():
        server.psql("ALTER SYSTEM SET shared_preload_libraries = pg_stat_statements")
    migrate(services)
    needed = (one for service in services for one in service.processes() if one.name.endswith(KINDS))
    supervisor.start([*needed, Gateway(state, chosen, servers.env).process()])


@dataclass(frozen=True)
class Stand:
    """The servers of that stack, without its services."""

    servers: Servers
    ports: Mapping[str, int]
    supervisor: Supervisor

    def server(self, service: str) -> Postgres:
        """Return the PostgreSQL server that has a service's databases."""
        name = next(name for name, services in DATABASE_SERVERS.items() if service in services)
        return self.servers.databases[name]

    def database(self, service: str, size: str) -> str:
        """Return the name of a service's database of a size."""
        name = self.servers.env[f"{service.upper()}_DATABASE_URL"].rsplit("/", 1)[1]
        return name if size == "large" else f"{name}_{size}"

    def service(self, name: str, size: str) -> Service:
        """Return a service with the settings of a size."""
        urls = {f"{one.upper()}_{kind}DATABASE_URL" for one in PACKAGES for kind in ("", "OWNER_")}
        moved = {url: self.servers.env[url] + ("" if size == "large" else f"_{size}") for url in urls}
        web = {f"{one}-web": self.ports[f"{one}-web-{size}"] for one in PACKAGES}
        settings = {**self.servers.env, **moved, "WEB_WORKERS": "1"}
        return Service(name, self.servers_state, settings, {**self.ports, **web})

    @cached_property
    def servers_state(self) -> State:
        return State(STATE)

    def manage(self, service: str, size: str, *arguments: str) -> str:
        """Run a management command in a database of a size; return what it printed.

        :raises RuntimeError: it failed.
        """
        chosen = self.service(service, size)
        environment = {"PATH": os.environ["PATH"], **chosen.env()}
        command = [str(VENV_BIN / "python"), "manage.py", *arguments]
        done = subprocess.run(command, cwd=chosen.folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{service} {' '.join(arguments)}: {done.stderr[-2000:]}{done.stdout[-500:]}")
        return done.stdout

    def analyse(self) -> None:
        """Give the planner true statistics of both sizes, as autovacuum would in time."""
        for service in PACKAGES:
            for size in SIZES:
                self.server(service).psql("VACUUM ANALYZE", database=self.database(service, size))

    @contextmanager
    def kept(self, service: str) -> Iterator[None]:
        """Keep both databases of a service as they are, for `restore`; no process of the service runs yet."""
        for size in SIZES:
            self._copy(service, self.database(service, size), f"{self.database(service, size)}_kept")
        yield
        for size in SIZES:
            self.server(service).psql(f"DROP DATABASE {self.database(service, size)}_kept")

    def restore(self, service: str, size: str) -> None:
        """Make a database as it was kept, its pages in memory."""
        name = self.database(service, size)
        self.server(service).psql(f"DROP DATABASE {name} WITH (FORCE)")
        self._copy(service, f"{name}_kept", name)

    def _copy(self, service: str, name: str, copy: str) -> None:
        self.server(service).psql(f"CREATE DATABASE {copy} TEMPLATE {name} OWNER {service}_owner")

    def serve(self) -> None:
        """Start a web process of each service for each size."""
        for size in SIZES:
            webs = [self.service(name, size).processes()[0] for name in PACKAGES]
            self.supervisor.start(replace(web, name=f"{web.name}-{size}") for web in webs)

    @contextmanager
    def carrying(self, size: str) -> Iterator[None]:
        """Let relays and workers carry messages and do jobs meanwhile."""
        services = [self.service(name, size) for name in PACKAGES]
        begun = Supervisor(self.servers_state, say=lambda _: None)
        try:
            begun.start(one for service in services for one in service.processes() if one.name.endswith(KINDS[1:]))
            yield
        finally:
            begun.stop()
            self.supervisor.write_status()

    def waiting(self, size: str) -> int:
        """Return how many messages wait in the outboxes."""
        sql = "SELECT count(*) FROM outbox WHERE parked_at IS NULL"
        found = (self.server(one).psql(sql, database=self.database(one, size)).stdout for one in PACKAGES)
        return sum(map(int, found))

    def settle(self, size: str) -> None:
        """Carry all messages that wait."""
        with self.carrying(size):
            wait_for(lambda: self.waiting(size), 0, "messages that wait", seconds=180, pause=0.5)


@contextmanager
def servers_only() -> Iterator[Stand]:
    """Yield the servers of the stack that was played on."""
    state = State(STATE)
    supervisor = Supervisor(state, say=lambda _: None)
    # Those of the servers as they were.
    with ports.claimed(state.folder / "ports.json", ("db", "warehouse-db", "broker", *WEBS, *FLOWERS)) as chosen:
        stand = stack_servers(state, chosen)
        try:
            supervisor.start(stand.prepare())
            # The statistics stay those of the originals until `analyse`.
            for server in stand.databases.values():
                server.psql("ALTER SYSTEM SET autovacuum = off")
                server.psql("SELECT pg_reload_conf()")
            yield Stand(stand, chosen, supervisor)
        finally:
            supervisor.stop()
