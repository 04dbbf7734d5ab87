"""What the services publish, read from their code without a server: each GET of the schemas, each periodic job."""

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

from tools.make_env import EXAMPLE, parse_env, rendered
from tools.stack.layout import PACKAGES, ROOT, VENV_BIN

_ASK = """
import json, django
django.setup()
from importlib import import_module
from django.conf import settings
from shared.http.swagger import schema_json
schema = json.loads(schema_json())
gets = {}
for path, item in schema["paths"].items():
    if "get" in item:
        asked = [*item.get("parameters", []), *item["get"].get("parameters", [])]
        gets[path] = [one["name"] for one in asked if one["in"] == "query"]
jobs = import_module(f"{settings.PACKAGE}.config.celery").app.conf.beat_schedule
print(json.dumps([gets, sorted(jobs)]))
"""


@dataclass(frozen=True)
class Published:
    """A service's GETs, path → names of query parameters, and the names of its periodic jobs."""

    gets: dict[str, list[str]]
    jobs: list[str]


def published(service: str) -> Published:
    """Ask a service's code.

    :raises subprocess.CalledProcessError: it could not be loaded.
    """
    module = f"{PACKAGES[service]}.config.settings"
    settings = {**parse_env(rendered(EXAMPLE.read_text())), "DJANGO_SETTINGS_MODULE": module}
    done = subprocess.run(
        [str(VENV_BIN / "python"), "-W", "ignore", "-c", _ASK],
        cwd=ROOT / "services" / service,
        env={**os.environ, **settings},
        check=True,
        capture_output=True,
        text=True,
    )
    found: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return Published(*found)
