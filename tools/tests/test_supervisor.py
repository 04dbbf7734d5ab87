"""The supervisor, with real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from shared.testing.waiting import until
from tools.stack import cli, ports
from tools.stack.layout import State
from tools.stack.process import Identity, Process
from tools.stack.supervisor import NotReady, Supervisor, end_leftovers

Make = Callable[..., Process]
IGNORES_SIGTERM = (
    "import pathlib, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "pathlib.Path(sys.argv[1]).touch(); [signal.pause() for _ in iter(int, 1)]"
)
# Starts a child of its own and prints its id.
HAS_CHILD = (
    "import pathlib, signal, subprocess, sys; child = subprocess.Popen(['sleep', '1000']);"
    "print(child.pid, flush=True); pathlib.Path(sys.argv[1]).touch(); signal.pause()"
)

LISTENS = (
    "import pathlib, signal, socket, sys; touch = pathlib.Path(sys.argv[1]).touch;"
    "held = socket.create_server(('127.0.0.1', {port})); touch(); signal.pause()"
)
# Somebody else answers meanwhile, and looks like it.
ANSWERS_FIRST = (
    "import pathlib, socket, sys; pathlib.Path(sys.argv[1]).touch();socket.create_server(('127.0.0.1', {port}))"
)
# The child ends when its parent does, which alone holds the pipe's other end.
LISTENS_BY_A_CHILD = (
    "import os, pathlib, signal, socket, sys; end, life = os.pipe(); os.fork() and signal.pause(); os.close(life);"
    "held = socket.create_server(('127.0.0.1', {port})); pathlib.Path(sys.argv[1]).touch(); os.read(end, 1)"
)


def test_starts_a_stage_when_the_one_before_is_ready(supervisor: Supervisor, sleeper: Make, tmp_path: Path) -> None:
    first = tmp_path / "first.alive"
    slow = "import pathlib, signal, sys; sum(range(10**7)); pathlib.Path(sys.argv[1]).touch(); signal.pause()"
    after = f"import pathlib, signal, sys; assert pathlib.Path({str(first)!r}).exists();"
    after += "pathlib.Path(sys.argv[1]).touch(); signal.pause()"
    supervisor.start([sleeper("second", stage=1, program=after), sleeper("first", program=slow)])
    assert (tmp_path / "second.alive").exists()


def test_starts_again_what_was_killed(supervisor: Supervisor, sleeper: Make) -> None:
    supervisor.start([sleeper("one")])
    child = supervisor.children[0]
    before = child.identity
    before.signal(signal.SIGKILL)

    def is_back() -> bool:
        supervisor.watch()
        return child.identity != before and child.identity.lives()

    until(is_back)
    assert child.restarts == 1


def test_waits_longer_after_each_failure(supervisor: Supervisor, sleeper: Make, tmp_path: Path) -> None:
    supervisor.start([sleeper("one")])
    child, said = supervisor.children[0], list[str]()
    supervisor.say = said.append
    for _ in range(3):
        child.identity.signal(signal.SIGKILL)
        until(child.ended)
        supervisor.watch()
        assert child.restart_at is not None
        child.start()
    assert [words.rpartition("; ")[2] for words in said] == [
        "starts again in 0.5 s",
        "starts again in 1.0 s",
        "starts again in 2.0 s",
    ]


def test_says_why_a_process_did_not_become_ready(supervisor: Supervisor, sleeper: Make) -> None:
    with pytest.raises(NotReady, match=r"broken ended(.|\n)*no such setting"):
        supervisor.start([sleeper("broken", program="import sys; sys.exit('no such setting')")])


def test_gives_up_on_a_process_that_is_never_ready(supervisor: Supervisor, sleeper: Make) -> None:
    with pytest.raises(NotReady, match="deaf is not ready after 0 s"):
        supervisor.start([sleeper("deaf", program="import signal; signal.pause()", ready_seconds=0.3)])


def test_is_not_ready_while_somebody_else_answers_on_its_port(supervisor: Supervisor, sleeper: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(NotReady, match="late is not ready after 0 s"):
            supervisor.start([sleeper("late", port=port, ready_seconds=0.4)])
    assert not supervisor.children[0].ready


def test_is_ready_when_it_listens_itself_or_by_a_child(supervisor: Supervisor, sleeper: Make, tmp_path: Path) -> None:
    with ports.claimed(tmp_path / "ports.json", ["itself", "by a child"]) as chosen:
        own, inherited = (
            sleeper(name.replace(" ", "-"), program=program.format(port=port), port=port)
            for (name, port), program in zip(chosen.items(), (LISTENS, LISTENS_BY_A_CHILD), strict=True)
        )
        supervisor.start([own, inherited])
    assert [child.ready for child in supervisor.children] == [True, True]


def test_the_failure_to_take_a_port_that_another_has_is_told(supervisor: Supervisor, sleeper: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(NotReady, match=r"late ended; (.|\n)*Address already in use"):
            supervisor.start([sleeper("late", program=ANSWERS_FIRST.format(port=port), port=port)])


def test_one_that_answered_and_ended_is_not_ready(supervisor: Supervisor, sleeper: Make) -> None:
    brief = sleeper("brief", program="import sys; sys.exit('over already')")
    with pytest.raises(NotReady, match=r"brief ended; (.|\n)*over already"):
        supervisor.start([replace(brief, ready=lambda: supervisor.children[0].ended())])


def test_one_that_ends_while_others_get_ready_is_told(supervisor: Supervisor, sleeper: Make) -> None:
    def first_is_gone() -> bool:
        supervisor.children[0].identity.signal(signal.SIGKILL)
        return supervisor.children[0].ended()

    with pytest.raises(NotReady, match="first ended; "):
        supervisor.start([sleeper("first"), replace(sleeper("second"), ready=first_is_gone)])


def test_stops_the_last_stage_first(supervisor: Supervisor, sleeper: Make, tmp_path: Path) -> None:
    log = tmp_path / "order"
    notes = (
        f"import pathlib, signal, sys; signal.signal(signal.SIGTERM, lambda *_: (open({str(log)!r}, 'a')"
        ".write(pathlib.Path(sys.argv[1]).stem + ' '), sys.exit())); pathlib.Path(sys.argv[1]).touch(); signal.pause()"
    )
    supervisor.start([sleeper(name, stage=stage, program=notes) for stage, name in enumerate(("db", "web", "gateway"))])
    supervisor.stop()
    assert log.read_text().split() == ["gateway", "web", "db"]


def test_ends_by_force_what_ignores_the_signal(supervisor: Supervisor, sleeper: Make) -> None:
    supervisor.start([sleeper("stubborn", program=IGNORES_SIGTERM, grace_seconds=0.3)])
    identity = supervisor.children[0].identity
    supervisor.stop()
    assert not identity.lives()


def test_ends_the_children_of_a_process_that_was_killed(supervisor: Supervisor, sleeper: Make, state: State) -> None:
    supervisor.start([sleeper("parent", program=HAS_CHILD)])
    grandchild = Identity.of(int((state.logs / "parent.log").read_text()))
    supervisor.children[0].identity.signal(signal.SIGKILL)
    until(supervisor.children[0].ended)
    supervisor.watch()
    until(lambda: not grandchild.lives())


def test_ends_what_a_killed_supervisor_left_behind(supervisor: Supervisor, sleeper: Make, state: State) -> None:
    supervisor.start([sleeper("one"), sleeper("two")])
    left = [child.identity for child in supervisor.children]
    # Nobody collects the ended processes here, as init does for those of a supervisor that is gone.
    assert end_leftovers(state) == 2
    assert not any(identity.lives() for identity in left)


def test_the_list_tells_what_a_killed_supervisor_left_behind(
    supervisor: Supervisor, sleeper: Make, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor.start([sleeper("one"), sleeper("two")])
    report = json.loads(state.status_file.read_text())
    state.status_file.write_text(json.dumps({**report, "supervisor": {"pid": os.getpid(), "started": "long ago"}}))
    cli.ps(state)
    end_leftovers(state)
    cli.ps(state)
    assert capsys.readouterr().out.splitlines() == [
        f"the native stack is down; 2 processes are left over: STACK_STATE={state.folder} make down ends them",
        "the native stack is down",
    ]


def test_leaves_a_process_alone_that_only_has_the_same_id() -> None:
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as other:
        Identity(other.pid, "long ago").signal(signal.SIGKILL)
        assert other.poll() is None
        other.kill()


def test_knows_itself_and_no_process_that_has_ended() -> None:
    assert Identity.of(os.getpid()).lives()
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert not Identity.of(ended.pid).lives()
