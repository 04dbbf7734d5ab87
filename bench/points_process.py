"""Measurements inside the points service's database, by a process with that service's settings."""

import json
import os
import subprocess
from typing import Any

from tools.stack.layout import ROOT, VENV_BIN
from tools.target import Native


def in_points(target: Native, *arguments: str) -> dict[str, Any]:
    """Run bench/inside as the owner of the points database, who may make tables."""
    service = target.service("points")
    command = [str(VENV_BIN / "python"), "-m", "bench.inside", *arguments]
    env = {"PATH": os.environ["PATH"], **service.owner_env()}
    env["PYTHONPATH"] += f"{os.pathsep}{ROOT}"
    done = subprocess.run(command, cwd=service.folder, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
