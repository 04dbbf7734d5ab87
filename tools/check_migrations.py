"""Migrations hold operations, and the files in the folder of each hold its SQL: all of them are loaded, once."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tools.stack.layout import ROOT

FOLDERS = ("services/*/*/*/migrations", "shared/shared/*/migrations")


def migrations() -> Iterator[str]:
    """Each `.sql` file is loaded, once; each that is named is there; no migration has SQL of its own."""
    for folder in sorted({folder for pattern in FOLDERS for folder in ROOT.glob(pattern)}):
        files = {migration: _files(migration) for migration in sorted(folder.glob("[0-9]*.py"))}
        yield from (problem for migration, names in files.items() for problem in _problems(migration, names))
        orphans = {path.parent for path in folder.glob("*/*.sql")} - {path.with_suffix("") for path in files}
        yield from (f"{path.relative_to(ROOT)} belongs to no migration" for path in sorted(orphans))


def _problems(migration: Path, names: list[str]) -> Iterator[str]:
    there = {path.stem for path in migration.with_suffix("").glob("*.sql")}
    where = str(migration.relative_to(ROOT))
    yield from (f"{where} does not load {name}.sql of its folder" for name in sorted(there - set(names)))
    yield from (f"{where} loads {name}.sql, which is not in its folder" for name in sorted(set(names) - there))
    yield from (f"{where} loads {name}.sql twice" for name in sorted({name for name in names if names.count(name) > 1}))
    if "RunSQL" in migration.read_text():
        yield f"{where} has SQL of its own: it belongs into {where.removesuffix('.py')}/, loaded by RunFiles"


def _files(migration: Path) -> list[str]:
    """The names that a migration gives `RunFiles`, without its first argument."""
    calls = (node for node in ast.walk(ast.parse(migration.read_text())) if isinstance(node, ast.Call))
    loads = (call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) == "RunFiles")
    return [str(name.value) for call in loads for name in call.args[1:] if isinstance(name, ast.Constant)]
