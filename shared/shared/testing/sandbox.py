"""What a service has where nobody has set SANDBOX: asked of a process that starts so."""

import json
import os
import subprocess
import sys
from pathlib import Path

# Names of what only a test installation may have, in paths or in names of views.
ONLY_IN_SANDBOX = ("sandbox", "bench", "noop", "simulator", "simulated", "test_card")
_LIST = """
import django, json
from django.conf import settings
from django.urls import get_resolver
django.setup()

def paths(patterns, before=""):
    for one in patterns:
        path = before + str(one.pattern)
        yield from paths(one.url_patterns, path) if hasattr(one, "url_patterns") else [path]

print(json.dumps([settings.SANDBOX, sorted(paths(get_resolver().url_patterns))]))
"""


def started_with(sandbox: str | None) -> tuple[bool, list[str]]:
    """Return whether this service is a sandbox, and its paths, when it starts with this setting or without it."""
    env = {name: value for name, value in os.environ.items() if name != "SANDBOX"}
    asked = subprocess.run(
        [sys.executable, "-c", _LIST],
        env=env if sandbox is None else {**env, "SANDBOX": sandbox},
        cwd=Path.cwd(),
        capture_output=True,
        text=True,
        check=True,
    )
    is_sandbox, paths = json.loads(asked.stdout.splitlines()[-1])
    return is_sandbox, paths


def sandbox_paths(paths: list[str]) -> list[str]:
    """Return those of these paths that only a test installation may have."""
    return [path for path in paths if any(word in path for word in ONLY_IN_SANDBOX)]
