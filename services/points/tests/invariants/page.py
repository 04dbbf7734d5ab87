"""The table of invariants, as docs/points/invariants.md has it."""

import re
from pathlib import Path
from typing import NamedTuple

_PAGE = Path(__file__).parents[4] / "docs/points/invariants.md"


class Row(NamedTuple):
    """An invariant, and where it stands: the names in each cell of its row."""

    invariant: str
    rule: list[str]
    database: list[str]
    proof: list[str]
    test: list[str]


def table() -> list[Row]:
    """Return the rows of all tables of the page."""
    cells = re.findall(r"^\| (?!invariant \|)(.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", _PAGE.read_text(), re.M)
    return [Row(invariant, *map(_names, places)) for invariant, *places in cells]


def _names(cell: str) -> list[str]:
    return re.findall(r"[\w.*]+", cell)
