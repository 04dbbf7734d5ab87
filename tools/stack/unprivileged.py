"""PostgreSQL refuses to run as root: as root, it runs as `postgres`, or as `nobody` where that user is missing."""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tools.stack.layout import State

USERS = ("postgres", "nobody")


def account() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as; None where we are not root and it simply runs as us."""
    if os.geteuid() != 0:
        return None
    for name in USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError(f"as root, one of the users {', '.join(USERS)} is needed for PostgreSQL")


def as_account() -> dict[str, Any]:
    """Arguments for subprocess that start a program as that user."""
    user = account()
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def home(state: State, name: str) -> Path:
    """A folder that the user owns: in the state's folder, or in /var/tmp where the user cannot reach that."""
    folder = state.folder / name
    if not _reaches(state.folder):
        folder = _elsewhere(state) / name
        folder.parent.mkdir(mode=0o755, exist_ok=True)
        if folder.parent.is_symlink() or folder.parent.stat().st_uid != os.getuid():
            raise RuntimeError(f"{folder.parent} is somebody else's; it was to hold PostgreSQL's data")
    folder.mkdir(parents=True, exist_ok=True)
    if user := account():
        os.chown(folder, user.pw_uid, user.pw_gid)
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


def forget(state: State) -> None:
    """Deletes what `home` made outside of the state's folder."""
    shutil.rmtree(_elsewhere(state), ignore_errors=True)


def _elsewhere(state: State) -> Path:
    mark = hashlib.sha256(str(state.folder).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"stack-{os.getuid()}-{mark}"


def _can_run(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, **as_account(), cwd="/").returncode == 0
    except (PermissionError, FileNotFoundError):
        return False


def _reaches(folder: Path) -> bool:
    return subprocess.run(["test", "-x", folder], **as_account(), cwd="/").returncode == 0
