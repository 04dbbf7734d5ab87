"""What the functions that write postings are given, right and wrong."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import structs

from points.ledger.models import Account
from points.ledger.posting import optimistic
from points.ledger.posting.write import _POST
from points.ledger.rules.values import BUCKETS, Kind
from shared.db import array, execute
from shared.ids import new_id
from tests.factories import AT, posting

AVAILABLE, HELD, ISSUED, REDEEMED = (BUCKETS.index(name) + 1 for name in ("available", "held", "issued", "redeemed"))
NOBODYS = "00000000-0000-7000-8000-000000000000"
A_LOT, ANOTHER = "00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b"


def earnings(mine: Account, other: Account, **changes: Any) -> dict[str, Any]:
    """Return what three earnings are written with: of 10 points and 20 to me, and of 30 to the other between them."""
    return _earnings_of(mine.id, mine.version, other.id, other.version) | changes


def _earnings_of(mine: int, first: int, other: int, second: int) -> dict[str, Any]:
    made = [str(new_id()) for _ in range(3)]
    return {
        "at": AT,
        "ids": made,
        "accounts": [mine, other, mine],
        "kinds": ["earned"],
        "balances": [80, 80, 100],
        "reverses": [None],
        "actors": [None],
        "occurred": [AT],
        "references": ["a", "b", "c"],
        "reasons": ["gift"],
        "source_keys": [None, "k", None],
        "entry_of": [1, 1, 2, 2, 3, 3],
        "versions": [first + 1, first + 2, second + 1, second + 2, first + 3, first + 4],
        "buckets": [AVAILABLE, ISSUED, AVAILABLE, ISSUED, AVAILABLE, ISSUED],
        "changes": [10, -10, 30, -30, 20, -20],
        "balances_after": [80, -110, 80, -80, 100, -130],
        "opened_of": [1, 2, 3],
        "opened": made,
        "opened_points": [10, 30, 20],
        "opened_numbers": [first + 2, second + 2, first + 4],
        "opened_ends": [None],
        "opened_days": [None],
        "taken_of": [],
        "taken": [],
        "taken_points": [],
    }


def write(given: dict[str, Any]) -> None:
    """Call `ledger_post`."""
    _POST.execute({name: array(value) if isinstance(value, list) else value for name, value in given.items()})


def write_optimistically(member_id: UUID, kind: Any, points: Any, at: datetime = AT) -> None:
    """Call `ledger_optimistic`, which is queued before the next statement."""
    optimistic.write(structs.replace(posting(Kind.EARNED, member_id, 1), kind=kind, points=points), at=at)
    execute("SELECT")


NO_LOTS = {name: [] for name in ("opened_of", "opened", "opened_points", "opened_numbers")}
_TWO_LOTS = {"opened_of": [1, 3], "opened": [A_LOT, ANOTHER], "opened_points": [10, 20], "opened_numbers": [6, 8]}
# The second posting has no entries.
_NONE_OF_ONE = {
    "entry_of": [1, 1, 3, 3],
    "versions": [5, 6, 7, 8],
    "buckets": [1, 5, 1, 5],
    "changes": [10, -10, 20, -20],
    "balances_after": [80, -110, 100, -130],
}
# The third one has an entry more, of no points.
_NONE_MOVED = {
    "entry_of": [1, 1, 2, 2, 3, 3, 3],
    "versions": [5, 6, 3, 4, 7, 8, 9],
    "buckets": [1, 5, 1, 5, 1, 2, 5],
    "changes": [10, -10, 30, -30, 20, 0, -20],
    "balances_after": [80, -110, 80, -80, 100, 0, -130],
}
_LISTS = {name: value for name, value in _earnings_of(1, 4, 2, 2).items() if isinstance(value, list) and len(value) > 1}
# What `ledger_post` refuses of the three earnings where my account has four entries and the other two.
CALLS: dict[str, list[dict[str, Any]]] = {
    "the entries of a transaction sum to zero": [
        {"changes": [10, -9, 30, -30, 20, -20]},
        {"changes": [10, -9, 30, -30, 20, -21]},
    ],
    "an entry changes a bucket": [
        {"buckets": [1, 5, 10, 5, 1, 5]},
        {"buckets": [1, 5, None, 5, 1, 5]},
        {"changes": [10, None, 30, -30, 20, -20]},
        {"changes": [10, -10, 30, -30, 0, 0], "opened_points": [10, 30, 0]},
        _NONE_MOVED,
    ],
    "a transaction is of a kind": [{"kinds": ["earned", kind, "earned"]} for kind in ("given", None)],
    "each bucket has its sign": [
        {"buckets": [AVAILABLE, ISSUED, HELD, ISSUED, AVAILABLE, ISSUED], "changes": [10, -10, -30, 30, 20, -20]},
        {"changes": [-80, 80, 30, -30, -20, 20], **NO_LOTS},
    ],
    "an account's entries are numbered without a gap": [
        {"entry_of": [1, 1, 1, 1, 3, 3]},
        {"entry_of": [1, 1, 2, 2, 3, 4]},
        {"entry_of": [1, 1, 2, 2, 3, None]},
        {"versions": [5, 6, 4, 5, 7, 8]},
        {"versions": [5, 6, 3, 4, 8, 9]},
        {"accounts": [0, 0, 0]},
    ],
    "a transaction says what its entries say": [
        _NONE_OF_ONE,
        {**_NONE_OF_ONE, **_TWO_LOTS},
        {"versions": [5, 7, 3, 4, 6, 8]},
        {"versions": [5, 5, 3, 4, 7, 8]},
    ],
    "the lists of postings are of one length": [
        {name: wrong}
        for name, value in _LISTS.items()
        for wrong in ([], value[:-1], [*value, value[-1]], None)
    ],
    "lots move as the available points do": [
        _TWO_LOTS,
        NO_LOTS,
        {"opened_points": [10, 31, 20]},
        {"opened_points": [11, 30, 19]},
        {"opened_of": [1, 3, 3]},
    ],
    "a lot is numbered as the transaction that opened it": [{"opened_numbers": [6, 4, 7]}],
    "an allocation stays within its account": [
        {"opened_points": [10, 30, 21], "taken_of": [3], "taken": [NOBODYS], "taken_points": [1]}
    ],
}  # fmt: skip
OPTIMISTIC = {
    "an optimistic posting earns or redeems points": [
        *((kind, points) for kind in (Kind.EARNED, Kind.REDEEMED) for points in (0, -1, None)),
        *((kind, 10) for kind in (*sorted(set(Kind) - {Kind.EARNED, Kind.REDEEMED}), "given", None)),
    ]
}
