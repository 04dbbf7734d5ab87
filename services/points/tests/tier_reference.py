"""Tiers by the slow way: the whole story of a member is told anew from all that was ever posted, day by day."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
Story = list[tuple[str | None, str | None, datetime, str]]


@dataclass
class Entry:
    """Something that was earned on a day, or taken back of it, and when that was posted."""

    at: datetime
    day: date
    amount: int


@dataclass
class Merged:
    """Another member was merged into this one."""

    at: datetime
    other: "Reference"


@dataclass
class Overridden:
    """Somebody gave the member a tier by hand, until an instant or for good; `place` tells it from others."""

    at: datetime
    code: str
    until: datetime | None
    place: int = 0


@dataclass
class Brought:
    """The member brought a tier from elsewhere."""

    at: datetime
    code: str


@dataclass
class Ended:
    """Somebody ended that."""

    at: datetime


Event = Entry | Merged | Overridden | Brought | Ended


@dataclass
class Reference:
    """A member of a programme whose tiers a document says, `since` an instant, in a time zone; `joined` is the day of
    registering."""

    document: dict[str, Any]
    timezone: str
    joined: date
    since: datetime
    entries: list[Event] = field(default_factory=list)

    def day_of(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.timezone)).date()

    def begin_of(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.timezone)).astimezone(UTC)

    def story(self, until: datetime) -> "Told":
        """Return all that became of the member until an instant."""
        told = Told(self)
        for place, entry in enumerate(self.entries):
            before = self.flat(self.entries[:place])
            told.go_on(before, entry.at)
            if isinstance(entry, Merged):
                told.merge(self.flat(self.entries[: place + 1]), entry)
            elif isinstance(entry, Overridden):
                told.override_from(entry)
            elif isinstance(entry, Brought):
                told.bring(entry)
            elif isinstance(entry, Ended):
                told.override_until(entry.at)
            else:
                told.count(before, entry)
        told.go_on(self.flat(), until)
        return told

    def flat(self, entries: "list[Event] | None" = None) -> list[Entry]:
        """Return all that counts, of whoever was merged into this member too."""
        found: list[Entry] = []
        for one in self.entries if entries is None else entries:
            found += one.other.flat() if isinstance(one, Merged) else [one] if isinstance(one, Entry) else []
        return found

    def next_begin(self, after: date, anchor: date) -> date:
        """Return the first day of the next period, by looking at each day."""
        window, day = self.document["window"], after + _DAY
        while not self._begins(window, day, anchor):
            day += _DAY
        return day

    def _begins(self, window: dict[str, Any], day: date, anchor: date) -> bool:
        if window["kind"] == "rolling":
            return (day - anchor).days % int(window["days"]) == 0
        if window["kind"] == "calendar":
            return (day.month, day.day) == (window["month"], 1)
        is_last = (day + _DAY).month != day.month
        return day.month == anchor.month and (day.day == anchor.day or (is_last and day.day < anchor.day))


class Told:
    """How a member stands in the story so far."""

    def __init__(self, member: Reference) -> None:
        self.member, self.tiers = member, member.document["tiers"]
        self.tier = self.floor = 0 if self.tiers[0]["enter"] else 1
        # What the member has: by hand, else as it came.
        self.shown = self.tier
        self.override: Overridden | None = None
        self.changes: Story = []
        self.begin: date | None = None
        self.end = self.rose_on = self.anchor = date.min
        # All of them so far: their first days, and their ends.
        self.periods: list[tuple[date, date]] = []
        # Until which day the floor is kept, and the level after it.
        self.grace: tuple[date, int] | None = None
        # The first day that decided at the end of the period before, its end, the level until then, and the one with
        # which that period began.
        self.ended: tuple[date, date, int, int] | None = None
        # From which day on the tier was reached, where a merge says it.
        self.first: date | None = None

    def code(self, level: int) -> str | None:
        return None if level == 0 else str(self.tiers[level - 1]["code"])

    def go_on(self, before: list[Entry], at: datetime) -> None:
        """Judge each period and each grace that is over at an instant; the first one began with the first entry."""
        if self.begin is None:
            return
        while (over := min(self.end, self.grace[0]) if self.grace else self.end) and self.member.begin_of(over) <= at:
            self._lapse(self.member.begin_of(over), is_before=True)
            if self.grace and over == self.grace[0]:
                self._end_grace(self._until(before, over), *self.grace)
            else:
                self._end_period(before, self._until(before, over))
        self._lapse(at, is_before=False)

    def _until(self, entries: list[Entry], day: date) -> int:
        """Return the progress that decides with the beginning of a day."""
        window = self.member.document["window"]
        if window["kind"] == "rolling":
            return sum(one.amount for one in entries if day - timedelta(days=window["days"]) <= one.day < day)
        assert self.begin
        return sum(one.amount for one in entries if self.begin <= one.day < self.end)

    def _end_period(self, before: list[Entry], progress: int) -> None:
        level, days = self.judged(progress), self.member.document.get("grace_days")
        self.ended = (self._first(self.end - _DAY), self.end, self.tier, self.floor)
        if level < self.tier and days:
            until = self.graced or self.end + timedelta(days=days)
            self.grace, level = (until, level), self.tier
        else:
            self.grace = None
        self.floor = level
        begin, self.begin, self.end = self.end, self.end, self.member.next_begin(self.end, self.anchor)
        self.periods.append((self.begin, self.end))
        self._become(max(level, self._told_ahead(before)), self.member.begin_of(begin), "period_end")
        self.rose_on, self.first = self.begin, None

    def _told_ahead(self, before: list[Entry]) -> int:
        """Return the level that was reached in a period before it began, by what was told ahead of its time."""
        if self.member.document["window"]["kind"] == "rolling" or self.member.document["upgrade"] != "at_once":
            return 0
        assert self.begin
        return self._reached(sum(one.amount for one in before if self.begin <= one.day < self.end))

    def _end_grace(self, progress: int, until: date, falling: int) -> None:
        is_kept, self.floor = self.graced, self.left(progress, falling)
        self.grace = None
        self._become(self.floor if is_kept else self.tier, self.member.begin_of(until), "grace_ended")

    @property
    def graced(self) -> date | None:
        """Return until which day the tier is kept for which there was not enough."""
        return self.grace[0] if self.grace and self.tier == self.floor else None

    def left(self, progress: int, falling: int) -> int:
        """Return the level that is left of the floor after grace."""
        if progress >= self.tiers[self.floor - 1]["stay"]:
            return self.floor
        return max(falling, self._reached(progress))

    def _lapse(self, at: datetime, *, is_before: bool) -> None:
        """Take away what was given by hand until an instant; that is the last thing which happens at it."""
        end = self.override.until if self.override else None
        if end and (end < at or (end == at and not is_before)):
            self.override_until(end)

    def override_from(self, given: Overridden) -> None:
        """Have a tier by hand."""
        if self.begin is None:
            self._open(self.member.day_of(given.at))
        self.override = given
        self._show(given.at, "override")

    def bring(self, brought: Brought) -> None:
        """Begin with a tier, where it is higher."""
        if self.begin is None:
            self._open(self.member.day_of(brought.at))
        level = [tier["code"] for tier in self.tiers].index(brought.code) + 1
        if level > self.tier:
            self.floor, self.grace, self.ended = level, None, None
            self._become(level, brought.at, "imported")

    def override_until(self, at: datetime) -> None:
        """Have it no more."""
        self.override = None
        self._show(at, "override_ended")

    def _open(self, today: date) -> None:
        self.anchor = today if self.member.document["window"]["kind"] == "rolling" else self.member.joined
        self.begin = today
        while not self.member._begins(self.member.document["window"], self.begin, self.anchor):
            self.begin -= _DAY
        self.end, self.rose_on = self.member.next_begin(self.begin, self.anchor), self.begin
        self.periods.append((self.begin, self.end))
        window = self.member.document["window"]
        is_first = window["kind"] == "rolling" or (window["kind"] == "anniversary" and self.begin <= self.anchor)
        if not is_first and self.member.begin_of(self.begin) > self.member.since:
            before = self.begin - _DAY
            while not self.member._begins(window, before, self.anchor):
                before -= _DAY
            self.ended = (before, self.begin, self.tier, self.floor)

    def count(self, before: list[Entry], entry: Entry) -> None:
        """Let an entry count that is posted now."""
        today, document = self.member.day_of(entry.at), self.member.document
        if self.begin is None:
            self._open(today)
        entries = [*before, entry]
        if document.get("requalify") and self.ended:
            self._judge_again(before, entry)
        if entry.amount > 0 and document["upgrade"] == "at_once":
            reached = self._reached(self._since(entries, self._first(today), today))
            if reached > self.tier:
                self.rose_on, self.first = today, None
                self._become(reached, entry.at, "earned")
        if entry.amount < 0 and document["returns"] == "at_once" and self.tier > self.floor:
            first = self.first or self._first(self.rose_on)
            held, had = (self._reached(self._since(those, first, today)) for those in (entries, before))
            if held < had:
                self._become(max(self.floor, min(self.tier, held)), entry.at, "taken_back")

    def _judge_again(self, before: list[Entry], entry: Entry) -> None:
        """Judge the end of the period before again, where an entry is of it, as if that had been told in time."""
        assert self.ended
        assert self.begin
        first, end, level, floor = self.ended
        if not first <= entry.day < end:
            return
        had, has = (sum(one.amount for one in those if first <= one.day < end) for those in (before, [*before, entry]))
        held, document = level, self.member.document
        if entry.amount > 0 and document["upgrade"] == "at_once":
            held = max(level, self._reached(has))
        is_less = self._reached(has) < self._reached(had)
        if entry.amount < 0 and document["returns"] == "at_once" and level > floor and is_less:
            held = max(floor, min(level, self._reached(has)))
        self.ended = (first, end, held, floor)
        until = self.grace[0] if self.grace else self.begin + timedelta(days=document.get("grace_days") or 0)
        is_open = self.member.day_of(entry.at) < until
        was, now = self._at_end(level, had, is_open=is_open), self._at_end(held, has, is_open=is_open)
        if now != was and entry.amount > 0:
            self._judged_higher(entry.at, *now)
        if now != was and entry.amount < 0 and document["returns"] == "at_once" and self.floor == was[0]:
            self._judged_lower([*before, entry], entry.at, until, *now)

    def _at_end(self, level: int, progress: int, *, is_open: bool) -> tuple[int, int]:
        """Return the level that a period begins with, and the one after its days of grace."""
        falling = self.judged(progress, level)
        return (level if is_open and falling < level else falling), falling

    def _judged_higher(self, at: datetime, floor: int, falling: int) -> None:
        if self.grace and falling < floor:
            self.grace = self.grace[0], max(falling, self.grace[1])
        elif floor >= self.floor:
            self.grace = None
        self.floor = max(self.floor, floor)
        self._become(max(self.tier, self.floor), at, "requalified")

    def _judged_lower(self, entries: list[Entry], at: datetime, until: date, floor: int, falling: int) -> None:
        has_risen, self.floor = self.tier > self.floor, floor
        self.grace = (until, falling) if falling < floor else None
        if not has_risen:
            today, at_once = self.member.day_of(at), self.member.document["upgrade"] == "at_once"
            since = self._reached(self._since(entries, self._first(today), today)) if at_once else 0
            self.rose_on, self.first = today, None
            self._become(max(floor, since), at, "taken_back")

    def merge(self, entries: list[Entry], merged: Merged) -> None:
        """Take what another member had, where that was anything."""
        other = merged.other.story(merged.at)
        if other.begin is None:
            return
        today = self.member.day_of(merged.at)
        if self.begin is None:
            self._open(today)
        self.grace, self.ended = self._grace_with(other), None
        level, self.floor = max(self.tier, other.tier), max(self.floor, other.floor)
        self.first = min(self.first or self._first(self.rose_on), other.first or other._first(other.rose_on))
        if self.member.document["upgrade"] == "at_once":
            reached = self._reached(self._since(entries, self._first(today), today))
            if reached > level:
                level, self.rose_on, self.first = reached, today, None
        self.override = self.override or other.override
        self._become(level, merged.at, "merged")

    def _grace_with(self, other: "Told") -> tuple[date, int] | None:
        """Return the grace of who has the higher floor; of both, where both are as high and in grace."""
        if self.floor == other.floor:
            both = [one.grace for one in (self, other) if one.grace]
            return (max(both)[0], max(level for _, level in both)) if len(both) == 2 else None
        high, low = (self, other) if self.floor > other.floor else (other, self)
        return (high.grace[0], max(high.grace[1], low.grace[1] if low.grace else low.floor)) if high.grace else None

    def progress(self, entries: list[Entry], at: datetime) -> tuple[int, int]:
        """Return how much counts now, and how much of it counts when the tier is judged next."""
        today = self.member.day_of(at)
        if self.begin is None:
            return 0, 0
        return self._since(entries, self._first(today), today), self._until(entries, self.judged_on)

    @property
    def judged_on(self) -> date:
        """Return the day with which the tier is judged next."""
        return min(self.end, self.graced or self.end)

    def _first(self, day: date) -> date:
        window = self.member.document["window"]
        assert self.begin
        return day - timedelta(days=window["days"] - 1) if window["kind"] == "rolling" else self.begin

    def _since(self, entries: list[Entry], first: date, today: date) -> int:
        is_rolling = self.member.document["window"]["kind"] == "rolling"
        return sum(one.amount for one in entries if first <= one.day and (is_rolling or one.day < self.end))

    def _reached(self, progress: int) -> int:
        level = 0
        for place, tier in enumerate(self.tiers, start=1):
            if progress >= tier["enter"]:
                level = place
        return level

    def judged(self, progress: int, level: int | None = None) -> int:
        """Return the level after a period that ended at a level, that of the tier now, with so much progress."""
        level = self.tier if level is None else level
        if (reached := self._reached(progress)) >= level:
            return reached
        if progress >= self.tiers[level - 1]["stay"]:
            return level
        if self.member.document["downgrade"] == "one":
            return level - 1
        while level and progress < self.tiers[level - 1]["stay"]:
            level -= 1
        return level

    def projected(self, progress: int) -> int:
        """Return the level once it is judged next, were nothing earned until then."""
        if self.override and not (self.override.until and self.override.until <= self.member.begin_of(self.judged_on)):
            return self.shown
        if self.grace and self.graced == self.judged_on:
            return self.left(progress, self.grace[1])
        return self.judged(progress)

    def _become(self, level: int, at: datetime, cause: str) -> None:
        self.tier = level
        self._show(at, cause)

    def _show(self, at: datetime, cause: str) -> None:
        codes = [None, *(tier["code"] for tier in self.tiers)]
        level = codes.index(self.override.code) if self.override else self.tier
        if level != self.shown:
            self.changes.append((self.code(self.shown), self.code(level), at, cause))
            self.shown = level
