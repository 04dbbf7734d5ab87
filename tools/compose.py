"""The stack in Docker: which project, which settings, and the commands on it."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping

from tools.make_env import read_env, write_env
from tools.stack import ports
from tools.stack.daemon import gateway_port
from tools.stack.gateway import scheme
from tools.stack.layout import PACKAGES, ROOT, State
from tools.stack.supervisor import NotReady

# The first that has `include`.
OLDEST = (2, 20)
NO_ENGINE = "no Docker engine answers here"
GO_ON = "To go on without Docker: STACK=native make up"


def obstacle() -> str | None:
    """Why no stack can run in Docker here, in words for a sentence; None where one can."""
    if _asked("docker", "info") is None:
        return NO_ENGINE
    version = _asked("docker", "compose", "version", "--short")
    needed = f"{'.'.join(map(str, OLDEST))} or newer is needed"
    if version is None:
        return f"the Docker engine here has no compose ({needed})"
    numbers = re.match(r"v?(\d+)\.(\d+)", version)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < OLDEST:
        return f"the compose of Docker here is {version or 'nameless'} ({needed})"
    return None


def images() -> list[str]:
    """The images that ours are made from or that run as they are."""
    files = [ROOT / "docker-compose.yml", *ROOT.glob("services/*/Dockerfile")]
    named = re.findall(r"^(?:\s*image: |FROM )([\w./-]+:[\w.-]+)", "\n".join(file.read_text() for file in files), re.M)
    return sorted(set(named))


def get_images() -> None:
    """Pulls the images that are not here yet.

    :raises SystemExit: one cannot be had; the text is a sentence, and how to go on.
    """
    for image in images():
        if _asked("docker", "image", "inspect", image) is None:
            print(f"pulling {image}", flush=True)
            done = subprocess.run(["docker", "pull", image], stderr=subprocess.PIPE, text=True)
            if done.returncode:
                why = (done.stderr.strip().splitlines() or ["it does not say why"])[-1]
                sys.exit(f"the Docker engine here cannot pull {image} ({why}). {GO_ON}")


def check_port(state: State) -> None:
    """Asks before minutes of building whether the gateway's port is free, or the project's own gateway has it.

    :raises SystemExit: somebody else listens on it, or it is no port; the text is a sentence, and how to go on.
    """
    write_env(state.env_file)
    try:
        port = gateway_port({**read_env(state.env_file), **os.environ})
    except NotReady as refused:
        sys.exit(str(refused))
    if ports.is_free(port) or captured(state, "ps", "--status", "running", "--quiet", "gateway").stdout.strip():
        return
    sys.exit(f"port {port} is taken: set GATEWAY_PORT in {state.env_file} to a free one. {GO_ON}")


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
    with_tls = ("gateway/tls.yml",) if scheme(read_env(state.env_file)) == "https" else ()
    chosen = [word for name in ("docker-compose.yml", *with_tls) for word in ("--file", name)]
    named = ("--project-name", project(state), "--env-file", str(state.env_file))
    return ["docker", "compose", *named, *chosen, *arguments]


def is_there(state: State) -> bool:
    """Whether the project has containers, running or not; without an engine it has none."""
    label = f"label=com.docker.compose.project={project(state)}"
    return bool(_asked("docker", "ps", "--all", "--quiet", "--filter", label))


def up(state: State) -> int:
    """Builds the images, starts all containers and waits until they are healthy.

    :raises SystemExit: the gateway's port is taken, or an image cannot be pulled.
    """
    check_port(state)
    get_images()
    return compose(state, "up", "--build", "--detach", "--wait", "--wait-timeout", "600", "--remove-orphans")


def refusal(state: State) -> str:
    """What a migration said that refused its database, as a sentence; empty where none did."""
    names = [f"{service}-migrate" for service in PACKAGES]
    said = captured(state, "logs", "--no-color", "--no-log-prefix", *names).stdout
    found = re.search(r"^CommandError: (.* make fresh .*)$", said, re.M)
    return found[1] if found else ""


def down(state: State) -> int:
    """Ends all containers; their data stays."""
    return compose(state, "down", "--remove-orphans")


def volumes(state: State) -> list[str]:
    """The names of the project's volumes that are there."""
    label = f"label=com.docker.compose.project={project(state)}"
    return sorted((_asked("docker", "volume", "ls", "--quiet", "--filter", label) or "").split())


def wipe(state: State) -> int:
    """Ends all containers and deletes their data."""
    return compose(state, "down", "--volumes", "--remove-orphans")


def ps(state: State) -> int:
    return compose(state, "ps")


def logs(state: State, part: str = "") -> int:
    """Follows the logs of the containers whose name begins with `part`."""
    listed = captured(state, "config", "--services").stdout.split()
    return compose(state, "logs", "--follow", "--tail", "20", *(name for name in listed if part and part in name))


def _asked(*command: str) -> str | None:
    """What a command says; None where it fails, does not answer, or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, text=True)
    except (FileNotFoundError, PermissionError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
