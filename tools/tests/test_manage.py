"""`make manage`: whose command, which words, and what comes back."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools import manage
from tools.stack.layout import ROOT


class Stack:
    """A stack that notes what it is asked to run, and ends it with code 3."""

    def __init__(self, *, up: bool = True) -> None:
        self.up, self.asked = up, list[tuple[str, ...]]()
        self.env: Mapping[str, str] | None = None

    def is_up(self) -> bool:
        return self.up

    def manage(self, service: str, *arguments: str, env: Mapping[str, str] | None = None) -> int:
        self.asked.append((service, *arguments))
        self.env = env
        return 3


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    running = Stack()
    monkeypatch.setattr(manage, "running", lambda: running)
    return running


def make(text: str, service: str = "auth", *, state: Path) -> "subprocess.CompletedProcess[str]":
    """Runs `make manage`, without its set-up, as a person does."""
    command = ["make", "-s", "-o", "setup", "manage", f"s={service}", f"c={text}"]
    env = {**os.environ, "STACK_STATE": str(state), "STACK": "native"}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)


def test_the_command_runs_with_its_words_and_its_exit_code_comes_back(stack: Stack) -> None:
    assert manage.main("points", 'messages skip 7 --reason \'it"s "old"; $HOME `ls`\'') == 3
    assert stack.asked == [("points", "messages", "skip", "7", "--reason", 'it"s "old"; $HOME `ls`')]


@pytest.mark.parametrize(
    ("service", "text", "message"),
    [
        ("pionts", "verify_ledger", "s=pionts is no service: it is one of auth, points, payments, warehouse"),
        ("", "verify_ledger", "s= is no service: it is one of auth, points, payments, warehouse"),
        ("points", "", 's=points needs a command: make manage s=points c="help" lists them'),
        ("points", "skip --reason 'half", "c=skip --reason 'half cannot be read: no closing quotation"),
    ],
)
def test_what_cannot_be_run_is_told_in_a_sentence(stack: Stack, service: str, text: str, message: str) -> None:
    with pytest.raises(SystemExit) as refused:
        manage.main(service, text)
    assert str(refused.value) == message
    assert stack.asked == []


def test_without_a_stack_it_says_how_to_start_one(stack: Stack) -> None:
    stack.up = False
    with pytest.raises(SystemExit, match="no stack is up here: make up starts one"):
        manage.main("points", "verify_ledger")
    assert stack.asked == []


def test_the_command_is_told_the_operators_password_where_it_is_set(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPERATOR_PASSWORD", "an odd phrase")
    manage.main("auth", "create_admin --email x@example.com")
    assert stack.env == {"OPERATOR_PASSWORD": "an odd phrase"}


@pytest.mark.parametrize("program", ["tools.manage", "tools.doctor", "tools.demo", "tools.run"])
def test_a_kind_of_stack_that_there_is_not_is_refused(program: str, tmp_path: Path) -> None:
    env = {**os.environ, "STACK_STATE": str(tmp_path), "STACK": "bogus", "S": "auth", "C": "help"}
    command = [sys.executable, "-m", program, *(["ps"] if program == "tools.run" else [])]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "STACK=bogus: it is either native or compose\n")


def test_make_hands_the_words_on_untouched(tmp_path: Path) -> None:
    done = make("skip --reason 'half \"of", state=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "c=skip --reason 'half \"of cannot be read: no closing quotation"


def test_make_says_that_no_stack_is_up(tmp_path: Path) -> None:
    done = make("help", state=tmp_path)
    assert done.stderr.splitlines()[0] == "no stack is up here: make up starts one"


def test_output_and_exit_code_of_the_program_are_the_commands(tmp_path: Path) -> None:
    env = {**os.environ, "STACK_STATE": str(tmp_path), "STACK": "native", "S": "nobody", "C": "help"}
    done = subprocess.run([sys.executable, "-m", "tools.manage"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
