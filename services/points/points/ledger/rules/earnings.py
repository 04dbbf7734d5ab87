"""How much may be earned at once, and by whom; how long after it occurred, when it can be spent, and until when."""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

from points.ledger.errors import AmountTooLarge, EndsBeforeActivation, PurchaseTooOld, TooManyPoints
from points.ledger.rules.values import Activation, Kind, Posting
from points.programmes.errors import ProgrammeClosed
from points.programmes.rules import Programme, end_of_lot, end_of_lots
from points.programmes.rules.expiry import LotEnd, Sliding
from shared import clock
from shared.instants import read_instant
from shared.zones import local_day, midnight_after


class Wait(NamedTuple):
    """What an earning waits for: so many days (0: nothing), an instant, or an event until a deadline."""

    in_days: int | None = None
    at: datetime | None = None
    on_event: str = ""
    deadline: datetime | None = None

    def said(self) -> dict[str, Any]:
        """Return what it says, as a request does and a row keeps it."""
        instants = {name: clock.iso(at) for name, at in (("at", self.at), ("deadline", self.deadline)) if at}
        event = {"on_event": self.on_event} if self.on_event else {}
        return ({} if self.in_days is None else {"in_days": self.in_days}) | event | instants

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Wait":
        """Return what a row keeps."""
        instants: dict[str, Any] = {name: read_instant(said[name]) for name in ("at", "deadline") if name in said}
        return cls(**said | instants)


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


def activates_at(programme: Programme, *, earned_at: datetime, days: int | None = None) -> datetime | None:
    """Return the instant at which points earned then can be spent; None for at once.

    They wait `days`, or the programme's `pending_days` where that is None, beyond the day on which they were earned,
    and to the end of the last of these days in the programme's time zone.
    """
    if days is None:
        days = programme.pending_days
    if not days:
        return None
    return midnight_after(local_day(earned_at, programme.timezone) + timedelta(days=days), programme.timezone)


def named_or_end_of_lot(programme: Programme, named: datetime | None, *, earned_at: datetime) -> LotEnd:
    """Return the end that was named, which no activity moves, else the programme's."""
    return LotEnd(named, None) if named else end_of_lots(programme, local_day(earned_at, programme.timezone))


def end_after_activity(programme: Programme, kind: str, *, at: datetime) -> LotEnd | None:
    """Return the end that all of a member's lots get by an activity; None where it moves none."""
    policy = programme.expiry
    if not isinstance(policy, Sliding) or kind not in policy.activities:
        return None
    return end_of_lot(programme, earned_at=at)


def earning(
    programme: Programme,
    *,
    member_id: UUID,
    points: int,
    reason: str,
    reference: str = "",
    occurred_at: datetime | None = None,
    expires_at: datetime | None = None,
    wait: Wait | None = None,
    source_key: str | None = None,
    actor_id: UUID | None = None,
    at: datetime,
) -> Posting:
    """Return the posting that gives a member points, on the terms of the programme.

    :raises EndsBeforeActivation: `expires_at` comes before they can be spent.
    """
    return Posting(
        kind=Kind.EARNED,
        programme_id=programme.id,
        member_id=member_id,
        points=points,
        reference=reference,
        reason=reason,
        source_key=source_key,
        occurred_at=occurred_at,
        actor_id=actor_id,
        **terms(programme, earned_at=occurred_at or at, wait=wait, expires_at=expires_at, at=at),
    )


def check_open(programme: Programme) -> None:
    """Check that a programme gives points.

    :raises ProgrammeClosed: it gives no more.
    """
    if programme.status != "active":
        raise ProgrammeClosed()


def limit_of(programme: Programme, person_id: UUID) -> int | None:
    """Return how many points a person may move by hand on a day; None for any number.

    Whoever raised the limit cannot use what that gave.
    """
    return programme.limit_before if programme.limit_raised_by == person_id else programme.adjustment_limit


def check_earning(programme: Programme, *, points: int, occurred_at: datetime | None, at: datetime) -> None:
    """Check that a programme gives so many points at once, for what occurred then.

    :raises TooManyPoints: it gives fewer.
    :raises PurchaseTooOld: it occurred too long ago.
    """
    check_points(programme, points)
    earliest = at - timedelta(days=programme.max_purchase_age_days)
    if occurred_at is not None and occurred_at < earliest:
        raise PurchaseTooOld(earliest=clock.iso(earliest))


def check_amount(programme: Programme, amount: int) -> None:
    """Check that a programme takes purchases of an amount.

    :raises AmountTooLarge: it does not.
    """
    if amount > programme.max_amount:
        raise AmountTooLarge(limit=programme.max_amount)


def check_points(programme: Programme, points: int) -> None:
    """Check that a programme gives so many points at once.

    :raises TooManyPoints: it gives fewer.
    """
    if points > programme.max_points_per_purchase:
        raise TooManyPoints(limit=programme.max_points_per_purchase)
