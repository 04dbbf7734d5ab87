"""The rows that backtests read: a programme's purchases and events of a span, member by member, and what was taken back
of them."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from points.backtests.models import Backtest
from points.backtests.rows import events, purchases
from points.backtests.rows.purchases import who_bought_earlier
from points.backtests.rows.spans import Window, begin, next_window
from points.backtests.rules import Bought, Told
from shared.db import Row

__all__ = ["Chunk", "Window", "begin", "by_member", "next_chunk", "who_bought_earlier"]
_MEMBER = itemgetter(0)


class Chunk(NamedTuple):
    """Rows of some members, of each all."""

    window: Window
    purchases: Sequence[Row]
    events: Sequence[Row]

    @property
    def size(self) -> int:
        """Return how many purchases and events these are."""
        return len(self.purchases) + len(self.events)

    @property
    def members(self) -> list[UUID]:
        """Return whose they are, in their order."""
        # Written as text they are in the same order.
        return list(map(UUID, sorted({_MEMBER(one) for those in (self.purchases, self.events) for one in those})))


def next_chunk(row: Backtest, *, limit: int) -> Chunk:
    """Return the purchases and events of the members behind the one that a backtest has reached, about so many."""
    window = next_window(row, limit=limit)
    return Chunk(window, purchases.read(row, window), events.read(row, window))


def by_member(chunk: Chunk) -> Iterator[tuple[UUID, list[Bought], list[Told]]]:
    """Yield the purchases and the events of each member."""
    bought, told = _of_each(chunk.purchases), _of_each(chunk.events)
    for who in chunk.members:
        name = str(who)
        yield who, [*map(purchases.bought, bought.get(name, ()))], [*map(events.told, told.get(name, ()))]


def _of_each(found: Sequence[Row]) -> dict[str, list[Row]]:
    return {who: list(those) for who, those in groupby(found, key=_MEMBER)}
