"""What the reference model remembers of what was done: transactions, requests that wait, purchases."""

from dataclasses import dataclass, field

from tests.model.reference.lots import Lot, Part, Waiting
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
    pays: bool = False

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


@dataclass(eq=False)
class Payment:
    """A redemption that pays for a purchase: of its points those that have not come back, in the order of spending."""

    parts: list[Part]

    @property
    def points(self) -> int:
        return sum(count for _, count in self.parts)


@dataclass
class Line:
    """So many pieces that cost so much together, their share of the points, and what was returned of them."""

    pieces: int
    cost: int
    share: int
    pieces_back: int = 0
    money_back: int = 0


@dataclass
class Purchase:
    """A purchase; one that a merchant recorded may have been paid with points too."""

    where: Where
    points: int
    lines: list[Line]
    deed: Deed | None
    is_recorded: bool = False
    payments: list[Payment] = field(default_factory=list)
    spent: int = 0
    money_back: int = 0
    points_back: int = 0

    @property
    def cost(self) -> int:
        return sum(line.cost for line in self.lines)

    @property
    def left(self) -> int:
        """The money that was not given back."""
        return self.cost - self.money_back
