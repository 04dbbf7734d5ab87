"""What falls due in the points service, in the order in which things of one instant are done."""

from datetime import datetime

from points.events.operations import give_birthdays, next_birthdays
from points.expiry import operations as expiry
from points.expiry.operations.notices import next_notices
from points.expiry.queries import next_due as next_lot
from points.ledger import due, holds, pending
from points.tiers.operations import judge_periods, next_end, next_notice, tell_expiring
from points.vouchers.queries import next_window
from shared.testclock.due import Due, until_none


def _expire_lots(at: datetime) -> int:
    return expiry.expire_all(at=at, waits=True)[0]


def _tell(at: datetime) -> int:
    return until_none(lambda: expiry.publish_expiring(at=at))


def _give_birthdays(at: datetime) -> int:
    return give_birthdays(at=at, batches=1_000_000)


def _judge_tiers(at: datetime) -> int:
    return judge_periods(at=at, batches=1_000_000)


def _tell_of_tiers(at: datetime) -> int:
    return tell_expiring(at=at, batches=1_000_000)


DUE: tuple[Due, ...] = (
    # Before anything is posted at a boundary, which would judge it one member at a time.
    Due("tiers_judged", run=_judge_tiers, next=next_end),
    Due("tier_notices", run=_tell_of_tiers, next=next_notice),
    Due("pending_points_closed", run=lambda at: due.close_pending(at)[0], next=pending.next_due),
    Due("holds_expired", run=lambda at: due.expire_holds(at)[0], next=holds.next_due),
    Due("lots_expired", run=_expire_lots, next=next_lot),
    Due("expiry_notices", run=_tell, next=next_notices),
    Due("birthdays", run=_give_birthdays, next=next_birthdays),
    # Nothing is done at their edges: what is asked is answered by the time.
    Due("campaign_windows", next=next_window),
    # Before the time leaves a day, all that was posted on it is told.
    Due("day_totals", run=due.publish_totals),
)
