"""What the services publish, read from their code without a server: each operation, and the scopes that open it."""

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

from tools.make_env import EXAMPLE, parse_env, rendered
from tools.stack.layout import PACKAGES, ROOT, VENV_BIN

_OPERATIONS = """
import json, django
django.setup()
from shared.http.swagger import schema_json
from shared.testing.operations import targets
paths = json.loads(schema_json())["paths"]
scopes = {(one.published_path, one.method): one.view for one in targets()}
found = []
for path, item in paths.items():
    for method in {"get", "post", "put", "patch", "delete"} & item.keys():
        view = scopes[path, method.upper()]
        needed = sorted(getattr(view, "scopes", {}).get(method.upper(), ()))
        found.append([item[method]["operationId"], method.upper(), path, view.public, needed])
print(json.dumps(sorted(found, key=lambda one: (one[2], one[1]))))
"""
_ROLES = """
import json
from identity.users.rules import ROLE_SCOPES
print(json.dumps({role: sorted(scopes) for role, scopes in ROLE_SCOPES.items()}))
"""


@dataclass(frozen=True)
class Operation:
    """One operation of the schemas; `scopes` are those of which a token needs one, none where any token does."""

    name: str
    method: str
    path: str
    is_public: bool
    scopes: tuple[str, ...]


def operations(service: str) -> list[Operation]:
    """Ask a service's code.

    :raises subprocess.CalledProcessError: it could not be loaded.
    """
    found = _ask(service, _OPERATIONS)
    return [Operation(name, method, path, is_open, tuple(needed)) for name, method, path, is_open, needed in found]


def role_scopes() -> dict[str, list[str]]:
    """Ask auth's code what each role may do.

    :raises subprocess.CalledProcessError: it could not be loaded.
    """
    found: dict[str, list[str]] = _ask("auth", _ROLES)
    return found


def _ask(service: str, code: str) -> Any:
    module = f"{PACKAGES[service]}.config.settings"
    settings = {**parse_env(rendered(EXAMPLE.read_text())), "DJANGO_SETTINGS_MODULE": module}
    done = subprocess.run(
        [str(VENV_BIN / "python"), "-W", "ignore", "-c", code],
        cwd=ROOT / "services" / service,
        env={**os.environ, **settings},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])
