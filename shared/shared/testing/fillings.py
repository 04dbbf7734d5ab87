"""Tables of two sizes, a factor ten apart, about which the planner knows the truth, nothing, or what was true before.

What a statement reads may depend on none of that: the server takes statistics by a clock of its own, and after an
import it may be hours until it has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from shared.db import rows
from shared.testing.owner import as_owner

SIZES = (1000, 10_000)
TRUE, NONE, OF_EMPTY, OF_FEW = "true", "none", "of empty tables", "of a few rows"
_FEW = 5
_GUARDED = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE right(tgname, 12) = '_no_truncate'"


@dataclass(frozen=True)
class Filling:
    """So many rows, and what the statistics say."""

    size: int
    statistics: str

    def __str__(self) -> str:
        return f"{self.size} rows, statistics {self.statistics}"

    def fill(
        self, tables: Sequence[str], *inserts: str, use: Callable[[], object] | None = None, **values: Any
    ) -> None:
        """Empty the tables and those that refer to them, and let the owner insert the rows `%(first)s` to `%(last)s`.

        Triggers of ours do not see them: rows are made that belong together, and the quick way. `use` runs while the
        tables are as the statistics say, where that is not how they are in the end: plans that are kept are made then.
        """
        known = {OF_EMPTY: 0, OF_FEW: _FEW}.get(self.statistics, self.size)
        _empty(tables)
        if known:
            _insert(tables, inserts, values | {"first": 1, "last": known})
        if self.statistics != NONE:
            as_owner(f"ANALYZE {', '.join(tables)}")
        if known < self.size:
            if use:
                use()
            _insert(tables, inserts, values | {"first": known + 1, "last": self.size})


def _empty(tables: Sequence[str]) -> None:
    """Let nothing be left of any test before this one: no row, alive or dead, and no count of the table's rows."""
    guarded = [name for (name,) in rows(_GUARDED)]
    as_owner(_without_triggers(guarded, f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE"))


def _insert(tables: Sequence[str], inserts: Sequence[str], values: dict[str, Any]) -> None:
    as_owner(_without_triggers(tables, *inserts), values)


def _without_triggers(tables: Sequence[str], *statements: str) -> str:
    # Foreign keys that wait for the commit are looked at first: no table can be altered while they do.
    now = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
    off = [f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in tables]
    on = [f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in tables]
    return ";".join([now, *off, *statements, now, *on])


at_any_size = pytest.mark.parametrize(
    "filling", [Filling(size, known) for size in SIZES for known in (TRUE, NONE, OF_EMPTY, OF_FEW)], ids=str
)
