"""Whose processes listen on a port of this machine."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

PROC = Path("/proc")
LISTEN = "0A"


def listens(group: int, port: int) -> bool:
    """Whether a process of this process group listens on the port."""
    listeners = _listeners_by_proc if (PROC / "net/tcp").exists() else _listeners_by_lsof
    return any(_group_of(pid) == group for pid in listeners(group, port))


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _listeners_by_proc(group: int, port: int) -> Iterator[int]:
    """Processes of the group that hold a listening socket of the port; others' may be closed to us."""
    owners = dict(_listening(port))
    for pid in (int(folder.name) for folder in PROC.iterdir() if folder.name.isdigit()):
        if owners and _group_of(pid) == group and _holds_one(pid, owners):
            yield pid


def _holds_one(pid: int, owners: Mapping[str, int]) -> bool:
    """Whether a process has one of these sockets open. Where we may not look (another user's process, as root in a
    container without that right), whether one is of its user.
    """
    try:
        return not owners.keys().isdisjoint(_open_files(pid))
    except PermissionError:
        return (PROC / str(pid)).stat().st_uid in owners.values()


def _listening(port: int) -> Iterator[tuple[str, int]]:
    """The sockets that listen on a port, as they stand among a process's open files, each with its user."""
    for table in ("net/tcp", "net/tcp6"):
        for line in (PROC / table).read_text().splitlines()[1:] if (PROC / table).exists() else ():
            fields = line.split()
            if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                yield f"socket:[{fields[9]}]", int(fields[7])


def _open_files(pid: int) -> Iterator[str]:
    try:
        for descriptor in (PROC / str(pid) / "fd").iterdir():
            yield os.readlink(descriptor)
    except (FileNotFoundError, ProcessLookupError):
        return  # it, or what it had open, went meanwhile; who waits for it asks again


def _listeners_by_lsof(_group: int, port: int) -> Iterator[int]:
    command = ["lsof", "-nP", "-t", f"-iTCP:{port}", "-sTCP:LISTEN"]
    for line in subprocess.run(command, capture_output=True, text=True).stdout.split():
        yield int(line)
