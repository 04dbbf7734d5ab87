"""What the clerk remembers of what was done: transactions, wishes that wait, purchases."""

from dataclasses import dataclass, field

from tests.model.book import Lot, Part
from tests.model.world import Where


@dataclass
class Deed:
    """A transaction: what it moved, from which lots it took, and the lot that it opened."""

    kind: str
    where: Where
    points: int
    taken: list[Part] = field(default_factory=list)
    opened: Lot | None = None
    is_undone: bool = False


@dataclass
class Request:
    where: Where
    points: int
    asked_by: int
    state: str = "pending"


@dataclass
class Purchase:
    where: Where
    points: int
    amount: int
    lines: list[int]
    shares: list[int]
    lot: Lot | None
    returned: int = 0
    back: int = 0
    lines_returned: list[int] = field(default_factory=list)
