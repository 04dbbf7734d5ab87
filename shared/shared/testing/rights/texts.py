"""All SQL of a package: of its constants, prepared statements and .sql files, and what its functions put together.

Modules that only migrations use, and tests, are no part of it: the owner runs what is in them.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from shared.db import Prepared
from shared.testing.rights.statements import mentions

# Not asked for by the role that serves: the owner runs what migrations load (shared.postgres.schema).
_LEFT_OUT = {"migrations", "testing", "tests"}
_SCOPES = (ast.FunctionDef, ast.ClassDef)
_PARAMETER = re.compile(r"%\(\w+\)s|%s|\$\d+")


@dataclass(frozen=True)
class Text:
    """A text, and where it stands."""

    where: str
    sql: str


def modules(package: str) -> Iterator[tuple[ModuleType, ast.Module]]:
    """Yield all modules of a package, with their source, but for those of migrations and tests."""
    root = Path(str(import_module(package).__file__)).parent
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if not _LEFT_OUT & set(parts) and parts[-1] != "__main__":
            names = parts[:-1] if parts[-1] == "__init__" else parts
            yield import_module(".".join((package, *names))), ast.parse(path.read_text())


def texts(package: str, *, of_migrations: Set[str] = frozenset()) -> list[Text]:
    """Return each text of a package that may be SQL; what `of_migrations` names (`module.name`) only migrations use.

    :raises AssertionError: a text that locks or writes stands where it cannot be read whole.
    """
    found = [text for module, tree in modules(package) for text in _of_module(module, tree, of_migrations)]
    found += _of_files(Path(str(import_module(package).__file__)).parent)
    _hold_together(package, found, of_migrations)
    return found


def _of_files(root: Path) -> Iterator[Text]:
    for path in sorted(root.rglob("*.sql")):
        if not _LEFT_OUT & set(path.relative_to(root).parts):
            yield Text(path.name, path.read_text())


def _of_module(module: ModuleType, tree: ast.Module, left_out: Set[str]) -> Iterator[Text]:
    for name, value in vars(module).items():
        if (where := f"{module.__name__}.{name}") not in left_out:
            yield from (Text(where, sql) for sql in _within(value))
    for scope in tree.body:
        if isinstance(scope, _SCOPES) and f"{module.__name__}.{scope.name}" not in left_out:
            yield from _of_scope(module, scope)


def _of_scope(module: ModuleType, scope: ast.stmt) -> Iterator[Text]:
    """Yield the texts of a function or class but for docstrings."""
    nodes = list(_walk(scope))
    local = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    local |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            yield Text(f"{module.__name__}:{node.lineno}", _written(node, vars(module), local))


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, ast.JoinedStr):
        for child in ast.iter_child_nodes(node):
            if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
                yield from _walk(child)
        return
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            yield from _walk(part.value)


def _within(value: Any) -> Iterator[str]:
    """Yield the texts in the value of a constant."""
    if isinstance(value, Prepared):
        yield value.as_sql()[0]
    elif type(value) is str:
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _within(one)
    elif type(value) in (tuple, list, set, frozenset):
        for one in value:
            yield from _within(one)


def _written(node: ast.AST, constants: dict[str, Any], local: set[str]) -> str:
    """Return a text as it will be, with `{}` for what depends on more than constants of its module."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            names = {one.id for one in ast.walk(part.value) if isinstance(one, ast.Name)}
            is_constant = bool(names) and not names & local and names <= constants.keys() | vars(builtins).keys()
            parts.append(str(_value(part, constants)) if is_constant else "{}")
    return "".join(parts)


def _value(part: ast.FormattedValue, constants: dict[str, Any]) -> Any:
    expression = ast.fix_missing_locations(ast.Expression(ast.JoinedStr([part])))
    return eval(compile(expression, "<text>", "eval"), constants)  # noqa: S307 - the project's own code


def _hold_together(package: str, found: list[Text], left_out: Set[str]) -> None:
    """Check that each piece of text that locks or writes is in one of those found: none is made out of sight."""
    whole = "\n".join(_plain(text.sql) for text in found)
    missing = []
    for module, tree in modules(package):
        for statement in tree.body:
            if not {f"{module.__name__}.{name}" for name in _names(statement)} & left_out:
                pieces = (node for node in _pieces(statement) if mentions(str(node.value)))
                lost = [node for node in pieces if _plain(str(node.value)) not in whole]
                missing += [f"{module.__name__}:{node.lineno} {node.value!r}" for node in lost]
    assert not missing, f"texts that cannot be read whole: {missing}"


def _names(statement: ast.stmt) -> set[str]:
    """Return what a statement of a module defines."""
    if isinstance(statement, _SCOPES):
        return {statement.name}
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _pieces(statement: ast.AST) -> Iterator[ast.Constant]:
    docstrings = {id(node.value) for node in ast.walk(statement) if isinstance(node, ast.Expr)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def _plain(sql: str) -> str:
    return _PARAMETER.sub("$", sql)
