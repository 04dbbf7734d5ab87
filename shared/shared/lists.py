"""Lists of what belongs to somebody, read by the page however much others have."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def owned(found: QuerySet[M], **owner: Any) -> QuerySet[M]:
    """Narrow a list to the rows with these values, ordered by an index of these columns and whatever orders the list.

    Asked for `owner = x` in the order of ids, a planner that takes the owner for a large one reads the ids of all from
    the last one on until it has a page. The same as a range, ordered by the owner first, has no way but the index.
    """

    class Owned(type(found)):  # type: ignore[misc]
        def order_by(self, *names: str) -> Any:
            sign = "-" if names and names[0].startswith("-") else ""
            return super().order_by(*(sign + name for name in owner), *names)

    bounds = {f"{name}__{end}": value for name, value in owner.items() for end in ("gte", "lte")}
    of_owner: QuerySet[M] = Owned(found.model, query=found.filter(**bounds).query)
    return of_owner
