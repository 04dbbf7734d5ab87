"""From notices to the messages that publish them."""

from points.expiry.rows.notices import Notice
from shared.contracts import points as contracts


def points_expiring(notice: Notice) -> contracts.PointsExpiring:
    """Return the message that points will end."""
    return contracts.PointsExpiring(
        notice_id=notice.id,
        programme_id=notice.programme_id,
        member_id=notice.member_id,
        points=notice.points,
        days=notice.days,
        expires_on=notice.expires_on,
        expires_at=notice.expires_at,
        told_at=notice.told_at,
    )
