"""Where a stack is started as root, only its supervisor and nginx's first process (for ports, key and logs) stay root.

PostgreSQL, which refuses to, and Redis run as `postgres`, or as `nobody` where that user is missing; the services and
nginx's workers as `nobody`, so that they cannot read what the servers keep.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from tools.stack.layout import ROOT, State

SERVERS, SERVICES = ("postgres", "nobody"), ("nobody",)
Users = tuple[str, ...]


def account(users: Users = SERVERS) -> pwd.struct_passwd | None:
    """The first of these users that there is; None where we are not root and all simply runs as us."""
    if os.geteuid() != 0:
        return None
    for name in users:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError(f"as root, one of the users {', '.join(users)} is needed")


def as_account(users: Users = SERVERS) -> dict[str, Any]:
    """Arguments for subprocess that start a program as that user."""
    user = account(users)
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def as_service() -> dict[str, Any]:
    """Arguments for subprocess that start a process of a service; none where its user cannot reach the checkout."""
    return as_account(SERVICES) if reaches_checkout() else {}


def bytecode() -> dict[str, str]:
    """Where Python keeps its bytecode for a user who cannot write beside our code: one folder for all our stacks."""
    user = account(SERVICES)
    if user is None or not reaches_checkout():
        return {}
    folder = ROOT / ".run/bytecode"
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o700)
    return {"PYTHONPYCACHEPREFIX": str(folder)}


@cache
def reaches_checkout() -> bool:
    """Whether the services' user may run our Python and read our code: not where either is in root's closed home."""
    return can_read(ROOT / "shared/pyproject.toml") and _can_run(Path(sys.executable), SERVICES)


def can_read(file: Path, users: Users = SERVICES) -> bool:
    """Whether the user may read this file."""
    return subprocess.run(["test", "-r", file], **as_account(users), cwd="/").returncode == 0


def give(descriptor: int, users: Users = SERVERS) -> None:
    """Makes the user the owner of an open file."""
    if user := account(users):
        os.fchown(descriptor, user.pw_uid, user.pw_gid)


def home(state: State, name: str, users: Users = SERVERS) -> Path:
    """A folder that the user owns: in the state's folder, or in /var/tmp where the user cannot reach that."""
    folder = state.folder / name
    if not _reaches(state.folder, users):
        folder = _elsewhere(state) / name
        folder.parent.mkdir(exist_ok=True)
        if folder.parent.is_symlink() or folder.parent.stat().st_uid != os.getuid():
            raise RuntimeError(f"{folder.parent} is somebody else's; it was to hold a server's data")
        folder.parent.chmod(0o755)
    folder.mkdir(parents=True, exist_ok=True)
    user = account(users)
    if user and folder.stat().st_uid != user.pw_uid:
        # Also what another user left in it, of a version where it ran as root.
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    folder.chmod(0o700)
    return folder


def usable(program: Path, state: State) -> Path:
    """The program, or a copy of its installation where the user may not run it (a .venv in root's closed home)."""
    if _can_run(program):
        return program
    # bin → pginstall → the wheel's package, which finds its libraries in a folder beside it
    package = program.parents[2]
    copy = home(state, f"wheel-{int(program.stat().st_mtime)}")
    if not _can_run(copy / program.relative_to(package.parent)):
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.is_dir():
                shutil.copytree(folder, copy / folder.name, dirs_exist_ok=True)
    return copy / program.relative_to(package.parent)


def delete_home(state: State) -> None:
    """Deletes what `home` made outside of the state's folder."""
    shutil.rmtree(_elsewhere(state), ignore_errors=True)


def _elsewhere(state: State) -> Path:
    mark = hashlib.sha256(str(state.folder).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"stack-{os.getuid()}-{mark}"


def _can_run(program: Path, users: Users = SERVERS) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, **as_account(users), cwd="/").returncode == 0
    except (PermissionError, FileNotFoundError):
        return False


def _reaches(folder: Path, users: Users = SERVERS) -> bool:
    return subprocess.run(["test", "-x", folder], **as_account(users), cwd="/").returncode == 0
