"""Reads of budgets; which a programme has is kept in memory, at most a second old, because every purchase asks."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from points.budgets import models, rows
from points.budgets.errors import BudgetNotFound
from points.budgets.models import BudgetPeriod
from points.budgets.rules import Budget, Rooms, Whose, places_of
from points.earning.rules import Place, Spent
from points.segments.rules.members import CODE
from shared import db
from shared.lists import owned

_MEMORY_SECONDS = 1.0
_ACTIVE = (
    "SELECT programme_id, id, code, rule_id, campaign_id, of, per, each, beyond FROM budget WHERE ended_at IS NULL"
    " ORDER BY code"
)
_NAMES = ("id", "code", "rule_id", "campaign_id", "of", "per", "each", "beyond")
_NONE: Sequence[Budget] = ()


class Memory:
    """The budgets that count, by what they are on, a programme or a campaign; read again when they are a second old."""

    def __init__(self) -> None:
        self._budgets: dict[UUID, list[Budget]] = {}
        self._read_at = float("-inf")

    def of(self, on: UUID) -> Sequence[Budget]:
        """Return the budgets on a programme and its rules, or on a campaign."""
        if time.monotonic() - self._read_at > _MEMORY_SECONDS:
            self._read()
        return self._budgets.get(on, _NONE)

    def invalidate(self) -> None:
        """Read anew at the next question."""
        self._read_at = float("-inf")

    def _read(self) -> None:
        found: dict[UUID, list[Budget]] = defaultdict(list)
        for programme_id, *said in db.rows(_ACTIVE):
            budget = Budget(**dict(zip(_NAMES, said, strict=True)))
            found[budget.campaign_id or programme_id].append(budget)
        self._budgets, self._read_at = found, time.monotonic()


MEMORY = Memory()


def lock_rooms(programme_id: UUID, those: Iterable[Whose]) -> Rooms:
    """Return what is left of a programme's budgets for what happened; locks them until the transaction ends."""
    return _rooms(programme_id, those, rows.lock_and_read)


def rooms(programme_id: UUID, those: Iterable[Whose]) -> Rooms:
    """Return what is left of a programme's budgets for what would happen; nothing is locked."""
    return _rooms(programme_id, those, rows.read)


def _rooms(programme_id: UUID, those: Iterable[Whose], ask: Callable[[Collection[Place]], dict[Place, int]]) -> Rooms:
    budgets = MEMORY.of(programme_id)
    places = places_of(budgets, those) if budgets else set()
    return Rooms(budgets, ask(places)) if places else Rooms()


def counts_plain_terms(programme_id: UUID) -> bool:
    """Tell whether a programme has a budget that counts what its plain terms give, too: one on no rule."""
    return any(one.rule_id is None for one in MEMORY.of(programme_id))


def budgets_on(campaign_id: UUID) -> Sequence[Budget]:
    """Return the budgets on a campaign's vouchers."""
    return MEMORY.of(campaign_id)


def lock_left(spent: Iterable[Spent]) -> dict[Place, int]:
    """Return what is left where something is to be used; locks it until the transaction ends. Of a budget that has
    ended nothing is said."""
    places = {one.place for one in spent}
    return rows.lock_and_read(places) if places else {}


def left(spent: Iterable[Spent]) -> dict[Place, int]:
    """Return what is left where something would be used; nothing is locked."""
    places = {one.place for one in spent}
    return rows.read(places) if places else {}


def budgets(programme_id: UUID) -> QuerySet[models.Budget]:
    """Return the budgets of a programme that count, for lists."""
    return owned(models.Budget.objects.filter(ended_at=None), programme_id=programme_id)


def check_code(code: str) -> None:
    """Check that a text can be a budget's code: a path may have any, also one that no database takes.

    :raises BudgetNotFound: it cannot.
    """
    if not CODE.fullmatch(code):
        raise BudgetNotFound()


def budget(programme_id: UUID, code: str) -> models.Budget:
    """Return a budget of a programme.

    :raises BudgetNotFound: there is none.
    """
    found = models.Budget.objects.filter(programme_id=programme_id, code=code, ended_at=None).first()
    if found is None:
        raise BudgetNotFound()
    return found


def periods(row: models.Budget) -> QuerySet[BudgetPeriod]:
    """Return what was used of a budget by period, for lists."""
    return owned(BudgetPeriod.objects.all(), budget_id=row.id)
