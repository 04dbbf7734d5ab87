"""A small load generator for machines without wrk: two processes, raw sockets, prebuilt requests.

`python -m bench.generator HOST PORT PLAN SECONDS` prints one RESULT line as bench/load.lua does.
"""

import json
import os
import selectors
import socket
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count

from bench.load import CLIENTS
from bench.requests import ID

PROCESSES = 2


@dataclass
class Line:
    """One connection: what has come of the present answer, and when its request went out."""

    socket: socket.socket
    came: bytes = b""
    sent_at: float = 0.0


@dataclass
class Client:
    """The connections of one process."""

    number: int
    address: tuple[str, int]
    plan: list[list[bytes]]
    refused: int = 0
    micros: list[int] = field(default_factory=list)
    made: "count[int]" = field(default_factory=count)

    def run(self, seconds: float) -> tuple[list[int], int]:
        """Keep all connections busy for so long; return each answer's microseconds and how many were refusals."""
        selector = selectors.DefaultSelector()
        for _ in range(CLIENTS // PROCESSES):
            line = Line(socket.create_connection(self.address))
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(line.socket, selectors.EVENT_READ, line)
            self._send(line)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for key, _ in selector.select(1):
                self._receive(key.data)
        return self.micros, self.refused

    def _send(self, line: Line) -> None:
        made = next(self.made)
        unique = f"{self.number:02x}{os.environ['BENCH_RUN']}{made:08x}".encode()
        line.came, line.sent_at = b"", time.monotonic()
        line.socket.sendall(unique.join(self.plan[(made + self.number * 7919) % len(self.plan)]))

    def _receive(self, line: Line) -> None:
        more = line.socket.recv(65536)
        if not more:
            raise ConnectionError("the gateway closed a connection that was to be kept alive")
        line.came += more
        head, blank, body = line.came.partition(b"\r\n\r\n")
        if not blank or not _is_whole(head.lower(), body):
            return
        self.micros.append(int((time.monotonic() - line.sent_at) * 1e6))
        self.refused += head[9:10] not in b"23"
        self._send(line)


def _is_whole(head: bytes, body: bytes) -> bool:
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])


def _run(number: int, host: str, port: int, plan: str, seconds: float) -> tuple[list[int], int]:
    with open(plan) as file:
        requests = [[part.encode() for part in text.split(ID)] for text in json.load(file)]
    return Client(number, (host, port), requests).run(seconds)


def main(host: str, port: str, plan: str, seconds: str) -> None:
    with ProcessPoolExecutor(PROCESSES) as pool:
        runs = [pool.submit(_run, number, host, int(port), plan, float(seconds)) for number in range(PROCESSES)]
        found = [run.result() for run in runs]
    micros = sorted(one for many, _ in found for one in many)
    refused = sum(refusals for _, refusals in found)
    middle, slow = micros[len(micros) // 2], micros[len(micros) * 99 // 100]
    print("RESULT", len(micros), int(float(seconds) * 1e6), refused, 0, middle, slow)


if __name__ == "__main__":
    main(*sys.argv[1:])
