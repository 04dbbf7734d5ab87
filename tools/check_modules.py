"""Modules have one shape: the same folder for HTTP, folders where one file was too long, and no long files."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tools.stack.layout import PACKAGES, ROOT

# How many lines a file may have whose name begins so; the first that fits counts.
LONGEST = {"services/points/points/ledger/": 200, "": 290}
# Where a service declares what is said over HTTP.
DECLARED = ("bodies", "answers", "fields")
_SHAPES = {"Body", "PageQuery", "Serializer"}


def modules() -> Iterator[str]:
    """Each module of each package has the shape of all."""
    files = list(_files())
    yield from lengths(files)
    yield from suffixes(files)
    yield from api(files)


def _files() -> Iterator[Path]:
    folders = [ROOT / "services" / service / package for service, package in PACKAGES.items()]
    for folder in (*folders, ROOT / "shared/shared"):
        yield from (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


def lengths(files: Sequence[Path]) -> Iterator[str]:
    """No file is longer than one can read at once."""
    for path in files:
        name, lines = _name(path), len(path.read_text().splitlines())
        most = next(most for prefix, most in LONGEST.items() if name.startswith(prefix))
        if lines > most:
            yield f"{name} has {lines} lines, more than {most}: make it a folder, or halves along a meaning"


def suffixes(files: Sequence[Path]) -> Iterator[str]:
    """What is a part of a module stands in its folder, and is no file beside it with its name in front or behind."""
    there = {path.parent / path.stem for path in files} | {path.parent for path in files}
    for path in files:
        words = path.stem.split("_")
        parts = {"_".join(half) for place in range(1, len(words)) for half in (words[:place], words[place:])}
        if beside := sorted(part for part in parts if part and path.parent / part in there):
            yield f"{_name(path)} stands beside {beside[0]}: make that a folder, and this a file of it"


def api(files: Sequence[Path]) -> Iterator[str]:
    """HTTP is a folder: `bodies` and `answers` declare, each name once; views stand in the file of their resource."""
    yield from (f"{_name(path)} is to be a folder: api/" for path in files if path.stem == "api")
    packages = {path.parent for path in files if path.stem == "__init__"}
    folders = {path.parent for path in files if path.parent.name == "api"} - packages
    yield from (f"{_name(folder)} has no __init__.py" for folder in sorted(folders))
    classes = {path: _classes(path) for path in files if "http" not in path.parts and "testing" not in path.parts}
    shapes = _shapes([one for found in classes.values() for one in found])
    declared: dict[tuple[str, str], Path] = {}
    for path, found in classes.items():
        for one in found:
            if _has_operation(one):
                yield from _wrong_view(path, one)
            elif one.name in shapes and "api" in path.parts:
                yield from _wrong_shape(path, one, declared)


def _wrong_view(path: Path, view: ast.ClassDef) -> Iterator[str]:
    if "api" not in path.parts or _is_declaring(path):
        yield f"{_name(path)}: the view {view.name} belongs into the file of its resource in api/"
    if view.name.endswith("View"):
        yield f"{_name(path)}: {view.name} is to be named after its resource"


def _wrong_shape(path: Path, shape: ast.ClassDef, declared: dict[tuple[str, str], Path]) -> Iterator[str]:
    if not _is_declaring(path):
        yield f"{_name(path)}: {shape.name} belongs into api/bodies or api/answers"
    package = path.relative_to(ROOT).parts[1]
    if (first := declared.setdefault((package, shape.name), path)) != path:
        yield f"{_name(path)} declares {shape.name}, as {_name(first)} does"


def _is_declaring(path: Path) -> bool:
    return any(part in DECLARED for part in (*path.parent.parts, path.stem))


def _classes(path: Path) -> list[ast.ClassDef]:
    return [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]


def _shapes(classes: Iterable[ast.ClassDef]) -> set[str]:
    """The names of the classes that stem from a serializer, by however many others."""
    left, found = list(classes), set(_SHAPES)
    while more := {one.name for one in left if one.name not in found and found & set(_bases(one))}:
        found |= more
    return found


def _bases(one: ast.ClassDef) -> Iterator[str]:
    for base in one.bases:
        plain = base.value if isinstance(base, ast.Subscript) else base
        yield getattr(plain, "attr", getattr(plain, "id", ""))


def _has_operation(one: ast.ClassDef) -> bool:
    marks = (mark for method in one.body if isinstance(method, ast.FunctionDef) for mark in method.decorator_list)
    return any(isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "operation" for mark in marks)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))
