"""What CONTRIBUTING.md names and imports is there, its worked example's new files excepted."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.stack.layout import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text()
PATHS = re.findall(r"`((?:services|shared|tools|bench|docs|gateway|tests-e2e)/[\w./-]+\.\w+)`( \(new\))?", PAGE)
BLOCKS = [block for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S) if "import " in block]
# Where the packages are that the worked example imports from.
ROOTS = {"points": ROOT / "services/points", "tests": ROOT / "services/points", "shared": ROOT / "shared"}


@pytest.mark.parametrize(("name", "new"), PATHS)
def test_a_file_that_it_names_is_there(name: str, new: str) -> None:
    path = ROOT / name
    assert path.parent.is_dir() if new else path.exists()
    assert not (new and path.exists()), "the example is part of the product now"


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.strip().splitlines()[0])
def test_what_its_example_imports_is_there(block: str) -> None:
    lacking = [f"{module}.{name}" for module, name in _imports(block) if not _is_there(module, name)]
    assert lacking == []


def _imports(block: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ROOTS:
            yield from ((node.module, alias.name) for alias in node.names)


def _is_there(module: str, name: str) -> bool:
    """Whether a module has a name, or the example itself defines it."""
    folder = ROOTS[module.split(".")[0]] / module.replace(".", "/")
    for path in (folder.with_suffix(".py"), folder / "__init__.py", folder / f"{name}.py"):
        if path.exists() and (path.stem == name or name in _names(path)):
            return True
    return re.search(rf"^(?:def|class) {name}\b", PAGE, re.M) is not None


def _names(path: Path) -> set[str]:
    found = set[str]()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found
