"""Each project declares what it imports, and nothing else: a service, and `shared`."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tools.stack.layout import PACKAGES, ROOT

# Declared and not imported by the project's own code, with the reason.
NOT_IMPORTED = {
    "argon2-cffi": "Django's Argon2 hasher imports it",
    "flower": "Celery finds it, as a command of its own",
    "fontpkg-noto-sans": "a font, read as a file",
    "gunicorn": "the program of the web process",
    "tzdata": "zoneinfo reads its files",
    "whitenoise": "the settings name its middleware",
}
OURS = {"shared", "tools", *PACKAGES.values()}
# Used by tests only, where tools' development group is installed.
FOR_TESTS = {
    ROOT / "shared/shared/testing": {"hypothesis", "jsonschema", "pytest", "pytest_django", "swagger_spec_validator"}
}


def dependencies() -> Iterator[str]:
    """Every import is declared where it stands; what is declared is imported, or has a reason."""
    for service, package in PACKAGES.items():
        folder = ROOT / "services" / service
        yield from departures(f"services/{service}", folder / "pyproject.toml", folder / package)
    yield from departures("shared", ROOT / "shared/pyproject.toml", ROOT / "shared/shared")


def departures(name: str, project: Path, code: Path) -> Iterator[str]:
    """What one project declares and does not import, and the other way round."""
    listed = tomllib.loads(project.read_text())["project"]["dependencies"]
    declared = {_plain(re.split(r"[\[<>=~!; ]", one, maxsplit=1)[0]) for one in listed}
    imported: set[str] = set()
    providers = packages_distributions()
    for module, file in sorted(modules(code)):
        found = {_plain(one) for one in providers.get(module, [module])}
        imported |= found
        if not found & declared:
            where, wanted = file.relative_to(code), " or ".join(sorted(found))
            yield f"{name} imports {module} ({where}) and does not declare {wanted}"
    for one in sorted(declared - imported - NOT_IMPORTED.keys()):
        yield f"{name} declares {one} and never imports it"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def modules(code: Path) -> Iterator[tuple[str, Path]]:
    """The others' modules that the code imports, by their first name, each with one file that does."""
    found: dict[str, Path] = {}
    for file in sorted(code.rglob("*.py")):
        passed_over = {module for folder, modules in FOR_TESTS.items() if folder in file.parents for module in modules}
        for name in _imports(file):
            if name not in OURS | sys.stdlib_module_names | passed_over:
                found.setdefault(name, file)
    yield from found.items()


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0]
