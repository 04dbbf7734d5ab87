"""Everything that is checked without running the product: `python -m tools.lint`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.check_published import NOT_RUN
from tools.make_env import EXAMPLE, parse_env, rendered
from tools.stack.layout import PACKAGES, ROOT, VENV_BIN

PYTHON = str(VENV_BIN / "python")
_OUTCOMES = {0: "ok    ", NOT_RUN: "not run"}
FOLDERS = [str(ROOT / "services" / service) for service in PACKAGES]


@dataclass(frozen=True)
class Check:
    """A command that fails when something is wrong."""

    name: str
    command: tuple[str, ...]
    folder: Path = ROOT
    env: dict[str, str] = field(default_factory=dict)


def checks() -> Iterator[Check]:
    """All checks, the quick ones first. Settings are those of .env.example; no server is needed."""
    settings = parse_env(rendered(EXAMPLE.read_text()))
    yield Check("ruff", (PYTHON, "-m", "ruff", "check", "--quiet"))
    yield Check("format", (PYTHON, "-m", "ruff", "format", "--check", "--quiet"))
    yield Check("shape", (PYTHON, "-m", "tools.check_shape"))
    yield Check("generated pages", (PYTHON, "-m", "tools.docs", "--check"))
    yield Check("published names", (PYTHON, "-m", "tools.check_published"))
    imports = (str(VENV_BIN / "lint-imports"), "--cache-dir", ".mypy_cache/imports")
    yield Check("imports", imports, env={"PYTHONPATH": os.pathsep.join([*FOLDERS, str(ROOT / "shared")])})
    strict = (
        "--config-file=",
        "--strict",
        "--python-version=3.11",
        "--cache-dir=.mypy_cache/tools",
        "--disable-error-code=import-untyped",
    )
    yield Check("types of tools", (PYTHON, "-m", "mypy", *strict, "tools"))
    yield _types("shared", ROOT / "shared", "shared", "tests.project.settings", settings)
    for service, package in PACKAGES.items():
        folder = ROOT / "services" / service
        yield _types(service, folder, package, f"{package}.config.settings", settings)
        yield Check(
            f"Django's checks of {service}", (PYTHON, "manage.py", "check", "--fail-level", "WARNING"), folder, settings
        )
        missing = (PYTHON, "manage.py", "makemigrations", "--check", "--dry-run", "--skip-checks")
        yield Check(f"migrations of {service}", missing, folder, settings)


def _types(name: str, folder: Path, package: str, module: str, settings: dict[str, str]) -> Check:
    files = ("--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache" / name))
    env = {**settings, "DJANGO_SETTINGS_MODULE": module, "MYPYPATH": str(folder)}
    return Check(f"types of {name}", (PYTHON, "-m", "mypy", *files, package), folder, env)


def passes(check: Check) -> bool:
    """Runs a check; prints its output where it fails, or where it had nothing to check."""
    done = subprocess.run(
        check.command,
        cwd=check.folder,
        env={**os.environ, **check.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(f"{_OUTCOMES.get(done.returncode, 'FAILED')} {check.name}", flush=True)
    if done.returncode:
        print(done.stdout)
    return done.returncode in _OUTCOMES


def main() -> None:
    failed = [check.name for check in checks() if not passes(check)]
    sys.exit(f"lint failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
