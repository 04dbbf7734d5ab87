"""Faults of the broker."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from signal import SIGKILL
from typing import Any

import redis

from shared.celery import inbox_name
from shared.messaging.lanes import Lane
from tools.drills.processes import Processes
from tools.drills.waits import eventually

# What swallows every byte and answers that no space is left.
DISK_IS_FULL = Path("/dev/full")


@dataclass(frozen=True)
class Broker:
    """The one Redis of the stack; `admin` is the user that no service knows."""

    processes: Processes

    @cached_property
    def admin(self) -> "redis.Redis":
        """A connection that may do everything."""
        port, password = self.processes.target.ports["broker"], self.processes.target.settings["REDIS_ADMIN_PASSWORD"]
        return redis.Redis("127.0.0.1", port, username="admin", password=password, socket_timeout=10)

    def waiting(self, consumer: str, producer: str, *lanes: Lane) -> int:
        """Return how many tasks of a producer wait for a consumer, in these lanes or in all."""
        names = [inbox_name(consumer, producer, lane) for lane in lanes or Lane]
        return sum(int(str(self.admin.llen(f"{consumer}:{name}"))) for name in names)

    def flush(self) -> None:
        """Delete everything: tasks, bindings, what was taken and not yet done."""
        self.admin.flushall()

    @contextmanager
    def dead_and_emptied(self) -> Iterator[None]:
        """Kill it and remove its files; after the block it comes back with nothing."""
        with self.processes.down("broker", SIGKILL):
            shutil.rmtree(self._folder)
            yield

    @contextmanager
    def without_memory(self) -> Iterator[None]:
        """Refuse what needs memory, as a broker does that has reached its `maxmemory` and may evict nothing."""
        self.admin.config_set("maxmemory", "1mb")
        try:
            yield
        finally:
            self.admin.config_set("maxmemory", "0")

    @contextmanager
    def without_disk(self) -> Iterator[None]:
        """Fill the broker's disk: every write to its append-only file fails for want of space.

        The file that its next rewrite begins is there already, as a link to /dev/full. The server meets the
        system's own ENOSPC and refuses all changes (MISCONF), as on a full disk, and no right to mount is needed.
        One more rewrite, to a file that can be written, is the space that somebody has made.
        """
        self._next_file().symlink_to(DISK_IS_FULL)
        self._rewrite()
        try:
            yield
        finally:
            self._rewrite()

    def is_refusing(self) -> bool:
        """Tell whether the last write to its file failed."""
        return str(self._persistence("aof_last_write_status")) != "ok"

    def _rewrite(self) -> None:
        eventually(lambda: not self._persistence("aof_rewrite_in_progress"), "done with the rewrite before")
        self.admin.bgrewriteaof()
        eventually(lambda: not self._persistence("aof_rewrite_in_progress"), "done with the rewrite")

    def _next_file(self) -> Path:
        [present] = self._folder.glob("*.incr.aof")
        name, number, *ending = present.name.rsplit(".", 3)
        return present.with_name(".".join([name, str(int(number) + 1), *ending]))

    def _persistence(self, field: str) -> Any:
        found: dict[str, Any] = self.admin.info("persistence")
        return found[field]

    @property
    def _folder(self) -> Path:
        return self.processes.target.state.folder / "redis" / "appendonlydir"
