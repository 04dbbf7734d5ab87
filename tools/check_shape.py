"""Holds the repository to its shape: `python -m tools.check_shape` prints each departure and fails on any."""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.check_clock import clocks
from tools.check_dependencies import dependencies
from tools.check_migrations import migrations
from tools.check_modules import modules
from tools.check_pages import decisions, links
from tools.make_env import setting_names
from tools.stack.layout import PACKAGES, ROOT

HEADINGS = ("Owns", "States", "Endpoints", "Says", "Listens to", "Settings", "When it goes wrong")
FILES = ("README.md", "Dockerfile", "compose.yml", "pyproject.toml", "requirements.lock", "manage.py")
PACKAGE_FILES = ("__init__.py", *(f"config/{name}.py" for name in ("settings", "urls", "celery", "wsgi")))
TESTS = ("rules", "operations", "api", "messages", "concurrency", "conftest.py", "factories.py")
# Named by a process for itself, or by the test runner: nobody sets them by hand.
NOT_SETTINGS = {"ALIVE_FILE", "COMPOSE_PROJECT_NAME"}
# Every container has its own address, so compose leaves it as it is.
NOT_PASSED_ON = {"WEB_BIND", "OPERATOR_PASSWORD"}


def files() -> Iterator[str]:
    """Each service has the same files."""
    for service, package in PACKAGES.items():
        folder = ROOT / "services" / service
        wanted = (*FILES, *(f"{package}/{name}" for name in PACKAGE_FILES), f"{package}/messages/incoming.py")
        for name in (*wanted, *(f"tests/{name}" for name in TESTS)):
            if not (folder / name).exists():
                yield f"services/{service} has no {name}"


def same_words() -> Iterator[str]:
    """Dockerfiles and compose files differ by names only, and by settings of their own."""
    for name in ("Dockerfile", "compose.yml"):
        texts = {service: _without_names(service, name) for service in PACKAGES}
        for service, text in texts.items():
            if text != texts["points"]:
                yield f"services/{service}/{name} departs from services/points/{name} in more than names"


def _without_names(service: str, name: str) -> str:
    text = (ROOT / "services" / service / name).read_text()
    kept = [line for line in text.splitlines() if not re.match(r"  [A-Z_]+: \$", line)]
    plain = "\n".join(kept).replace("warehouse-db", "db").replace(PACKAGES[service] + ".config", "PACKAGE.config")
    return re.sub(rf"\b{service}\b", "SERVICE", plain).replace(service.upper() + "_", "SERVICE_")


def headings() -> Iterator[str]:
    """Each service's README answers the same questions, in the same order."""
    for service in PACKAGES:
        readme = ROOT / "services" / service / "README.md"
        found = tuple(re.findall(r"^## (.+)$", readme.read_text() if readme.exists() else "", re.M))
        if tuple(heading for heading in found if heading in HEADINGS) != HEADINGS:
            yield f"services/{service}/README.md: its headings are not {' · '.join(HEADINGS)}"


def contracts() -> Iterator[str]:
    """Every message has a stored example and somebody who listens; services named in routes exist."""
    from shared.contracts import routes
    from shared.contracts.base import REGISTRY

    examples = Path(routes.__file__).parent / "examples"
    for (name, version), contract in REGISTRY.items():
        example = examples / f"{name}.v{version}.json"
        if not example.exists():
            yield f"the message {name} has no example {example.name}"
        elif not json.loads(example.read_text()):
            yield f"{example.name} is empty"
        if not set(routes.ROUTES.get(contract, ())) & set(PACKAGES):
            yield f"the message {name} goes to nobody: see routes.py"
    for example in examples.glob("*.json"):
        if tuple(example.stem.rsplit(".v", 1)) not in {(name, str(version)) for name, version in REGISTRY}:
            yield f"{example.name} is the example of no message"


def locks() -> Iterator[str]:
    """Locks have no addresses, and agree with tools/dev.lock on every version."""
    agreed = _pins(ROOT / "tools/dev.lock")
    for lock in [*ROOT.glob("tools/*.lock"), *ROOT.glob("services/*/requirements.lock")]:
        text = lock.read_text()
        if re.search(r"\w+://|--(extra-)?index|--find-links", text):
            yield f"{lock.relative_to(ROOT)} has an address in it"
        for name, pins in _pins(lock).items():
            if agreed.get(name, pins) != pins:
                yield f"{lock.relative_to(ROOT)} pins {name} otherwise than tools/dev.lock: run python -m tools.lock"


def _pins(lock: Path) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[\w+\])?==([^\s;]+)", lock.read_text(), re.M):
        pins.setdefault(name, set()).add(version)
    return pins


def settings() -> Iterator[str]:
    """.env.example has each setting that is read, once, and no other; compose hands each to its service."""
    lines = setting_names(ROOT / ".env.example")
    yield from (f".env.example has {name} twice" for name in {name for name in lines if lines.count(name) > 1})
    paths = [ROOT / "docker-compose.yml", *ROOT.glob("gateway/*.yml"), *ROOT.glob("services/*/compose.yml")]
    composed = {path: path.read_text() for path in paths}
    filled_in = {name for text in composed.values() for name in re.findall(r"\$\{([A-Z_]+)", text)}
    read = {service: asked_names(service) for service in PACKAGES}
    known = (filled_in | set().union(*read.values()) | {"OPERATOR_EMAIL"}) - NOT_SETTINGS
    yield from (f".env.example has no {name}" for name in sorted(known - set(lines)))
    yield from (f".env.example has {name}, which nothing reads" for name in sorted(set(lines) - known))
    for service, names in read.items():
        passed = set(re.findall(r"^ +([A-Z_]+):", composed[ROOT / "services" / service / "compose.yml"], re.M))
        yield from (
            f"services/{service}/compose.yml does not pass {name} on" for name in sorted(names - passed - NOT_PASSED_ON)
        )


def asked_names(service: str) -> set[str]:
    """The variables that a service's code and shared ask the helpers of shared.env for, but for what tests ask."""
    shared = ROOT / "shared/shared"
    sources = [
        *(ROOT / "services" / service / PACKAGES[service]).rglob("*.py"),
        *(source for source in shared.rglob("*.py") if shared / "testing" not in source.parents),
    ]
    return {
        name
        for source in sources
        for call in ast.walk(ast.parse(source.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "").startswith("env_") and call.args
        for name in [_literal(call.args[0], service.upper())]
        if name
    }


def _literal(argument: ast.expr, prefix: str) -> str | None:
    """The text of an argument; {prefix} in an f-string is the service's name, NAME of a helper itself is nothing."""
    if isinstance(argument, ast.Constant):
        return str(argument.value)
    if isinstance(argument, ast.JoinedStr):
        parts = (str(part.value) if isinstance(part, ast.Constant) else prefix for part in argument.values)
        return "".join(parts)
    return None


def commands() -> Iterator[str]:
    """Pages name management commands by what a person types, natively and in Docker: `make manage`."""
    patterns = ("*.md", "*/README.md", "services/*/README.md", "docs/*.md", "docs/points/*.md")
    for page in sorted({page for pattern in patterns for page in ROOT.glob(pattern)} - {ROOT / "CHANGELOG.md"}):
        for found in re.findall(r"manage\.py \w+", page.read_text()):
            yield f'{page.relative_to(ROOT)} says {found}: make manage s=… c="…" runs it'


# What a test may not ask for, because the answer is of the machine and its moment, and what it asks for instead.
_MOODS = {
    r"\bEXPLAIN\b|\.explain\(": "the planner's choice: count rows with shared.testing.reads",
    r"\btime\.sleep\(|\bfrom time import .*\bsleep\b": "time to pass: wait with shared.testing.waiting.until, a journey"
    " with eventually",
    r"\bassert\b.*\b(monotonic|perf_counter|time\.time)\(\) *-": "how quick the machine is: count work",
    r"\bpg_stat_xact": "the server's counters by hand: use shared.testing.reads",
}
# Waits for what a running stack does, through its gateway only.
_WAITS = "tests-e2e/eventually.py"


def moods() -> Iterator[str]:
    """No test depends on the planner, on timing or on load."""
    tests = [path for folder in ("services/*/tests", "*/tests", "tests-e2e") for path in ROOT.glob(f"{folder}/**/*.py")]
    for path in sorted(set(tests)):
        name = str(path.relative_to(ROOT))
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            for pattern, asks in _MOODS.items():
                if name != _WAITS and re.search(pattern, line):
                    yield f"{name}:{number} asks for {asks}"


def main() -> None:
    shape = (files, same_words, headings, contracts, locks, settings, dependencies, migrations, modules)
    checks = (*shape, clocks, commands, moods, links, decisions)
    departures = [departure for check in checks for departure in check()]
    sys.exit("\n".join(departures) if departures else 0)


if __name__ == "__main__":
    main()
