"""What is told beforehand is what happens: forecasts against the expiry of their months, returns against previews."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from points.expiry import operations as expiry
from points.ledger import operations
from points.ledger.rules.earnings import Wait
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.programmes.rules.expiry import policy_of
from points.purchases.rules.purchases import Purchase
from points.statements.queries.forecasts import expiry_forecast
from points.statements.rules import Forecast
from shared.errors import DomainError
from tests.factories import AT, buy, give, hold, make_programme, points_of, prove, set_policy, spend, take_back

pytestmark = pytest.mark.django_db
ME = UUID(int=7)
BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
NOW = AT + 3 * DAY
GRACE = 5
_step = st.one_of(
    st.tuples(st.sampled_from(["hold", "wait"]), st.integers(1, 50), st.integers(-2, 0)),
    st.tuples(st.sampled_from(["earn", "named", "spend", "owe"]), st.integers(1, 50), st.integers(-2, 420)),
)


def _do(kind: str, points: int, days: int) -> None:
    """Bring the member somewhere before NOW; what ends or is due does so that many days after it."""
    at = NOW + days * DAY
    if kind == "hold":
        hold(ME, points, expires_at=at)
    elif kind == "spend":
        spend(ME, points)
    elif kind == "owe":
        bought = buy(ME, {"book": (1, points * 100)})
        spend(ME, points)
        take_back(bought)
    else:
        if kind == "named" and at.astimezone(BERLIN).day <= GRACE:
            at += GRACE * DAY  # a named end has no grace: that of the month before would be over it
        more: dict[str, Any] = {"named": {"expires_at": at}, "wait": {"wait": Wait(at=at)}}.get(kind, {})
        give(ME, points, **more)


def _begin(steps: Any) -> None:
    for step in steps:
        try:
            with transaction.atomic():
                _do(*step)
        except DomainError:
            continue


def _forecast(at: datetime) -> Forecast:
    return expiry_forecast(default_programme(), at=at, member_id=ME)


@example([("named", 1, 150)], "rolling", 5)
@example([("earn", 40, 0), ("hold", 30, -1)], "rolling", 0)
@example([("wait", 40, -1), ("owe", 10, 0)], "sliding", 0)
@example([("earn", 9, 0), ("named", 5, -1), ("named", 6, 400), ("wait", 7, 0)], "rolling", 5)
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(_step, max_size=8), st.sampled_from(["rolling", "sliding"]), st.sampled_from([0, GRACE]))
def test_what_a_forecast_says_of_a_month_ends_in_it(steps: Any, kind: str, grace: int) -> None:
    with transaction.atomic():
        make_programme()
        policy = policy_of({"kind": kind, "count": 40, "unit": "day"})
        change_programme(default_programme().id, changes={"expiry": policy, "grace_days": grace}, at=AT)
        _begin(steps)
        foreseen = _forecast(NOW)
        assert foreseen.total == points_of(ME, at=NOW)[0]
        for job in (operations.expire_holds, operations.close_due_pending, expiry.expire_all):
            job(at=NOW)
        assert _forecast(NOW) == foreseen
        assert _ended_by_month(foreseen, grace) == [one.points for one in foreseen.months]
        prove()
        transaction.set_rollback(True)


def _ended_by_month(foreseen: Forecast, grace: int) -> list[int]:
    """Let each month of a forecast pass, with the days of grace after it; return the points that ended."""
    ended = []
    for one in foreseen.months:
        assert one.month
        after = (one.month + timedelta(days=31)).replace(day=1) + timedelta(days=grace)
        ended.append(expiry.expire_all(at=datetime(after.year, after.month, after.day, tzinfo=BERLIN))[1])
    return ended


_purchase = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5000)), min_size=1, max_size=3)
_returns = st.lists(
    st.one_of(st.none(), st.integers(1, 5000), st.tuples(st.integers(0, 2), st.integers(1, 3))), max_size=4
)


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    _purchase, _returns, st.lists(_step, max_size=4), st.integers(0, 90),
    st.sampled_from([("arrears", None), ("arrears", 20), ("floor_zero", None), ("pending_only", None)]),
)  # fmt: skip
def test_a_return_does_what_its_preview_said(lines: Any, returns: Any, steps: Any, spent: int, policy: Any) -> None:
    with transaction.atomic():
        make_programme()
        set_policy(*policy)
        _begin(steps)
        paid = (spend(ME, spent).id,) if 0 < spent <= points_of(ME)[0] else ()
        bought = buy(ME, {str(number): line for number, line in enumerate(lines)}, redemption_ids=paid)
        for number, one in enumerate(returns):
            named: dict[str, Any] = {"return_id": f"r-{number}", "at": NOW}
            named |= {"amount": one} if isinstance(one, int) else {"lines": {str(one[0]): one[1]}} if one else {}
            foreseen, done = (_returned(bought, preview=preview, **named) for preview in (True, False))
            assert done == foreseen
        prove()
        transaction.set_rollback(True)


def _returned(bought: Purchase, **named: Any) -> Any:
    """Return what a return comes to, or why it is refused; a preview has no ids."""
    try:
        with transaction.atomic():
            return take_back(bought, **named)._replace(refund_id=ME, transaction_id=None)
    except DomainError as refusal:
        return refusal.code, refusal.members
