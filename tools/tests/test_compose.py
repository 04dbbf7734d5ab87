"""What is said where Docker is there and cannot be used; `docker` is a small program of the test's own."""

import os
import re
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools import compose, run
from tools.stack import ports
from tools.stack.layout import COMPOSE, NATIVE, ROOT, State
from tools.target import Compose

FAKE = """\
#!{python}
import os, pathlib, sys
said = " ".join(sys.argv[1:])
with open({log!r}, "a") as log:
    log.write(said + "\\n")
answers = {answers!r}
code, out, err = next((answers[key] for key in answers if said.startswith(key)), (0, "", ""))
print(out, end="")
print(err, end="", file=sys.stderr)
sys.exit(code)
"""
Answer = tuple[int, str, str]
USABLE: dict[str, Answer] = {"compose version": (0, "2.26.1\n", "")}
Docker = Callable[..., Path]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Docker]:
    """Puts a `docker` on PATH that gives the answers it is told, by how the command begins; returns its log.

    The gateway's port is a free one, whoever has 8080 on this machine, which no connection is given meanwhile.
    """

    def make(answers: dict[str, Answer]) -> Path:
        log, program = tmp_path / "asked", tmp_path / "bin" / "docker"
        program.parent.mkdir()
        program.write_text(FAKE.format(python=sys.executable, log=str(log), answers=answers))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        monkeypatch.delenv("STACK", raising=False)
        log.touch()
        return log

    with ports.claimed(tmp_path / "ports.json", ["gateway"]) as chosen:
        monkeypatch.setenv("GATEWAY_PORT", str(chosen["gateway"]))
        yield make


def refused(action: Callable[[State], object], state: State) -> str:
    with pytest.raises(SystemExit) as refused:
        action(state)
    return str(refused.value)


def test_an_image_that_cannot_be_pulled_is_told_in_a_sentence(docker: Docker, state: State) -> None:
    why = "Error response from daemon: Get https://registry.example/v2/: no such host"
    log = docker({**USABLE, "image inspect postgres": (1, "", "No such image"), "pull": (1, "", f"a wall\n{why}\n")})
    assert refused(run.up, state) == (
        f"the Docker engine here cannot pull postgres:17 ({why}). To go on without Docker: STACK=native make up"
    )
    assert not re.search(r"^compose .*\bup\b", log.read_text(), re.M)


@pytest.fixture
def taken_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The gateway's port, on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("GATEWAY_PORT", str(listener.getsockname()[1]))
        yield listener.getsockname()[1]


def test_a_port_that_is_taken_is_said_before_anything_is_built(docker: Docker, state: State, taken_port: int) -> None:
    log = docker(USABLE)
    assert refused(run.up, state) == (
        f"port {taken_port} is taken: set GATEWAY_PORT in {state.env_file} to a free one. "
        "To go on without Docker: STACK=native make up"
    )
    assert not re.search(r"(pull|\bup\b)", log.read_text())


def test_a_port_that_is_no_number_is_said(docker: Docker, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    docker(USABLE)
    monkeypatch.setenv("GATEWAY_PORT", "80a")
    assert refused(compose.up, state) == "GATEWAY_PORT=80a in .env is no port: it is a number from 1 to 65535"


def test_the_port_that_the_stacks_own_gateway_has_is_no_obstacle(docker: Docker, state: State, taken_port: int) -> None:
    log = docker({**USABLE, "compose --project-name": (0, "a-container\n", "")})
    assert compose.up(state) == 0
    assert re.search(r"^compose .*\bup\b", log.read_text(), re.M)


def test_images_that_are_here_are_not_pulled(docker: Docker, state: State) -> None:
    log = docker({**USABLE, "image inspect redis": (1, "", "No such image")})
    compose.get_images()
    assert [line for line in log.read_text().splitlines() if line.startswith("pull")] == ["pull redis:8.0"]


def test_every_image_that_anything_is_made_from_is_looked_for() -> None:
    assert compose.images() == ["nginx:1.26", "postgres:17", "python:3.13-slim", "redis:8.0"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((1, "", "docker: 'compose' is not a docker command."), "the Docker engine here has no compose"),
        ((0, "2.19.1\n", ""), "the compose of Docker here is 2.19.1"),
        ((0, "1.29.2\n", ""), "the compose of Docker here is 1.29.2"),
        ((0, "dev\n", ""), "the compose of Docker here is dev"),
        ((0, "", ""), "the compose of Docker here is nameless"),
    ],
)
def test_a_compose_that_will_not_do_is_named_and_the_stack_runs_natively(
    docker: Docker, state: State, capsys: pytest.CaptureFixture[str], answer: Answer, message: str
) -> None:
    docker({"compose version": answer})
    assert run.kind(state) == NATIVE
    assert capsys.readouterr().out == f"{message} (2.20 or newer is needed): going on without Docker\n"


@pytest.mark.parametrize("action", [run.up, run.down, run.ps, run.logs])
def test_whoever_asks_for_docker_is_told_why_not(
    docker: Docker, state: State, monkeypatch: pytest.MonkeyPatch, action: Callable[[State], object]
) -> None:
    docker({"compose version": (0, "2.19.1\n", "")})
    monkeypatch.setenv("STACK", "compose")
    assert refused(action, state) == (
        "the compose of Docker here is 2.19.1 (2.20 or newer is needed). To go on without Docker: STACK=native make up"
    )


@pytest.mark.parametrize("version", ["2.20.0", "v2.20.3-desktop.1", "2.26.1-4", "5.0.0"])
def test_a_compose_that_is_new_enough_is_used(docker: Docker, state: State, version: str) -> None:
    docker({"compose version": (0, f"{version}\n", "")})
    assert run.kind(state) == COMPOSE


def test_without_an_engine_the_stack_runs_natively_and_nothing_is_said(
    docker: Docker, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    docker({"info": (1, "", "Cannot connect to the Docker daemon")})
    assert run.kind(state) == NATIVE
    assert capsys.readouterr().out == ""


def test_without_the_program_docker_nothing_is_there(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compose.obstacle() == "no Docker engine answers here"
    assert not compose.is_there(state)


def test_a_start_that_fails_in_docker_says_how_to_go_on(
    docker: Docker, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    docker({**USABLE, "compose --project-name": (17, "", "a container is unhealthy")})
    assert run.up(state) == 17
    assert capsys.readouterr().out.endswith("To go on without Docker: STACK=native make up\n")


def test_a_database_of_another_layout_is_named_by_what_its_migration_said(
    docker: Docker, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "the database points was laid out by another version (ledger.0002_of_another) and …: make fresh wipes …"
    project = f"compose --project-name {compose.project(state)} --env-file {state.env_file} --file docker-compose.yml"
    logs = f"a line\nCommandError: {said}\nanother\n"
    docker({**USABLE, f"{project} logs": (0, logs, ""), f"{project} up": (1, "", "didn't complete successfully")})
    assert run.up(state) == 1
    assert capsys.readouterr().out.splitlines()[-1] == said


def test_fresh_says_which_volumes_go_deletes_them_and_starts(
    docker: Docker, state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = f"compose --project-name {compose.project(state)} --env-file {state.env_file} --file docker-compose.yml"
    log = docker({**USABLE, "volume ls": (0, "x_db\nx_broker\n", ""), f"{project} up": (17, "", "")})
    monkeypatch.setenv("STACK", "compose")
    assert run.fresh(state) == 17
    assert capsys.readouterr().out.startswith(
        f"deleting x_broker, x_db of the project {compose.project(state)}; {state.env_name} stays\n"
    )
    steps = [line.removeprefix(project).strip() for line in log.read_text().splitlines() if line.startswith(project)]
    assert steps[:2] == ["down --remove-orphans", "down --volumes --remove-orphans"]
    assert steps[2].startswith("up --build")


def test_a_management_command_runs_in_its_services_container(docker: Docker, state: State) -> None:
    log = docker({**USABLE, "compose --project-name": (3, "", "")})
    assert Compose(state).manage("points", "messages", "skip", "7", "--reason", "it is 'old'") == 3
    asked = log.read_text().splitlines()[-1]
    assert asked.endswith("exec -T points-web python manage.py messages skip 7 --reason it is 'old'")


def test_the_images_of_the_stack_have_no_other_source() -> None:
    """A compose file that named an image by a variable, or another Dockerfile, would be passed over."""
    files = [*ROOT.glob("docker-compose.yml"), *ROOT.glob("services/*/compose.yml")]
    named = set(re.findall(r"^\s*image: (.+)$", "\n".join(file.read_text() for file in files), re.M))
    assert {image for image in named if "$" not in image} <= set(compose.images())
    assert {image.split("-")[0] for image in named if "$" in image} == {"${COMPOSE_PROJECT_NAME}"}
