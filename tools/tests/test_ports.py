"""Ports: no two stacks get the same one, whenever they ask."""

import json
import multiprocessing
import signal
import socket
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from tools import journeys
from tools.make_env import read_env, write_env
from tools.stack import ports
from tools.stack.daemon import gateway_port
from tools.stack.layout import State
from tools.stack.supervisor import NotReady

# Of four ports each.
STACKS, ROUNDS = 4, 50
PATIENCE = 120
NAMES = ("db", "broker", "gateway", "points-web")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def free(folder: Path) -> int:
    """A port that nobody has, nor is handed to a connection meanwhile."""
    with ports.claimed(folder / "free.json", ["any"]) as chosen:
        return chosen["any"]


def chooser(file: Path, barrier: Barrier, first: int, results: Any) -> None:
    """Chooses ports again and again, at the same moment as the others, and holds them until all have chosen."""
    for number in range(ROUNDS):
        barrier.wait(PATIENCE)
        with ports.claimed(file, NAMES, wanted={"gateway": first, "db": first}) as chosen:
            results.put((number, dict(chosen)))
            barrier.wait(PATIENCE)


def test_stacks_that_start_at_the_same_moment_never_get_one_port(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, results, first = context.Barrier(STACKS), context.Queue(), free(tmp_path)
    files = [tmp_path / f"{number}.json" for number in range(STACKS)]
    for file in files:
        # Two checkouts, one of them copied with its .run, remember the same ones.
        file.write_text(json.dumps({"broker": first + 1, "points-web": first + 2}))
    stacks = [context.Process(target=chooser, args=(file, barrier, first, results)) for file in files]
    for stack in stacks:
        stack.start()
    together: dict[int, list[int]] = {number: [] for number in range(ROUNDS)}
    for _ in range(STACKS * ROUNDS):
        number, chosen = results.get(timeout=PATIENCE)
        together[number] += chosen.values()
    for stack in stacks:
        stack.join(PATIENCE)
        assert stack.exitcode == 0
    assert {number: len(set(taken)) for number, taken in together.items()} == dict.fromkeys(range(ROUNDS), 16)


def test_a_port_is_remembered(tmp_path: Path) -> None:
    with ports.claimed(tmp_path / "ports.json", ["db", "broker"]) as first:
        assert len(set(first.values())) == 2
    with ports.claimed(tmp_path / "ports.json", ["db", "broker"]) as second:
        assert second == first


def test_a_remembered_port_that_somebody_took_is_given_up(tmp_path: Path, taken: int) -> None:
    (tmp_path / "ports.json").write_text(json.dumps({"db": taken}))
    with ports.claimed(tmp_path / "ports.json", ["db"]) as chosen:
        assert chosen["db"] != taken


def test_the_next_free_port_stands_in_for_a_wanted_one(tmp_path: Path, taken: int) -> None:
    with ports.claimed(tmp_path / "ports.json", ["gateway"], wanted={"gateway": taken}) as chosen:
        assert taken < chosen["gateway"] < taken + 50


def test_somebody_on_all_addresses_has_the_port_too() -> None:
    with socket.create_server(("", 0)) as other:
        assert not ports.is_free(other.getsockname()[1])


def test_a_port_is_free_again_at_once_though_connections_to_it_linger(tmp_path: Path) -> None:
    port = free(tmp_path)
    with socket.create_server(("127.0.0.1", port)) as server:
        caller = socket.create_connection(("127.0.0.1", port))
        # The side that closes first keeps the address for a minute: what a server that was stopped leaves behind.
        server.accept()[0].close()
        caller.close()
    assert ports.is_free(port)


def test_a_stack_that_is_killed_holds_no_port(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, results, first = context.Barrier(2), context.Queue(), free(tmp_path)
    stack = context.Process(target=chooser, args=(tmp_path / "killed.json", barrier, first, results))
    stack.start()
    barrier.wait(PATIENCE)
    held = results.get(timeout=PATIENCE)[1]["db"]
    with ports.claimed(tmp_path / "during.json", ["db"], wanted={"db": held}) as chosen:
        assert chosen["db"] != held
    stack.kill()
    stack.join(PATIENCE)
    assert stack.exitcode == -signal.SIGKILL
    with ports.claimed(tmp_path / "after.json", ["db"], wanted={"db": held}) as chosen:
        assert chosen["db"] == held


def test_the_highest_port_has_no_next(tmp_path: Path) -> None:
    with (
        ports.claimed(tmp_path / "one.json", ["gateway"], wanted={"gateway": ports.HIGHEST}) as one,
        ports.claimed(tmp_path / "other.json", ["gateway"], wanted={"gateway": ports.HIGHEST}) as other,
    ):
        assert other["gateway"] != one["gateway"]
        assert other["gateway"] in ports.RANGE


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "8080 ", "٨٠"])
def test_what_is_no_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(NotReady, match=f"GATEWAY_PORT={text} in .env is no port"):
        gateway_port({"GATEWAY_PORT": text})


def test_compose_gets_a_port_that_is_its_own_meanwhile(state: State, tmp_path: Path) -> None:
    write_env(state.env_file)
    with journeys.a_port_of_its_own(state) as port:
        assert read_env(state.env_file)["GATEWAY_PORT"] == str(port)
        with ports.claimed(tmp_path / "ports.json", ["gateway"], wanted={"gateway": port}) as other:
            assert other["gateway"] != port
