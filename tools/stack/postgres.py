"""A PostgreSQL server of the stack: initdb on first use, roles and databases at each start."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.make_env import private_file
from tools.stack import binaries, unprivileged
from tools.stack.layout import ROOT, State
from tools.stack.process import Process

PROVISION = ROOT / "tools/servers/provision.sh"
# As in docker-compose.yml. With the server's own 128 MB of buffers, an import of a million members reads and writes the
# pages of its indexes again and again. After a checkpoint the next change of each page writes all of it to the log, and
# with less room for the log, work in bulk makes one every ten seconds. A refused statement is not logged: it says what
# members sent, guesses that do not hold are refused all the time (ADR 29), and the service says what failed.
SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "log_min_error_statement": "fatal",
}
LOCALE = "C.UTF-8" if sys.platform == "linux" else "C"
# For tests: what a crash would lose does not matter, the next run starts from an empty folder. Nor are statistics taken
# by a clock: they would come in the middle of one test or another.
FAST_AND_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class ServerRefused(RuntimeError):
    """A program of PostgreSQL failed; the text is what it said."""


def as_options(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Settings as the server takes them on its command line."""
    return tuple(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))


@dataclass(frozen=True)
class Postgres:
    """One server (a cluster, in PostgreSQL's words) on 127.0.0.1 with its data in the state's folder."""

    name: str
    state: State
    port: int
    password: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def program(self) -> Path:
        return unprivileged.usable(binaries.find("postgres"), self.state)

    @property
    def data(self) -> Path:
        return unprivileged.home(self.state, self.name) / "data"

    @property
    def made(self) -> Path:
        """Tells that the cluster is whole, and which password it was made with (as a hash)."""
        return self.state.folder / f"{self.name}.made"

    def prepare(self) -> None:
        """Makes the cluster where there is none yet; one that was interrupted half-way is made again.

        :raises ServerRefused: the one that is there was made with another password.
        """
        mark = hashlib.sha256(self.password.encode()).hexdigest()
        if self.made.exists() and (self.data / "PG_VERSION").exists():
            if self.made.read_text() != mark:
                raise ServerRefused(
                    f"{self.data} was made with another POSTGRES_PASSWORD than {self.state.env_file} has. "
                    f"Put the old file back; or give the data up: delete {self.made}"
                )
            return
        shutil.rmtree(self.data, ignore_errors=True)
        self._initdb()
        self.made.write_text(mark)

    def _initdb(self) -> None:
        password_file = self.data.parent / "password"
        with private_file(password_file) as file:
            file.write(self.password)
            unprivileged.give(file.fileno())
        initdb = (self.program.parent / "initdb", "-D", self.data, "-U", "postgres", "-A", "scram-sha-256")
        _run(*initdb, f"--pwfile={password_file}", "--no-sync", "-E", "UTF8", f"--locale={LOCALE}")
        password_file.unlink()

    def process(self) -> Process:
        """The server itself, started directly, so that it is our child and ends when we say."""
        here = {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        settings = as_options({**here, **SETTINGS, **self.options})
        return Process(
            name=self.name,
            stage=0,
            command=(str(self.program), "-D", str(self.data), "-p", str(self.port), *settings),
            ready=self.is_ready,
            cwd=self.data.parent,
            stop_signal=signal.SIGINT,  # "fast": rolls back what is open and ends
            as_user=unprivileged.as_account(),
            port=self.port,
            proves_itself=True,
        )

    def is_ready(self) -> bool:
        """Whether a server takes queries, not merely connections, and it is the one that has our data.

        Asked in SQL: it runs as another user, into whose processes even root may not look in a container.
        """
        return self.psql("SHOW data_directory", check=False).stdout.strip() == str(self.data)

    def provision(self, services: tuple[str, ...], env: Mapping[str, str], *, files: str = "service.sql") -> None:
        """Gives the services their roles and databases here; repeating it renews the passwords."""
        variables = {
            **env,
            **self._connection(),
            "PROVISION": " ".join(services),
            "PROVISION_FILES": files,
            "PSQL": str(self.program.parent / "psql"),
        }
        _run("sh", PROVISION, env={**os.environ, **variables})

    def psql(self, sql: str, *, database: str = "postgres", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs SQL as the superuser.

        :raises ServerRefused: it failed, and `check` was left on.
        """
        command = (self.program.parent / "psql", "-X", "-U", "postgres", "-d", database, "-At", "-c", sql)
        done = subprocess.run(
            [str(part) for part in command],
            env={**os.environ, **self._connection(), "PGCONNECT_TIMEOUT": "3"},
            capture_output=True,
            text=True,
        )
        if check and done.returncode:
            raise ServerRefused(done.stderr)
        return done

    def _connection(self) -> dict[str, str]:
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGPASSWORD": self.password}


def _run(*command: object, env: Mapping[str, str] | None = None) -> None:
    as_user = {} if env else unprivileged.as_account()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd="/", env=env, **as_user)
    if done.returncode:
        raise ServerRefused(f"{Path(str(command[0])).name}: {done.stderr}{done.stdout}")
