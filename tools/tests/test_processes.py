"""What the processes of each service load: no more than they need, and what they send by name is there."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tools.make_env import EXAMPLE, parse_env, rendered
from tools.stack.layout import PACKAGES, ROOT

LOADS = """
import gc, json, sys
from importlib import import_module
from types import SimpleNamespace

package, found = sys.argv[1], {}

def loaded():
    names = {"models": "shared.messaging.models", "views": f"{package}.config.urls", "Swagger": "drf_yasg.views"}
    return sorted(name for name, module in names.items() if module in sys.modules)

from shared.bare import app as bare
bare.loader.import_default_modules()
bare.finalize()
found["bare"] = loaded()
found["bare tasks"] = sorted(name for name in bare.tasks if not name.startswith("celery."))
found["queue"], found["prefix"] = bare.conf.task_default_queue, bare.conf.broker_transport_options["global_keyprefix"]
app = import_module(f"{package}.config.celery").app
app.loader.import_default_modules()
found["worker"] = loaded()
found["unknown"] = sorted({entry["task"] for entry in bare.conf.beat_schedule.values()} - set(app.tasks))
found["same schedule"] = bare.conf.beat_schedule == app.conf.beat_schedule
from celery import signals
signals.celeryd_after_setup.send(sender="x@y", instance=SimpleNamespace(app=app, hostname="x@y"), conf=app.conf)
found["shared with children"] = gc.get_freeze_count() > 10_000
from shared.messaging.management.commands.relay import Command
Command.handle = lambda *_, **__: None
Command().run_from_argv(["manage.py", "relay"])
found["relay"] = loaded()
print(json.dumps(found))
"""


@pytest.mark.parametrize(("service", "package"), PACKAGES.items())
def test_each_process_loads_what_it_needs_and_no_more(service: str, package: str) -> None:
    folder = ROOT / "services" / service
    settings = {"DJANGO_SETTINGS_MODULE": f"{package}.config.settings", "PYTHONPATH": str(folder)}
    env = {**os.environ, **parse_env(rendered(EXAMPLE.read_text())), **settings}
    command = [sys.executable, "-c", LOADS, package]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    expected: dict[str, Any] = {
        "bare": [],
        "bare tasks": [],
        "queue": f"{service}.jobs",
        "prefix": f"{service}:",
        "worker": ["models"],
        "unknown": [],
        "same schedule": True,
        "shared with children": True,
        "relay": ["models"],
    }
    assert json.loads(done.stdout) == expected
