"""Ports for the servers of one stack: chosen free, then remembered, so that addresses stay the same."""

import itertools
import json
import random
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

# Below the ports that the kernel hands to outgoing connections: a remembered one is still free tomorrow.
RANGE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether somebody accepts connections on this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def choose(file: Path, names: Iterable[str], *, wanted: dict[str, int] | None = None) -> dict[str, int]:
    """Gives each name a port that is free now, and remembers all.

    A wanted port or one of the next fifty comes first, then the remembered one. Call it while the
    stack is down: ports of running servers are not free.
    """
    before: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    chosen: dict[str, int] = {}
    for name in names:
        first = (wanted or {}).get(name)
        candidates = [*(range(first, first + 50) if first else ()), *([before[name]] if name in before else ())]
        ports = itertools.chain(candidates, _random_ports())
        chosen[name] = next(port for port in ports if port not in chosen.values() and is_free(port))
    file.write_text(json.dumps(chosen, indent=1))
    return chosen


def _random_ports() -> Iterator[int]:
    while True:
        yield random.choice(RANGE)  # noqa: S311 - a port is no secret
