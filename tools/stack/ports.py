"""Ports for the servers of one stack: taken while it runs, then remembered, so that addresses stay the same."""

import json
import random
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

# Below the ports that the kernel hands to outgoing connections: a remembered one is still free tomorrow.
RANGE = range(20_000, 32_000)
HIGHEST = 65_535
# Somebody may listen on one address only, or on all.
ADDRESSES = ("127.0.0.1", "0.0.0.0")  # noqa: S104 - asked about, not served on


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of this machine, on any address."""
    return all(_can_bind(address, port) for address in ADDRESSES)


def _can_bind(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


@contextmanager
def claimed(
    file: Path, names: Iterable[str], *, wanted: Mapping[str, int] | None = None
) -> Iterator[Mapping[str, int]]:
    """Gives each name a port that is free, which no other stack of this machine is given until the block ends.

    A wanted port or one of the next fifty comes first, then the one that `file` remembers. Enter it while
    the stack is down: ports of running servers are not free.
    """
    before: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    chosen: dict[str, int] = {}
    with ExitStack() as held:
        for name in names:
            candidates = _candidates((wanted or {}).get(name), before.get(name))
            chosen[name] = next(port for port in candidates if _claim(port, held))
        file.write_text(json.dumps(chosen, indent=1))
        yield chosen


def _candidates(wanted: int | None, remembered: int | None) -> Iterator[int]:
    if wanted is not None:
        yield from range(wanted, min(wanted + 50, HIGHEST + 1))
    if remembered is not None:
        yield remembered
    while True:
        yield random.choice(RANGE)  # noqa: S311 - a port is no secret


def _claim(port: int, held: ExitStack) -> bool:
    """Takes the UDP port of the same number, then looks whether the TCP port is free.

    Our servers bind the port themselves, seconds later, so we cannot hold it until then; nobody here uses UDP, its
    ports have one owner without exception, in whichever checkout and by whichever user, and lose it with the process.
    """
    with ExitStack() as taken:
        twin = taken.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        try:
            twin.bind(("127.0.0.1", port))
        except OSError:
            return False
        if not is_free(port):
            return False
        held.push(taken.pop_all())
    return True
