"""What the clerk remembers of what was done: transactions, wishes that wait, purchases."""

from dataclasses import dataclass, field

from tests.model.clerk.lots import Lot, Part, Waiting
from tests.model.world import Where


@dataclass
class Deed:
    """A transaction: what it moved, from which lots it took, and the lot that it opened or what waits to become one."""

    kind: str
    where: Where
    points: int
    taken: list[Part] = field(default_factory=list)
    opened: Lot | None = None
    waiting: Waiting | None = None
    is_undone: bool = False

    @property
    def lot(self) -> Lot | None:
        return self.waiting.lot if self.waiting else self.opened

    @property
    def never_came(self) -> bool:
        return self.waiting is not None and self.waiting.state == "cancelled"


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
    deed: Deed | None
    returned: int = 0
    back: int = 0
    lines_returned: list[int] = field(default_factory=list)
