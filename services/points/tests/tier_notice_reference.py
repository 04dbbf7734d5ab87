"""Who is told of a tier's end by the slow way: by the whole story as of each instant at which that is due."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.tier_reference import Brought, Reference, Told

Said = tuple[str | None, str | None, int, datetime, datetime | None]


class Due(NamedTuple):
    """What a member is told, from an instant on until that is over: whoever nothing happens to meanwhile hears of
    nothing."""

    at: datetime
    over: datetime
    said: Said


def notices(member: Reference, until: datetime) -> Iterator[Due]:
    """Yield what a member of a programme that says `notice_days` is to be told until an instant, by a run in time."""
    days = member.document.get("notice_days")
    periods = [] if days is None else member.story(until).periods
    for begin, end in periods:
        due, over = member.begin_of(max(begin, end - timedelta(days=days))), member.begin_of(end)
        instants = [(due, sum(one.at < due for one in member.entries)), *_brought(member, due, over)]
        for (at, count), (later, _) in zip(instants, [*instants[1:], (over, 0)], strict=True):
            if at <= until and (said := _said(_first(member, count), at, end=over)):
                yield Due(at, later, said)


def _brought(member: Reference, first: datetime, over: datetime) -> Iterator[tuple[datetime, int]]:
    """Yield when the member brought a higher tier in a span, of which there is to be told anew, and after how many
    entries that is."""
    for place, one in enumerate(member.entries):
        if isinstance(one, Brought) and first <= one.at < over:
            before, after = (_first(member, count).story(one.at).tier for count in (place, place + 1))
            if after > before:
                yield one.at, place + 1


def _first(member: Reference, count: int) -> Reference:
    return replace(member, entries=member.entries[:count])


def _said(member: Reference, at: datetime, *, end: datetime) -> Said | None:
    told = member.story(at)
    if told.begin is None or told.graced or _lasts(told, end):
        return None
    _, progress = told.progress(member.flat(), at)
    after, days = told.judged(progress), member.document.get("grace_days")
    if after >= told.tier:
        return None
    grace = member.begin_of(told.end + timedelta(days=days)) if days else None
    return told.code(told.tier), told.code(after), told.tiers[told.tier - 1]["stay"] - progress, end, grace


def _lasts(told: Told, end: datetime) -> bool:
    return bool(told.override) and not (told.override.until and told.override.until <= end)
