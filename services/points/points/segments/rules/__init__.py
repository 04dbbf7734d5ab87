"""What is known of members, and what segments ask of it: decided without a database."""

from points.segments.rules.attributes import (
    BIRTHDAY,
    Stored,
    Unfit,
    birthday_of,
    fitting,
    read_attributes,
    said_by,
    values_of,
)
from points.segments.rules.conditions import columns_of, own_fields, read_segment

__all__ = [
    "BIRTHDAY",
    "Stored",
    "Unfit",
    "birthday_of",
    "columns_of",
    "fitting",
    "own_fields",
    "read_attributes",
    "read_segment",
    "said_by",
    "values_of",
]
