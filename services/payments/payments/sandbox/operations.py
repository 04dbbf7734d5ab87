"""Moving the test clock: from one due instant to the next, each time until all services are quiet."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from payments.sandbox import queries, rules
from payments.sandbox.errors import ClockMoving
from payments.sandbox.models import DONE, MOVING, ClockAnswer, ClockMove
from shared import clock
from shared.contracts.clock import ClockMoved, ClockReached
from shared.contracts.routes import SERVICES
from shared.db import execute, unit_of_work
from shared.messaging.inbox import Delivery
from shared.messaging.lanes import Lane, in_lane
from shared.messaging.outbox import publish

# Longer than a process goes on by what it knows of the time, and the first question takes to come: so for none it goes
# back when it stands.
LEAD = timedelta(seconds=1)


def begin_move(target: datetime | timedelta, *, requested_by: UUID, at: datetime) -> ClockMove:
    """Begin to move the installation's time to an instant, or by so much; the rest goes on by itself.

    First the time stands a moment ahead, where no process has been yet, and all services make room and say what is due
    next.

    :raises ClockBehind: not forward.
    :raises ClockTooFar: more than 400 days.
    :raises ClockMoving: another move is under way.
    """
    with unit_of_work():
        execute("SELECT pg_advisory_xact_lock(hashtext('payments.clock_move'))")
        if moving := ClockMove.objects.filter(state=MOVING).first():
            raise ClockMoving(move_id=moving.id)
        until = target if isinstance(target, datetime) else at + target
        rules.check_target(until, now=at)
        move = ClockMove.objects.create(
            since=at,
            target=until,
            at=min(at + LEAD, until),
            number=queries.last_number() + 1,
            requested_by=requested_by,
            begun_at=clock.machine_now(),
        )
        _ask(move)
    return move


def note_reached(deliveries: Sequence[Delivery]) -> None:
    """Take services' answers; the last one of a question leads to the next, or ends the move.

    :raises ValueError: a service answers for another.
    """
    for delivery in deliveries:
        said: ClockReached = delivery.message
        if said.service != delivery.envelope.producer:
            raise ValueError(f"{delivery.envelope.producer} answers for {said.service}")
        _note(said)


def _note(said: ClockReached) -> None:
    with unit_of_work():
        move = ClockMove.objects.select_for_update(no_key=True).filter(id=said.move_id, number=said.number).first()
        if move is None or move.state != MOVING:
            return
        fields = {name: getattr(said, name) for name in ("done", "next_due_at", "published", "waiting")}
        ClockAnswer.objects.create(number=said.number, service=said.service, move=move, at=move.at, **fields)
        last = queries.answers(move, move.number)
        if len(last) == len(SERVICES):
            _go_on(move, last)


def _go_on(move: ClockMove, last: list[rules.Answer]) -> None:
    before = queries.answers(move, move.number - 1)
    if rules.is_over(before, last):
        if move.at == move.target:
            _finish(move)
            return
        move.at = rules.next_instant(last, at=move.at, target=move.target)
    move.number += 1
    move.save(update_fields=["at", "number"])
    _ask(move)


def _finish(move: ClockMove) -> None:
    machine = clock.machine_now()
    move.state, move.finished_at, move.number = DONE, machine, move.number + 1
    move.save(update_fields=["state", "finished_at", "number"])
    _ask(move, offset=move.target - machine)


def _ask(move: ClockMove, *, offset: timedelta | None = None) -> None:
    with in_lane(Lane.INTERACTIVE):
        publish(
            [
                ClockMoved(
                    move_id=move.id,
                    number=move.number,
                    at=move.at,
                    target=move.target,
                    offset_microseconds=offset // timedelta(microseconds=1) if offset is not None else None,
                )
            ],
            at=move.at,
        )
