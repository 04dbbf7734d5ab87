"""When what is earned can be spent, and until when."""

from datetime import date, datetime
from typing import NamedTuple, TypedDict

from points.ledger.errors import EndsBeforeActivation
from points.ledger.rules.values import Activation
from points.programmes.rules import Programme, activates_at, named_or_end_of_lot
from shared import clock


class Wait(NamedTuple):
    """What an earning waits for: so many days (0: nothing), an instant, or an event until a deadline."""

    in_days: int | None = None
    at: datetime | None = None
    on_event: str = ""
    deadline: datetime | None = None


class Terms(TypedDict):
    """What a posting says about it; without `expires_at` a pending earning's lot ends as the programme says then."""

    activates: Activation | None
    expires_at: datetime | None
    expires_on: date | None


def terms(
    programme: Programme,
    *,
    earned_at: datetime,
    wait: Wait | None = None,
    expires_at: datetime | None = None,
    at: datetime,
) -> Terms:
    """Return when an earning is activated and ends; it waits as the programme says where `wait` is None.

    Points whose wait would be over already are available at once.

    :raises EndsBeforeActivation: `expires_at` would come first.
    """
    wait = wait or Wait()
    due_at = wait.deadline or wait.at or activates_at(programme, earned_at=earned_at, days=wait.in_days)
    if due_at is None or due_at <= at:
        end = named_or_end_of_lot(programme, expires_at, earned_at=due_at or earned_at)
        return Terms(activates=None, expires_at=end.expires_at, expires_on=end.expires_on)
    if expires_at is not None and expires_at <= due_at:
        raise EndsBeforeActivation(activates_at=clock.iso(due_at), expires_at=clock.iso(expires_at))
    return Terms(activates=Activation(due_at, wait.on_event), expires_at=expires_at, expires_on=None)
