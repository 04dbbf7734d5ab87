"""Reads of the test clock's moves."""

import time
from uuid import UUID

from django.db.models import Max

from payments.sandbox.models import MOVING, ClockAnswer, ClockMove
from payments.sandbox.rules import Answer, Happened

_PAUSE_SECONDS = 0.05


def last_number() -> int:
    """Return the number of the last question of all, 0 where none was asked yet."""
    return int(ClockMove.objects.aggregate(last=Max("number"))["last"] or 0)


def last_move() -> ClockMove | None:
    """Return the move that is under way or, where none is, the last one."""
    return ClockMove.objects.order_by("-number").first()


def answers(move: ClockMove, number: int) -> list[Answer]:
    """Return the answers to a question of a move, where the time stood as it does."""
    found = ClockAnswer.objects.filter(number=number, move=move, at=move.at)
    names = ("service", "done", "next_due_at", "published", "waiting")
    return [Answer(*values) for values in found.values_list(*names)]


def happened(move: ClockMove) -> list[Happened]:
    """Return what a move has brought about so far, in order."""
    found = ClockAnswer.objects.filter(move=move).exclude(done={}).order_by("number", "service")
    return [
        Happened(at, service, kind, count)
        for at, service, done in found.values_list("at", "service", "done")
        for kind, count in done.items()
    ]


def after_some_time(move_id: UUID, *, seconds: float) -> ClockMove:
    """Return a move once it is done, or as it is after so many seconds."""
    ends = time.monotonic() + seconds
    while True:
        move = ClockMove.objects.get(id=move_id)
        if move.state != MOVING or time.monotonic() >= ends:
            return move
        time.sleep(_PAUSE_SECONDS)
