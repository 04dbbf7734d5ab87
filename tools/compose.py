"""The stack in Docker: which project, which settings, and the commands on it."""

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping

from tools.make_env import write_env
from tools.stack.layout import ROOT, State


def engine_answers() -> bool:
    """Whether a Docker engine with compose is there to be used."""
    return all(_succeeds(*command) for command in (("docker", "info"), ("docker", "compose", "version")))


def project(state: State) -> str:
    """The project's name: the checkout's, as compose has it; a state folder elsewhere has one that nobody else has."""
    if asked := os.environ.get("COMPOSE_PROJECT_NAME"):
        return asked
    name = ROOT.name
    if state.folder != ROOT / ".run":
        name = f"{name}-{state.folder.name}-{hashlib.sha256(str(state.folder).encode()).hexdigest()[:6]}"
    return re.sub(r"[^a-z0-9_-]", "-", name.lower()).lstrip("-_")


def compose(state: State, *arguments: str, env: Mapping[str, str] | None = None) -> int:
    """Runs `docker compose` on the stack of a state folder; returns its exit code."""
    write_env(state.env_file)
    return subprocess.run(_command(state, *arguments), cwd=ROOT, env={**os.environ, **(env or {})}).returncode


def captured(state: State, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs `docker compose` and keeps what it prints."""
    return subprocess.run(_command(state, *arguments), cwd=ROOT, capture_output=True, text=True)


def _command(state: State, *arguments: str) -> list[str]:
    return ["docker", "compose", "--project-name", project(state), "--env-file", str(state.env_file), *arguments]


def is_there(state: State) -> bool:
    """Whether the project has containers, running or not."""
    label = f"label=com.docker.compose.project={project(state)}"
    command = ["docker", "ps", "--all", "--quiet", "--filter", label]
    return bool(subprocess.run(command, capture_output=True, text=True).stdout.strip())


def up(state: State) -> int:
    """Builds the images, starts all containers and waits until they are healthy."""
    return compose(state, "up", "--build", "--detach", "--wait", "--wait-timeout", "600", "--remove-orphans")


def down(state: State) -> int:
    """Ends all containers; their data stays."""
    return compose(state, "down", "--remove-orphans")


def ps(state: State) -> int:
    return compose(state, "ps")


def logs(state: State, part: str = "") -> int:
    """Follows the logs of the containers whose name begins with `part`."""
    listed = captured(state, "config", "--services").stdout.split()
    return compose(state, "logs", "--follow", "--tail", "20", *(name for name in listed if part and part in name))


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
