"""Which rows hold. Time decides where it is clear; where it may be noise, the pages that were read decide.

Pages are counted and come out the same on any machine. Time does not: where both sizes do exactly the same, one still
takes 1.2 times as long now and then, because the machine does something else. So a row of equal pages may take up to
1.5 times as long; more is more work that reads nothing, and fails.
"""

from collections.abc import Callable

from bench.scale.stand import SIZES
from bench.table import Row

AT_MOST, AT_MOST_BY_PAGES = 1.2, 1.5
AIM, AIM_BY_PAGES = 1 / AT_MOST, 1 / AT_MOST_BY_PAGES
# What one request or run may read more: an index of ten times the rows may be a level deeper.
LEVELS = 3


def row(
    name: str, taken: dict[str, list[float]], pages: dict[str, float], *, levels: int = LEVELS, more: str = ""
) -> Row:
    """Return a row of the seconds that each request, run or thing took in each size, and the pages that it read."""
    few, many = (_typical(taken[size]) for size in SIZES)
    is_equal = pages["large"] <= pages["small"] * AT_MOST + levels
    said = f"{few * 1000:.3g} -> {many * 1000:.3g} ms = {many / few:.2f} x; pages {_said(pages)}"
    aim = AIM_BY_PAGES if is_equal else AIM
    return Row(name, 1 / many, 1 / few, aim, said + more)


def confirmed(measure: Callable[[int], Row], *, again: int | None) -> Row:
    """Return a row; one beyond its bound is measured once more, with `again` times as many requests or runs."""
    found = measure(1)
    return found if again is None or holds(found) else measure(again)


def holds(found: Row) -> bool:
    """Whether a row is within its bound."""
    return found.ratio >= found.aim


def is_growing(found: Row) -> bool:
    """Whether a row reads more pages where there is more."""
    return found.aim == AIM


def _typical(taken: list[float]) -> float:
    """Return the end of the quickest quarter: what makes the others slower is mostly the machine."""
    return sorted(taken)[len(taken) // 4]


def _said(pages: dict[str, float]) -> str:
    return " -> ".join(f"{pages[size]:,.0f}" if pages[size] >= 10 else f"{pages[size]:.2g}" for size in SIZES)
