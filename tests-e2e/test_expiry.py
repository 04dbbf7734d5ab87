"""The nightly job: what has ended goes, once, in order, after its grace, and members are told before."""

from datetime import UTC, datetime, timedelta

import pytest
from conftest import Command
from eventually import eventually
from people import Person

pytestmark = pytest.mark.usefixtures("default_programme")


def ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def day_in(days: int) -> str:
    return str((datetime.now(UTC) + timedelta(days=days)).date())


@pytest.mark.moves_clock
def test_expires_what_has_ended_once_however_often_it_runs(operator: Person, member: Person, manage: Command) -> None:
    programme, now = operator.points.make_programme("Short lives")["id"], operator.sandbox.now()
    for points, hours in ((10, 3), (20, 1), (40, 2)):
        ends = (now + timedelta(hours=hours)).isoformat()
        operator.points.earn(member.id, points, programme=programme, expires_at=ends)

    operator.sandbox.move_to(now + timedelta(hours=2, minutes=30))
    manage("points", "expire_points")

    posted = member.points.transactions(programme=programme, kind="expired")
    assert [entry["change"] for entry in reversed(posted)] == [-20, -40]
    assert member.points.balance(programme=programme) == 10
    assert [lot["remaining"] for lot in member.points.lots(programme=programme)] == [10]


def test_points_are_spendable_in_their_grace_and_end_after_it(
    operator: Person, member: Person, manage: Command
) -> None:
    terms = {"expiry": {"kind": "rolling", "count": 10, "unit": "day"}, "grace_days": 5}
    programme = operator.points.make_programme("Grace", **terms)["id"]
    for points, days in ((40, 17), (20, 13), (10, 4)):
        operator.points.earn(member.id, points, programme=programme, occurred_at=ago(days))

    # The first are dead, whether or not the job was there; the others say the day they were promised.
    assert member.points.balance(programme=programme) == 30
    ending = [(one["points"], one["expires_on"]) for one in member.ledger.balance(programme=programme)["expiring"]]
    assert ending == [(20, day_in(-3)), (10, day_in(6))]
    [grace, _] = member.points.lots(programme=programme)
    ends = datetime.fromisoformat(grace["expires_at"])
    assert ends == datetime.fromisoformat(f"{day_in(3)}T00:00:00+00:00")

    manage("points", "expire_points")

    assert [one["change"] for one in member.points.transactions(programme=programme, kind="expired")] == [-40]
    spent = member.points.redeem(25, programme=programme)["lots"]
    assert [(part["points"], part["expires_on"]) for part in spent] == [(-20, day_in(-3)), (-5, day_in(6))]


@pytest.mark.moves_clock
def test_members_are_told_before_their_points_end(operator: Person, analyst: Person, member: Person) -> None:
    terms = {"expiry": {"kind": "rolling", "count": 3, "unit": "day"}, "notice_days": [1]}
    programme = operator.points.make_programme("Notices", **terms)["id"]
    operator.points.earn(member.id, 30, programme=programme)
    before = operator.sandbox.now()

    operator.sandbox.move_to(before + timedelta(days=3))

    def notices() -> list[datetime]:
        return [
            datetime.fromisoformat(row["last_occurred_at"]) for row in analyst.warehouse.freshness("points_expiring")
        ]

    eventually(notices, lambda times: any(time > before for time in times))
    assert member.points.balance(programme=programme) == 30


def test_the_proof_of_every_ledger_holds(manage: Command) -> None:
    manage("points", "verify_ledger")
    manage("payments", "verify_ledger")
