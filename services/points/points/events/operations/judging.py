"""What rules give to events, each judged on what those before it used of its member's limits."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from points.budgets.operations import spend
from points.budgets.queries import lock_rooms
from points.budgets.rules import Rooms, Whose
from points.earning import counters
from points.earning.counters import Used, Uses
from points.earning.queries import ActiveRules
from points.earning.rules import (
    IS_FIRST_PURCHASE,
    NOTHING_NEEDED,
    TIER,
    Needs,
    Trigger,
    evaluate,
    local_time,
    period_of,
)
from points.earning.rules.postings import stored
from points.events.rows import judgements
from points.events.rules.events import Event, NoPoints, facts_of_event, happened, judged, without_points
from points.messages.outgoing.events import event_recorded
from points.programmes.rules import Programme
from points.purchases.queries import who_bought
from points.purchases.rules.bounds import is_too_much
from points.purchases.rules.purchases import ByRules
from points.segments.queries.segments import known_of
from points.segments.rules.members import KnownMember, asked_of_members, said_of
from points.tiers.queries.turns import TiersInTurn, tiers_in_turn
from shared import clock
from shared.ids import new_id
from shared.messaging.outbox import publish


class ToJudge(NamedTuple):
    """An event with whoever its member is now, and the rules of its instant, where there are any."""

    programme: Programme
    event: Event
    member_id: UUID
    rules: ActiveRules | None

    @property
    def needs(self) -> Needs:
        """Return what has to be looked up to judge it."""
        return self.rules.ready.needs.get(self.event.trigger, NOTHING_NEEDED) if self.rules else NOTHING_NEEDED


class Judge:
    """Judges events one after the other; the rows of members whose uses matter are locked."""

    def __init__(
        self,
        uses: Mapping[UUID, Uses],
        bought: Mapping[UUID, set[UUID]],
        members: Mapping[UUID, Mapping[UUID, KnownMember]],
        rooms: Mapping[UUID, Rooms],
        tiers: Mapping[UUID, TiersInTurn],
    ) -> None:
        self._uses, self._bought, self._members, self._rooms = uses, bought, members, rooms
        self._tiers = tiers

    def judge(self, one: ToJudge) -> Event:
        """Return an event with what rules give it, by the limits of whoever its member is now."""
        rules, timezone = one.rules, one.programme.timezone
        assert rules
        known = self._known(one, rules)
        facts = facts_of_event(rules.fields, one.event, known, timezone=timezone)
        uses = self._uses.get(one.programme.id, {}).get(one.member_id, {})
        rooms = self._rooms[one.programme.id].of(_whose(one))
        outcome = stored(evaluate(rules.ready, facts, uses, rules.rounding, rooms))
        by_rules = ByRules(member_id=one.member_id, timezone=timezone, known=known, outcome=outcome)
        return judged(one.event, rules.version, by_rules, transaction_id=new_id())

    def in_turn(self, asked: Iterable[ToJudge]) -> list[Event]:
        """Return events as they are judged one after the other; what is beyond the programme's bounds is nothing.

        What the ledger refuses of them afterwards has used its part all the same: those after it may get less, and
        never more.
        """
        judged = []
        for one in asked:
            judged.append(event := within_bounds(one, self.judge(one)))
            self.note(event)
        return judged

    def _known(self, one: ToJudge, rules: ActiveRules) -> dict[str, Any]:
        known: dict[str, Any] = {}
        if IS_FIRST_PURCHASE in one.needs.fields:
            known[IS_FIRST_PURCHASE] = one.member_id not in self._bought[one.programme.id]
        if asked_of_members(one.needs):
            known |= said_of(self._member(one), rules.fields, one.needs)
        return known

    def _member(self, one: ToJudge) -> KnownMember:
        known, tiers = self._members[one.programme.id][one.member_id], self._tiers.get(one.programme.id)
        return known._replace(tier=tiers.of(one.member_id)) if tiers and tiers.knows(one.member_id) else known

    def follow(self, one: ToJudge, event: Event) -> None:
        """Let those after it know what an event that the programme took does to the member's tier."""
        if tiers := self._tiers.get(event.programme_id):
            tiers.note(one.member_id, happened(event, one.member_id), event.points)

    def note(self, event: Event) -> None:
        """Let those after it know what an event used of limits and of budgets."""
        if event.by_rules:
            self._rooms[event.programme_id].note(event.by_rules.outcome.spent)
        if event.by_rules and event.by_rules.outcome.counted:
            uses = self._uses[event.programme_id].setdefault(event.by_rules.member_id, {})
            for counter, count in event.by_rules.outcome.counted:
                uses[counter] = uses.get(counter, 0) + count


def judge_of(asked: Sequence[ToJudge]) -> Judge:
    """Return who judges these events. Locks the members of whom something is counted, and budgets after them; reads
    what was used of both.

    In the order of the programmes, so that two lists wait for each other and never in a ring.
    """
    by_programme: dict[UUID, list[ToJudge]] = defaultdict(list)
    for one in asked:
        by_programme[one.programme.id].append(one)
    uses, bought = dict[UUID, Uses](), dict[UUID, set[UUID]]()
    members, rooms = dict[UUID, Mapping[UUID, KnownMember]](), dict[UUID, Rooms]()
    tiers = dict[UUID, TiersInTurn]()
    for key in sorted(by_programme):
        asked_of = by_programme[key]
        periods, buying = _asked(asked_of)
        uses[key] = counters.lock_and_read(key, periods) if periods else {}
        bought[key] = who_bought(buying, programme_id=key) if buying else set()
        members[key] = _known_of(key, asked_of)
        rooms[key] = lock_rooms(key, [_whose(one) for one in asked_of])
        if found := _tiers_of(asked_of):
            tiers[key] = found
    return Judge(uses, bought, members, rooms, tiers)


def _tiers_of(asked: Sequence[ToJudge]) -> TiersInTurn | None:
    if not any(TIER in one.needs.fields for one in asked):
        return None
    instants: dict[UUID, list[datetime]] = defaultdict(list)
    for one in asked:
        instants[one.member_id].append(one.event.occurred_at)
    return tiers_in_turn(asked[0].programme, instants, at=clock.now())


def _known_of(programme_id: UUID, asked: Sequence[ToJudge]) -> Mapping[UUID, KnownMember]:
    fields = {one.member_id: of_member for one in asked if (of_member := asked_of_members(one.needs))}
    return known_of(programme_id, set(fields), set().union(*fields.values())) if fields else {}


def _whose(one: ToJudge) -> Whose:
    day = local_time(one.event.occurred_at, one.programme.timezone)["time.date"]
    rule_ids = one.rules.ready.ids.get(one.event.trigger, ()) if one.rules else ()
    return Whose(day, one.event.merchant_id, one.member_id, rule_ids)


def _asked(those: Iterable[ToJudge]) -> tuple[dict[UUID, set[str]], set[UUID]]:
    """Return the periods that are counted of each member, and of whom is asked whether they bought before."""
    periods: dict[UUID, set[str]] = {}
    buying = set()
    for one in those:
        day = local_time(one.event.occurred_at, one.programme.timezone)["time.date"]
        names = {period_of(per, day) for per in one.needs.periods}
        if one.event.trigger is Trigger.REGISTRATION:
            # Whoever notes it twice at once does so one after the other.
            names.add("ever")
        if IS_FIRST_PURCHASE in one.needs.fields:
            buying.add(one.member_id)
        if names:
            periods.setdefault(one.member_id, set()).update(names)
    return periods, buying


def within_bounds(one: ToJudge, judged: Event) -> Event:
    """Return what earned as it was judged; beyond what the programme gives at once it is nothing."""
    return without_points(judged, NoPoints.TOO_MANY_POINTS) if is_too_much(one.programme, judged.points) else judged


def keep(events: Collection[Event], *, at: datetime) -> None:
    """Write how rules judged events that are noted, count what these used of limits and of budgets, and publish those
    that were told."""
    publish([event_recorded(one) for one in events if one.trigger is Trigger.EVENT], at=at)
    if found := {one.id: by_rules for one in events if (by_rules := one.by_rules)}:
        judgements.insert(found)
    used: dict[UUID, list[Used]] = defaultdict(list)
    for one in events:
        used[one.programme_id] += used_by(one)
    for programme_id in sorted(used):
        counters.add(programme_id, used[programme_id])
    spend([spent for one in events if one.by_rules for spent in one.by_rules.outcome.spent], at=at)


def used_by(event: Event) -> list[Used]:
    """Return what an event used of limits."""
    by_rules = event.by_rules
    return [Used(by_rules.member_id, *counted) for counted in by_rules.outcome.counted] if by_rules else []
