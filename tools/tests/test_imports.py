"""The contract of the rules' imports names everything that is not pure."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tools import check_dependencies
from tools.stack.layout import PACKAGES, ROOT

# What rules may import of shared: values and errors. `clock` and `ids` are there for the forms that instants and ids
# have; that no rule asks for the time or makes an id where it matters is a matter of reading.
PURE = {"callers", "clock", "contracts", "errors", "ids", "instants", "lifetimes", "money", "texts", "zones"}
# Packages whose values rules may hold.
PURE_PACKAGES = {"msgspec", "unicodedata2"}


@pytest.fixture
def contract() -> dict[str, Any]:
    """The contract of the rules."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named: dict[str, dict[str, Any]] = {one["name"]: one for one in contracts}
    return named["rules import no framework and nothing that reads or writes"]


@pytest.fixture
def forbidden(contract: dict[str, Any]) -> set[str]:
    """What rules may not import."""
    return set(contract["forbidden_modules"])


def test_every_part_of_shared_is_pure_or_forbidden_to_rules(forbidden: set[str]) -> None:
    parts = {
        path.stem
        for path in (ROOT / "shared/shared").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    named = {module.removeprefix("shared.") for module in forbidden if module.startswith("shared.")}
    assert named == parts - PURE - {"__init__"}


def test_the_pure_parts_of_shared_keep_the_contract_too(contract: dict[str, Any]) -> None:
    assert {f"shared.{part}" for part in PURE} <= set(contract["source_modules"])


def test_every_package_that_we_import_is_pure_or_forbidden_to_rules(forbidden: set[str]) -> None:
    folders = [ROOT / "shared/shared", *(ROOT / "services" / service / name for service, name in PACKAGES.items())]
    imported = {module for folder in folders for module, _ in check_dependencies.modules(folder)}
    assert imported - PURE_PACKAGES <= forbidden


def test_what_is_imported_and_not_declared_is_found(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "one.py").write_text(
        "import json\nimport jwt.algorithms\nfrom django.db import models\nfrom . import two\n"
    )
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\ndependencies = ["Django~=5.2", "celery[redis]==5.7.0", "flower"]\n')
    assert list(check_dependencies.departures("ours", project, code)) == [
        "ours imports jwt (one.py) and does not declare pyjwt",
        "ours declares celery and never imports it",
    ]


def test_an_exception_that_is_none_any_more_is_found() -> None:
    declared = "\n".join(
        path.read_text() for path in [*ROOT.glob("services/*/pyproject.toml"), ROOT / "shared/pyproject.toml"]
    )
    assert [name for name in check_dependencies.NOT_IMPORTED if f'"{name}"' not in declared] == []
