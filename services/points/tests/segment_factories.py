"""Makers of schemas, attributes and segments."""

from typing import Any
from uuid import UUID

from points.earning import operations as earning
from points.earning.rules import Schema, Type
from points.programmes.queries import default_programme
from points.segments import operations
from points.segments.queries.attributes import Attributes
from shared.testing.roles import OPERATOR
from tests.factories import AT

TYPES: dict[str, Type | tuple[str, ...]] = {
    "size": ("s", "m", "l"),
    "birthday": Type.DATE,
    "children": Type.INTEGER,
    "city": Type.TEXT,
    "newsletter": Type.BOOLEAN,
    "seen": Type.INSTANT,
    "tags": Type.TEXTS,
}
CITY = {"field": "member.attributes.city", "op": "eq", "value": "Köln"}


def name_attributes(types: dict[str, Type | tuple[str, ...]] | None = None, **more: Any) -> None:
    """Let the default programme know members by these attributes."""
    schema = Schema(attributes=TYPES if types is None else types)
    earning.change_schema(default_programme().id, schema, actor_id=OPERATOR.id, at=more.get("at", AT))


def know(member_id: UUID, **said: Any) -> Attributes:
    """Let the default programme know this of a member, and nothing else."""
    return operations.replace_attributes(default_programme(), member_id, said, actor_id=OPERATOR.id, at=AT)


def make_segment(code: str, condition: dict[str, Any] | None = None, *members: UUID) -> None:
    """Make a segment of the default programme, with a condition, or with these members on its list."""
    programme_id, by = default_programme().id, {"actor_id": OPERATOR.id, "at": AT}
    operations.create_segment(programme_id, code=code, name=code, condition=condition, **by)
    if members:
        operations.change_members(programme_id, code, add=members, remove=(), **by)
