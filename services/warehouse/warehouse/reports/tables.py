"""A report as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """What every report answers: columns, rows, and the instant of the newest message it can know of."""

    as_of: datetime | None
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
