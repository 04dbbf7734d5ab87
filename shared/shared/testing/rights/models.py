"""What the ORM's writes and locks need: each call of a model's manager, query set or row, with the table it is about.

Whose rows a name has is derived from annotations and from what it was assigned. A call that may write to rows of nobody
knows what is an error, never nothing.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from django.db.models import CASCADE, SET_DEFAULT, SET_NULL, Model

from shared.testing.rights.kinds import (
    Kind,
    Other,
    Rows,
    of_annotation,
    of_member,
    of_type,
    of_value,
    part_of,
    related,
    returned,
)
from shared.testing.rights.statements import Need, Unread
from shared.testing.rights.texts import modules

_WRITES = {
    "save", "delete", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update",
    "select_for_update",
}  # fmt: skip
_ONE = {"get", "first", "last", "create", "earliest", "latest", "aget"}
_ONE_AND_WHETHER_NEW = {"get_or_create", "update_or_create"}
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef)


def needs_of_models(package: str) -> Iterator[tuple[str, Need | Unread]]:
    """Yield what each call that writes or locks needs, and where it stands; Unread where nobody knows whose rows it is
    about."""
    for module, tree in modules(package):
        for scope in _functions(tree):
            reader = _Reader(module, scope)
            for call in (node for node in ast.walk(scope.node) if isinstance(node, ast.Call)):
                try:
                    yield from ((f"{module.__name__}:{call.lineno}", need) for need in reader.needs(call))
                except Unread as problem:
                    yield f"{module.__name__}:{call.lineno}", problem


@dataclass(frozen=True)
class _Scope:
    node: ast.AST
    within: ast.ClassDef | None


def _functions(tree: ast.Module) -> Iterator[_Scope]:
    """Yield the functions of a module and of its classes; what stands in a function is part of it."""
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            yield from (_Scope(part, statement) for part in statement.body)
        else:
            yield _Scope(statement, None)


class _Reader:
    """Reads one function."""

    def __init__(self, module: ModuleType, scope: _Scope) -> None:
        self._module = module
        self._scope = scope
        self._names: dict[str, list[Any]] = {}
        for node in ast.walk(scope.node):
            self._note(node)

    def needs(self, call: ast.Call) -> Iterator[Need]:
        """Yield what a call needs, where it is one of the ORM's."""
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in _WRITES:
            return
        method = call.func.attr
        of = self._kind(call.func.value)
        if isinstance(of, Other) or (of is None and _is_of_others(method, call)):
            return
        if not isinstance(of, Rows):
            raise Unread(f"whose rows are {ast.unparse(call.func.value)}?")
        yield from _needs(of.model, method, call)

    def _note(self, node: ast.AST) -> None:
        """Remember what gives a name its value."""
        match node:
            case ast.arg(arg=name, annotation=ast.expr() as said):
                self._add(ast.Name(name), partial(self._said, said))
            case ast.AnnAssign(target=target, annotation=said):
                self._add(target, partial(self._said, said))
            case ast.Assign(targets=[target], value=value) | ast.NamedExpr(target=target, value=value):
                self._add(target, partial(self._kind, value))
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                self._add(target, partial(self._one_of, value))

    def _add(self, target: ast.expr, found: Any) -> None:
        if isinstance(target, ast.Tuple):
            for place, part in enumerate(target.elts):
                self._add(part, partial(part_of, found, place))
        elif isinstance(target, ast.Name):
            self._names.setdefault(target.id, []).append(found)

    def _kind(self, node: ast.expr) -> Kind:
        match node:
            case ast.Name(id=name) if name in self._names:
                return self._named(name)
            case ast.Name(id=name):
                return of_value(vars(self._module).get(name))
            case ast.Call():
                return self._of_call(node)
            case ast.Attribute():
                return self._of_attribute(node)
            case ast.Subscript(value=value):
                return self._one_of(value) if not isinstance(node.slice, ast.Slice) else self._kind(value)
            case ast.BoolOp(values=values):
                return next((kind for kind in map(self._kind, values) if kind), None)
            case ast.IfExp(body=body, orelse=other):
                return self._kind(body) or self._kind(other)
            case ast.NamedExpr(value=value):
                return self._kind(value)
            case ast.Dict() | ast.Set() | ast.List() | ast.Constant() | ast.DictComp() | ast.SetComp():
                return Other()
        return None

    def _named(self, name: str) -> Kind:
        found, self._names[name] = self._names[name], []  # a name that is made of itself says nothing new
        try:
            kinds = [kind for kind in (one() for one in found) if kind]
        finally:
            self._names[name] = found
        models = {kind.model for kind in kinds if isinstance(kind, Rows)}
        if len(models) > 1:
            raise Unread(f"{name} has rows of {models}")
        return next((kind for kind in kinds if isinstance(kind, Rows)), kinds[0] if kinds else None)

    def _one_of(self, node: ast.expr) -> Kind:
        kind = self._kind(node)
        return Rows(kind.model, "row") if isinstance(kind, Rows) else kind

    def _said(self, annotation: ast.expr) -> Kind:
        return of_annotation(annotation, vars(self._module))

    def _of_call(self, node: ast.Call) -> Kind:
        if isinstance(node.func, ast.Attribute):
            of = self._kind(node.func.value)
            if isinstance(of, Rows) and of.kind in ("rows", "class"):
                method = node.func.attr
                row = Rows(of.model, "row")
                if method in _ONE_AND_WHETHER_NEW:
                    return Other(tuple, (row, Other(bool)))
                return row if method in _ONE else Rows(of.model, "rows")
            if isinstance(of, Other):
                return of_member(of, node.func.attr)
        called = self._value(node.func)
        if isinstance(called, type):
            return of_type(called)
        return returned(called) if called is not None else None

    def _of_attribute(self, node: ast.Attribute) -> Kind:
        if isinstance(node.value, ast.Name) and node.value.id == "self" and self._scope.within:
            return self._of_self(node.attr)
        of = self._kind(node.value)
        if isinstance(of, Other):
            return of_member(of, node.attr)
        if isinstance(of, Rows):
            return of if node.attr in ("objects", "_base_manager") else related(of.model, node.attr)
        return of_value(self._value(node))

    def _of_self(self, name: str) -> Kind:
        for node in ast.walk(self._scope.within or self._scope.node):
            match node:
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=attr)], value=value):
                    if attr == name and (kind := self._kind(value)):
                        return kind
                case ast.AnnAssign(target=ast.Name(id=attr), annotation=said) if attr == name:
                    return self._said(said)
        return None

    def _value(self, node: ast.expr) -> Any:
        """Return the value of a constant of the module, or of a module that it imports; None where it is neither."""
        match node:
            case ast.Name(id=name) if name not in self._names:
                return vars(self._module).get(name)
            case ast.Attribute(value=value, attr=attr):
                return getattr(self._value(value), attr, None)
        return None


def _is_of_others(method: str, call: ast.Call) -> bool:
    """Tell whether a call cannot be the ORM's: it takes no plain arguments for these methods."""
    return method in ("update", "delete") and bool(call.args)


def _needs(model: type[Model], method: str, call: ast.Call) -> Iterator[Need]:
    table, said = model._meta.db_table, {word.arg: word.value for word in call.keywords}
    match method:
        case "select_for_update":
            yield Need(table, "LOCK ROWS")
        case "create" | "bulk_create":
            yield Need(table, "INSERT")
            if "update_conflicts" in said:
                yield Need(table, "UPDATE")
        case "update":
            yield Need(table, "UPDATE", None if None in said else _columns(model, [str(name) for name in said]))
        case "delete":
            yield from _deleted(model)
        case "get_or_create":
            yield Need(table, "INSERT")
        case "save" if "force_insert" in said:
            yield Need(table, "INSERT")
        case "save" if isinstance(named := said.get("update_fields"), ast.List | ast.Tuple):
            names = [name.value if isinstance(name, ast.Constant) else None for name in named.elts]
            yield Need(table, "UPDATE", None if None in names else _columns(model, [str(name) for name in names]))
        case "bulk_update":
            yield Need(table, "UPDATE")
        case _:
            yield from (Need(table, "INSERT"), Need(table, "UPDATE"))


def _columns(model: type[Model], names: list[str]) -> frozenset[str]:
    return frozenset(str(model._meta.get_field(name).column) for name in names)  # type: ignore[union-attr]


def _deleted(model: type[Model]) -> Iterator[Need]:
    """A row goes with those that hang on it; Django deletes them itself."""
    yield Need(model._meta.db_table, "DELETE")
    for other in model._meta.related_objects:
        related = other.related_model
        if other.on_delete is CASCADE and related is not model and not isinstance(related, str):
            yield from _deleted(related)
        elif other.on_delete in (SET_NULL, SET_DEFAULT):
            yield Need(related._meta.db_table, "UPDATE", frozenset({str(other.field.column)}))
