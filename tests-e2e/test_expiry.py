"""The nightly job, run as of a later moment: what has ended goes, once, in order."""

from datetime import UTC, datetime, timedelta

from conftest import Command
from people import Person


def test_expires_what_has_ended_once_however_often_it_runs(operator: Person, member: Person, manage: Command) -> None:
    programme = operator.points.make_programme("Short lives")["id"]
    # Soon, so that nobody else's points on this stack end with them.
    now = datetime.now(UTC)
    for points, hours in ((10, 3), (20, 1), (40, 2)):
        ends = (now + timedelta(hours=hours)).isoformat()
        operator.points.earn(member.id, points, programme=programme, expires_at=ends)
    as_of = (now + timedelta(hours=2, minutes=30)).isoformat()

    manage("points", "expire_points", "--as-of", as_of)
    manage("points", "expire_points", "--as-of", as_of)

    posted = member.points.transactions(programme=programme, kind="expired")
    assert [entry["change"] for entry in reversed(posted)] == [-20, -40]
    assert member.points.balance(programme=programme) == 10
    assert [lot["remaining"] for lot in member.points.lots(programme=programme)] == [10]


def test_the_proof_of_every_ledger_holds(manage: Command) -> None:
    manage("points", "verify_ledger")
    manage("payments", "verify_ledger")
