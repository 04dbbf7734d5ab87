"""Whose processes listen on a port of this machine."""

import os
import subprocess
from collections.abc import Iterator
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
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for pid in (int(folder.name) for folder in PROC.iterdir() if folder.name.isdigit()):
        if sockets and _group_of(pid) == group and sockets & set(_open_files(pid)):
            yield pid


def _inodes(port: int) -> Iterator[str]:
    for table in ("net/tcp", "net/tcp6"):
        for line in (PROC / table).read_text().splitlines()[1:] if (PROC / table).exists() else ():
            fields = line.split()
            if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


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
