"""Of what kind something is, by its value or by what its annotation says: a model, rows of one, or something else."""

import ast
import inspect
import textwrap
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

from django.db.models import Manager, Model, QuerySet
from django.db.models.fields.reverse_related import ForeignObjectRel


@dataclass(frozen=True)
class Rows:
    """What an expression is: a model (its class), a row of it, or several rows."""

    model: type[Model]
    kind: Literal["class", "row", "rows"]


@dataclass(frozen=True)
class Other:
    """Something that is no row of a model: something of another class, or a tuple of parts."""

    of: Any = object
    parts: tuple["Kind", ...] = ()


Kind = Rows | Other | None


def of_value(value: Any) -> Kind:
    """Return what a value of a module is."""
    if isinstance(value, type) and issubclass(value, Model):
        return Rows(value, "class")
    if isinstance(value, QuerySet | Manager):
        return Rows(value.model, "rows")
    return None if value is None or isinstance(value, ModuleType) else Other(type(value))


def returned(function: Any) -> Kind:
    """Return what a function's annotation says that it returns; all of ours say it."""
    plain = inspect.unwrap(function)
    try:
        (defined,) = ast.parse(textwrap.dedent(inspect.getsource(plain))).body
    except (OSError, TypeError):
        return Other()
    said = defined.returns if isinstance(defined, ast.FunctionDef) else None
    return of_annotation(said, plain.__globals__) if said else Other()


def of_annotation(said: ast.expr, names: dict[str, Any]) -> Kind:
    """Return what an annotation says as it is written: Django forgets what its query sets are said to be of."""
    try:
        if isinstance(said, ast.Subscript) and _is_query_set(_value_of(said.value, names)):
            return Rows(_value_of(said.slice, names), "rows")
        return of_type(_value_of(said, names))
    except NameError:  # known to mypy only
        return None


def _value_of(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(ast.unparse(node), dict(names))  # noqa: S307 - the project's own code


def _is_query_set(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, QuerySet | Manager)


def of_type(said: Any) -> Kind:
    """Return what an annotation says, also of one that may be None or has a model within."""
    if said is Any or _is_query_set(said):
        return None
    if isinstance(said, str):
        raise NameError(said)
    if isinstance(said, type) and not typing.get_args(said):
        return Rows(said, "row") if issubclass(said, Model) else Other(said)
    origin, arguments = typing.get_origin(said), typing.get_args(said)
    kinds = [kind for kind in map(of_type, arguments) if kind]
    if origin in (typing.Union, types.UnionType):
        return next((kind for kind in kinds if kind != Other(types.NoneType)), None)
    if origin is tuple and ... not in arguments:
        return Other(tuple, tuple(kinds))
    model = next((kind.model for kind in kinds if isinstance(kind, Rows)), None)
    return Rows(model, "rows") if model else Other(origin) if origin else None


def part_of(found: Callable[[], Kind], place: int) -> Kind:
    """Return what a part of something is, whose parts are given names."""
    whole = found()
    if isinstance(whole, Other):
        return whole.parts[place] if place < len(whole.parts) else None
    return None


def of_member(other: Other, name: str) -> Kind:
    """Return what an attribute, or the answer of a method, is said to be; classes that say nothing are not ours."""
    member = inspect.getattr_static(other.of, name, None)
    if callable(member) or isinstance(member, property):
        return returned(member.fget if isinstance(member, property) else member)
    try:
        said = typing.get_type_hints(other.of).get(name)
    except (NameError, TypeError):
        said = None
    return of_type(said) if said is not None else Other()


def related(model: type[Model], name: str) -> Kind:
    """Return what an attribute of a row is: a row or rows that it is related to, or a plain value."""
    for one in model._meta.get_fields(include_hidden=True):
        is_reverse = isinstance(one, ForeignObjectRel)
        if (one.get_accessor_name() if is_reverse else one.name) == name:  # type: ignore[union-attr]
            if not (others := one.related_model) or isinstance(others, str):
                return Other()
            return Rows(others, "rows" if one.one_to_many or one.many_to_many else "row")
    return Other()
