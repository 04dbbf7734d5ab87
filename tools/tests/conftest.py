"""A state folder of its own for each test, and processes that are small enough to watch."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.stack import unprivileged
from tools.stack.layout import State
from tools.stack.process import Process
from tools.stack.supervisor import Supervisor

# Touches the file it is given, then waits for a signal.
SLEEPER = "import pathlib, signal, sys; pathlib.Path(sys.argv[1]).touch(); signal.pause()"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """An empty state folder."""
    made = State(tmp_path / "state")
    made.make()
    yield made
    unprivileged.delete_home(made)


@pytest.fixture
def supervisor(state: State) -> Iterator[Supervisor]:
    """A supervisor whose processes end with the test."""
    running = Supervisor(state, say=lambda _: None)
    yield running
    running.stop()


@pytest.fixture
def sleeper(tmp_path: Path) -> Callable[..., Process]:
    """Makes a process that is ready once it runs, and does nothing."""

    def make(name: str, *, stage: int = 0, program: str = SLEEPER, **more: object) -> Process:
        alive = tmp_path / f"{name}.alive"
        command = (sys.executable, "-c", program, str(alive))
        return Process(name=name, stage=stage, command=command, ready=alive.exists, **more)  # type: ignore[arg-type]

    return make
