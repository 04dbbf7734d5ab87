"""The Redis (or Valkey) server of the stack, started by the same script as in Docker."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from tools.stack import binaries, unprivileged
from tools.stack.layout import ROOT, State
from tools.stack.process import Process


@dataclass(frozen=True)
class Redis:
    """One server on 127.0.0.1 with its append-only file in the state's folder."""

    state: State
    port: int
    env: Mapping[str, str]

    def process(self) -> Process:
        folder = unprivileged.home(self.state, "redis")
        # Its text, because its user may be unable to reach the checkout.
        script = (ROOT / "tools/servers/redis.sh").read_text()
        here = ("--port", str(self.port), "--dir", str(folder))
        return Process(
            name="broker",
            stage=0,
            command=("sh", "-c", script, "redis.sh", *("--bind", "127.0.0.1"), *here),
            ready=self.is_ready,
            env={
                **self.env,
                "REDIS_SERVER": str(unprivileged.usable(binaries.find("redis-server"), self.state)),
                "REDIS_ACL_FILE": str(folder / "users.acl"),
            },
            cwd=folder,
            as_user=unprivileged.as_account(),
            port=self.port,
        )

    def is_ready(self) -> bool:
        """Whether it answers PING: not while it still loads its data."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
