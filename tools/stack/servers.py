"""The PostgreSQL and Redis servers that a stack or a test run stands on, and the settings that lead to them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tools.make_env import read_env, write_env
from tools.stack.layout import DATABASE_SERVERS, PACKAGES, State
from tools.stack.postgres import FAST_AND_UNSAFE, Postgres
from tools.stack.process import Process
from tools.stack.redis import Redis

# What PostgreSQL keeps of its tables in its own memory; .env says how much.
BUFFERS, FEW_BUFFERS = "POSTGRES_SHARED_BUFFERS", "512MB"
ONE_SERVER = {"db": tuple(PACKAGES)}


@dataclass(frozen=True)
class Servers:
    """The servers of one state folder; `env` holds all settings, with addresses on this machine."""

    env: dict[str, str]
    databases: dict[str, Postgres]
    services: Mapping[str, tuple[str, ...]]
    redis: Redis

    def prepare(self) -> list[Process]:
        """Makes what is not there yet, and returns the processes to start."""
        for database in self.databases.values():
            database.prepare()
        return [*(database.process() for database in self.databases.values()), self.redis.process()]

    def provision(self, *, files: str = "service.sql") -> None:
        """Gives every service whose address points here its roles and its database."""
        for name, database in self.databases.items():
            here = tuple(service for service in self.services[name] if self._is_on(service, database))
            database.provision(here, self.env, files=files)

    def _is_on(self, service: str, database: Postgres) -> bool:
        return f"@127.0.0.1:{database.port}/" in self.env[f"{service.upper()}_DATABASE_URL"]


def stack_servers(state: State, ports: Mapping[str, int]) -> Servers:
    """The servers of a stack: two of PostgreSQL, as in compose."""
    write_env(state.env_file)
    buffers = read_env(state.env_file).get(BUFFERS, FEW_BUFFERS)
    return _servers(state, ports, DATABASE_SERVERS, options={"shared_buffers": buffers})


def servers_for_tests(state: State, ports: Mapping[str, int], options: Mapping[str, str] | None = None) -> Servers:
    """One PostgreSQL for all services; fast, and not durable: a crash loses data."""
    together = {**FAST_AND_UNSAFE, **(options or {})}
    return _servers(state, {**ports, "warehouse-db": ports["db"]}, ONE_SERVER, options=together)


def as_owners(env: Mapping[str, str]) -> dict[str, str]:
    """The settings with each service connecting as its owner, who may migrate (and, in tests, make databases)."""
    names = {f"{service.upper()}_DATABASE_URL": f"{service.upper()}_OWNER_DATABASE_URL" for service in PACKAGES}
    return {**env, **{name: env[owner] for name, owner in names.items()}}


def _servers(
    state: State, ports: Mapping[str, int], services: Mapping[str, tuple[str, ...]], *, options: Mapping[str, str]
) -> Servers:
    write_env(state.env_file)
    env = with_local_addresses(read_env(state.env_file), ports)
    password = env["POSTGRES_PASSWORD"]
    databases = {name: Postgres(name, state, ports[name], password, options) for name in services}
    return Servers(env, databases, services, Redis(state, ports["broker"], env))


def with_local_addresses(env: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    """Points every address at one of our servers to its port here; an address elsewhere stays as it is."""

    def local(match: re.Match[str]) -> str:
        host = match["host"]
        return f"{match['before']}127.0.0.1:{ports[host]}" if host in ports else match[0]

    pattern = re.compile(r"^(?P<before>\w+://(?:[^@/]*@)?)(?P<host>[\w.-]+):\d+(?=/|$)")
    return {name: pattern.sub(local, value) for name, value in env.items()}
