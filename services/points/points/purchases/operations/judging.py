"""What rules give to purchases, each judged on what those before it used of its member's limits, and what budgets leave
of it; where no rules are, of what the programme's plain terms give."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import structs

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
    keep_plain,
    local_time,
    period_of,
)
from points.earning.rules.postings import stored
from points.programmes.rules import Programme
from points.purchases import queries
from points.purchases.operations.following import bought_of
from points.purchases.rows import judgements
from points.purchases.rules.by_rules import judged
from points.purchases.rules.facts import facts_of_purchase
from points.purchases.rules.lines import with_points
from points.purchases.rules.purchases import ByRules, Purchase
from points.segments.queries.segments import known_of
from points.segments.rules.members import KnownMember, asked_of_members, said_of
from points.tiers.queries.turns import TiersInTurn, tiers_in_turn
from shared import clock


class Judge:
    """Judges purchases of a programme one after the other; the rows of members whose uses matter are locked."""

    def __init__(
        self,
        programme: Programme,
        uses: Uses,
        bought: set[UUID],
        members: Mapping[UUID, KnownMember],
        rooms: Rooms,
        tiers: TiersInTurn | None = None,
    ) -> None:
        self._programme = programme
        self._rooms = rooms
        self._uses = uses
        self._bought = bought
        self._members = members
        self._tiers = tiers

    def again(self) -> "Judge":
        """Return one who knows what this one knew, and of nothing that it will be told."""
        uses = {who: dict(used) for who, used in self._uses.items()}
        tiers = self._tiers and self._tiers.again()
        return Judge(self._programme, uses, set(self._bought), self._members, self._rooms.again(), tiers)

    def judge(self, purchase: Purchase, rules: ActiveRules, *, merchant_id: UUID | None, member_id: UUID) -> Purchase:
        """Return a purchase from a merchant with what rules give it, by the limits of whoever its member is now."""
        known = self._known(rules, merchant_id, member_id)
        facts = facts_of_purchase(rules.fields, purchase, known, timezone=self._programme.timezone)
        rooms = self._rooms.of(_whose(rules, facts.day, merchant_id, member_id))
        outcome = evaluate(rules.ready, facts, self._uses.get(member_id, {}), rules.rounding, rooms)
        by_rules = ByRules(member_id=member_id, timezone=self._programme.timezone, known=known, outcome=stored(outcome))
        return judged(purchase, rules.version, by_rules)

    def plain(self, purchase: Purchase, points: int, *, member_id: UUID) -> Purchase:
        """Return a purchase that earns so many points by plain terms, less what budgets have no room for."""
        assert purchase.occurred_at
        day = local_time(purchase.occurred_at, self._programme.timezone)["time.date"]
        rooms = self._rooms.of(_whose(None, day, purchase.merchant_id, member_id))
        points, cut, spent = keep_plain(points, rooms)
        lines = with_points(purchase.lines, points)
        left = {"points": points, "lines": lines, "of_budgets": spent}
        return structs.replace(purchase, budget=cut.code, cut=cut.points, **left)

    def note(self, purchase: Purchase, *, member_id: UUID) -> None:
        """Let those after it know that the member bought this, and what that used of limits."""
        self._bought.add(member_id)
        if purchase.by_rules:
            uses = self._uses.setdefault(member_id, {})
            for counter, count in purchase.by_rules.outcome.counted:
                uses[counter] = uses.get(counter, 0) + count
        self._rooms.note(purchase.used_of_budgets)

    def follow(self, purchase: Purchase, *, member_id: UUID) -> None:
        """Let those after it know what a purchase that the programme took does to the member's tier."""
        if self._tiers:
            bought = bought_of(purchase, self._programme.id, member_id)
            self._tiers.note(member_id, bought, purchase.points)

    def _known(self, rules: ActiveRules, merchant_id: UUID | None, member_id: UUID) -> dict[str, Any]:
        known: dict[str, Any] = {"purchase.merchant_id": str(merchant_id)} if merchant_id else {}
        needs = _needs(rules)
        if IS_FIRST_PURCHASE in needs.fields:
            known[IS_FIRST_PURCHASE] = member_id not in self._bought
        if asked_of_members(needs):
            known |= said_of(self._member(member_id), rules.fields, needs)
        return known

    def _member(self, member_id: UUID) -> KnownMember:
        known = self._members[member_id]
        has_moved = self._tiers is not None and self._tiers.knows(member_id)
        return known._replace(tier=self._tiers.of(member_id)) if self._tiers and has_moved else known


def judge_of(programme: Programme, asked: Iterable[tuple[Purchase, UUID, ActiveRules | None]]) -> Judge:
    """Return who judges these purchases, each of whoever its member is now; by plain terms where there are no rules.

    Locks the members of whom something is counted, and budgets after them; reads what was used of both, and what else
    rules ask of members, however many there are.
    """
    periods: dict[UUID, set[str]] = {}
    buying, asked_of, fields, those = set[UUID](), set[UUID](), set[str](), list[Whose]()
    instants: dict[UUID, list[datetime]] = defaultdict(list)
    for purchase, member_id, rules in asked:
        assert purchase.occurred_at
        instants[member_id].append(purchase.occurred_at)
        needs, day = _needs(rules), local_time(purchase.occurred_at, programme.timezone)["time.date"]
        those.append(_whose(rules, day, purchase.merchant_id, member_id))
        names = {period_of(per, day) for per in needs.periods}
        if IS_FIRST_PURCHASE in needs.fields:
            # Two first purchases at once are judged one after the other, too.
            names.add("ever")
            buying.add(member_id)
        if names:
            periods.setdefault(member_id, set()).update(names)
        if of_members := asked_of_members(needs):
            asked_of.add(member_id)
            fields |= of_members
    uses = counters.lock_and_read(programme.id, periods) if periods else {}
    bought = queries.who_bought(buying, programme_id=programme.id) if buying else set()
    rooms = lock_rooms(programme.id, those)
    known = known_of(programme.id, asked_of, fields) if asked_of else {}
    tiers = tiers_in_turn(programme, instants, at=clock.now()) if TIER in fields else None
    return Judge(programme, uses, bought, known, rooms, tiers)


def _whose(rules: ActiveRules | None, day: date, merchant_id: UUID | None, member_id: UUID) -> Whose:
    if rules is None:
        return Whose(day, merchant_id, member_id, is_plain=True)
    return Whose(day, merchant_id, member_id, rules.ready.ids.get(Trigger.PURCHASE, ()))


def _needs(rules: ActiveRules | None) -> Needs:
    return rules.ready.needs.get(Trigger.PURCHASE, NOTHING_NEEDED) if rules else NOTHING_NEEDED


def keep(purchases: Collection[Purchase], *, at: datetime) -> None:
    """Write how rules judged purchases that are noted, and count what these used of limits and of budgets."""
    if spent := [spent for one in purchases for spent in one.used_of_budgets]:
        spend(spent, at=at)
    found = {one.payment_id: by_rules for one in purchases if (by_rules := one.by_rules)}
    if not found:
        return
    judgements.insert(found)
    used: dict[UUID, list[Used]] = defaultdict(list)
    for one in purchases:
        if one.by_rules and one.programme_id:
            used[one.programme_id] += _used(one.by_rules)
    for programme_id in sorted(used):
        counters.add(programme_id, used[programme_id])


def _used(by_rules: ByRules) -> list[Used]:
    return [Used(by_rules.member_id, counter, count) for counter, count in by_rules.outcome.counted]
