"""Lists of what belongs to somebody, read by the page however much others have."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def owned(found: QuerySet[M], **owner: Any) -> QuerySet[M]:
    """Narrow a list to the rows with these values, ordered by an index of these columns and whatever orders the list.

    Asked for `owner = x` in the order of ids, a planner that takes the owner for a large one reads the ids of all from
    the last one on until it has a page. The same as a range, ordered by the owner first, has no way but the index.
    """
    bounds = {f"{name}__{end}": value for name, value in owner.items() for end in ("gte", "lte")}
    return in_order_of(found.filter(**bounds), *owner)


def in_order_of(found: QuerySet[M], *owner: str) -> QuerySet[M]:
    """Order a list by these columns, which are the same in all its rows, before whatever orders the list: see `owned`.

    For a list whose owner is none: NULL is in no range.
    """

    class Owned(type(found)):  # type: ignore[misc]
        def order_by(self, *names: str) -> Any:
            sign = "-" if names and names[0].startswith("-") else ""
            return super().order_by(*(sign + name for name in owner), *names)

    of_owner: QuerySet[M] = Owned(found.model, query=found.query)
    return of_owner


class Either(Generic[M]):
    """The rows of some lists that have none in common, for a cursor's pages: each list is read along its own index.

    A condition on two columns has no index; asked for `a = x OR b = x` in the order of a third, a planner reads all.
    """

    def __init__(self, *parts: QuerySet[M], by: Sequence[str] = ()) -> None:
        self._parts, self._by = parts, by

    def order_by(self, *names: str) -> "Either[M]":
        """Return the same rows in the order of these columns, all of them rising or all falling."""
        return Either(*(part.order_by(*names) for part in self._parts), by=names)

    def filter(self, *conditions: Any, **values: Any) -> "Either[M]":
        """Return those of the rows that fit."""
        return Either(*(part.filter(*conditions, **values) for part in self._parts), by=self._by)

    def __getitem__(self, place: slice) -> list[M]:
        """Return the rows from one place to another, for which each list is read up to the latter."""
        names = [name.removeprefix("-") for name in self._by]
        found = [row for part in self._parts for row in part[: place.stop]]
        return sorted(found, key=attrgetter(*names), reverse=self._by[0].startswith("-"))[place]
