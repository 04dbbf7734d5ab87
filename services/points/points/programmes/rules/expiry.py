"""When points end: expiry policies, and the calendar by which they reckon.

Days are days of the programme's time zone. Points can be spent through their last day (and its grace), and end at the
midnight after it.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from shared.zones import local_day, midnight_after

LONGEST_GRACE = 90
ACTIVITIES = ("earned", "redeemed", "sent", "received")
_MONTHS_ROUNDED = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_MONTHS_OF = {"month": 1, "year": 12}
_LONGEST = {"day": 36_500, "month": 1_200, "year": 100}


class Never(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="never"):
    """Points never end."""


class _Period(Struct, frozen=True, forbid_unknown_fields=True):
    """So many days, months or years, at most a century, then to the end of the day, month, quarter… or year."""

    count: Annotated[int, Meta(ge=1, le=36_500)]
    unit: Literal["day", "month", "year"]
    round_to: Literal["day", "month", "quarter", "half_year", "year"] = "day"

    def __post_init__(self) -> None:
        if self.count > _LONGEST[self.unit]:
            raise ValueError(f"at most {_LONGEST[self.unit]} of this unit")


class Rolling(_Period, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="rolling"):
    """Points end so long after the day on which they were earned."""


class Sliding(_Period, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="sliding"):
    """Points end so long after the member's last activity; each activity moves the end of all the member's lots."""

    activities: Annotated[
        tuple[Literal["earned", "redeemed", "sent", "received"], ...], Meta(min_length=1, max_length=4)
    ] = ("earned", "redeemed")

    def __post_init__(self) -> None:
        _Period.__post_init__(self)
        if len(set(self.activities)) < len(self.activities):
            raise ValueError("an activity is named twice")


_MonthDay = Annotated[str, Meta(pattern=r"^[0-9]{2}-[0-9]{2}\Z")]


class Dates(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="dates"):
    """Points end with the first of these days (`MM-DD`) after the day of earning, and at least so many months after."""

    dates: Annotated[tuple[_MonthDay, ...], Meta(min_length=1, max_length=20)]
    min_months: Annotated[int, Meta(ge=0, le=120)] = 0

    def __post_init__(self) -> None:
        for text in self.dates:
            date.fromisoformat(f"2000-{text}")  # noqa: TID251 - a month and a day, in a leap year
        if len(set(self.dates)) < len(self.dates):
            raise ValueError("a date is named twice")


Policy = Never | Rolling | Sliding | Dates
_KIND_EXPECTED = "An object is expected, whose `kind` is `never`, `rolling`, `sliding` or `dates`."
_PERIOD_EXPECTED = (
    "has a `count` (up to 36500 days, 1200 months or 100 years), a `unit` (`day`, `month` or `year`), `round_to` "
    "(`day`, `month`, `quarter`, `half_year` or `year`) where wanted"
)
_EXPECTED = {
    "never": "A `never` policy has no other member.",
    "rolling": f"A `rolling` policy {_PERIOD_EXPECTED}, and no other member.",
    "sliding": (
        f"A `sliding` policy {_PERIOD_EXPECTED}, `activities` (`earned`, `redeemed`, `sent`, `received`; at least one, "
        "each once) where wanted, and no other member."
    ),
    "dates": (
        "A `dates` policy has `dates` (1 to 20 days of the year as MM-DD, each once), `min_months` (0 to 120) where "
        "wanted, and no other member."
    ),
}


class LotEnd(NamedTuple):
    """The end of a lot: the last day that members are told, and the instant at which its points can no longer be spent,
    which is later by the grace; both None for never."""

    expires_at: datetime | None
    expires_on: date | None


NEVER = LotEnd(None, None)


def policy_of(value: Any) -> Policy:
    """Return the policy that a JSON value says.

    :raises ValueError: it is none; with what is expected of a policy of its kind.
    """
    try:
        found: Policy = msgspec.convert(value, Policy)
    except (msgspec.ValidationError, UnicodeEncodeError):
        kind = value.get("kind") if isinstance(value, dict) else None
        raise ValueError(_EXPECTED.get(kind if isinstance(kind, str) else "", _KIND_EXPECTED)) from None
    return found


def policy_of_days(lot_days: int | None) -> Policy:
    """Return the policy that a number of days stands for."""
    return Never() if lot_days is None else Rolling(lot_days, "day")


def with_days(policy: Policy) -> tuple[int | None, Policy | None]:
    """Return a policy as a number of days where it is only that, or never; else as itself."""
    if isinstance(policy, Never):
        return None, None
    if isinstance(policy, Rolling) and policy == Rolling(policy.count, "day"):
        return policy.count, None
    return None, policy


def end_after(policy: Policy, day: date, *, timezone: str, grace_days: int = 0) -> LotEnd:
    """Return the end of points that were earned on a day, or whose clock was reset then."""
    last = last_day(policy, after=day)
    if last is None:
        return NEVER
    return LotEnd(midnight_after(last + timedelta(days=grace_days), timezone), last)


def last_day(policy: Policy, *, after: date) -> date | None:
    """Return the last day of points that were earned on a day; always a later one."""
    if isinstance(policy, Never):
        return None
    if isinstance(policy, Dates):
        return _next_date(policy, after)
    if policy.unit == "day":
        day = after + timedelta(days=policy.count)
    else:
        day = add_months(after, policy.count * _MONTHS_OF[policy.unit])
    return _end_of(day, policy.round_to)


def day_told(expires_at: datetime, expires_on: date | None, timezone: str) -> date:
    """Return the last day that members are told: the reckoned one, else that on which a named end lies."""
    return expires_on or local_day(expires_at - datetime.resolution, timezone)


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, the month's last where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _end_of(day: date, round_to: str) -> date:
    if round_to == "day":
        return day
    months = _MONTHS_ROUNDED[round_to]
    last_month = -(-day.month // months) * months
    return date(day.year, last_month, monthrange(day.year, last_month)[1])


def _next_date(policy: Dates, after: date) -> date:
    earliest = max(after + timedelta(days=1), add_months(after, policy.min_months))
    years = (earliest.year, earliest.year + 1)
    return min(day for year in years for text in policy.dates if (day := _in_year(text, year)) >= earliest)


def _in_year(text: str, year: int) -> date:
    month, day = int(text[:2]), int(text[3:])
    # 29 February is the last of February in other years.
    return date(year, month, min(day, monthrange(year, month)[1]))
