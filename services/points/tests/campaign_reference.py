"""Campaigns, their budgets and their vouchers, the slow way: nothing is counted, each question goes through all uses.

Written from docs/points/budgets.md and docs/points/vouchers.md, it knows no code of ours. A refusal is the last
part of its code.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Place = tuple[str, str]


class Refused(Exception):
    """What is asked for is refused, for this reason."""


class OrderKey(NamedTuple):
    """An order: the number of its merchant, and its id."""

    merchant: int
    id: str


@dataclass(eq=False)
class Campaign:
    """A campaign's terms, and how many codes are in its pool."""

    terms: dict[str, Any]
    pool: int
    ends_at: datetime

    def off(self, money: int) -> int:
        """What a voucher takes off so much money, on which it is alone."""
        if self.terms["kind"] == "amount":
            return min(self.terms["amount"], money)
        return min(money * self.terms["percent"] // 100, self.terms.get("max_discount") or money)


@dataclass(eq=False)
class Limit:
    """A budget on a campaign; `told` are the places in which it came to its percentage."""

    code: str
    campaign: Campaign
    of: str
    most: int
    per: str
    each: str | None
    alert_percent: int
    told: set[Place] = field(default_factory=set)
    is_over: bool = False


@dataclass(eq=False)
class Held:
    """A voucher that a member took."""

    code: str
    campaign: Campaign
    holder: int
    price: int
    is_cancelled: bool = False
    released_at: datetime | None = None


@dataclass(eq=False)
class Use:
    """A voucher on an order, and what it used of which budgets, where."""

    held: Held
    order: OrderKey
    total: int
    discount: int
    at: datetime
    is_members_own: bool
    spent: list[tuple[Limit, Place, int]]
    gone_at: datetime | None = None
    is_released: bool = False


def named(moment: datetime, per: str, zone: str) -> str:
    """The name of the period of the programme's zone in which something happens."""
    names = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "year": "%Y", "ever": "ever"}
    return moment.astimezone(ZoneInfo(zone)).strftime(names[per])


class Reference:
    """All that happened, and what follows from it."""

    def __init__(self, zone: str, points: int) -> None:
        self.zone, self.points = zone, [points, points]
        self.limits, self.held, self.uses = list[Limit](), list[Held](), list[Use]()
        self.paid = list[tuple[OrderKey, datetime]]()
        self.alerts = list[tuple[str, Place, int, int]]()
        self.now_of = [0, 1]  # who each member is now

    # What is asked.

    def used(self, limit: Limit) -> dict[Place, int]:
        """What is used of a budget, by period and by whose it is."""
        found: dict[Place, int] = {}
        for use in self.uses:
            for one, place, count in use.spent:
                if one is limit and use.gone_at is None:
                    found[place] = found.get(place, 0) + count
        return found

    def counting(self, **of: Any) -> list[Use]:
        """The uses that count now, of a voucher, a campaign, an order or a holder."""
        facts = {
            "held": lambda use: use.held,
            "campaign": lambda use: use.held.campaign,
            "order": lambda use: use.order,
            "holder": lambda use: use.held.holder,
        }
        return [
            use for use in self.uses if use.gone_at is None and all(facts[name](use) == it for name, it in of.items())
        ]

    def claimed(self, campaign: Campaign, holder: int | None = None) -> int:
        """How many vouchers of a campaign were taken, by one member or by all; what was given back was taken, too."""
        return sum(one.campaign is campaign and holder in (None, one.holder) for one in self.held)

    def late(self, held: Held) -> int:
        """How many uses a voucher's member released after the order was paid."""
        return sum(
            any(order == use.order and use.at <= paid_at <= use.gone_at for order, paid_at in self.paid)
            for use in self.uses
            if use.held is held and use.is_released and use.gone_at
        )

    def is_paid(self, order: OrderKey) -> bool:
        """Whether a payment used an order."""
        return any(one == order for one, _ in self.paid)

    # What is done.

    def claim(self, campaign: Campaign, holder: int, *, at: datetime) -> int:
        """A member takes a voucher; the price that is paid."""
        price, terms = campaign.terms["price_points"], campaign.terms
        _refuse(at >= campaign.ends_at, "expired")
        _refuse(not campaign.pool, "sold_out")
        _refuse(self.points[holder] < price, "insufficient")
        _refuse(self.claimed(campaign, holder) >= (terms["uses_per_member"] or 99), "member_limit_reached")
        _refuse(self.claimed(campaign) >= (terms["uses_total"] or 99), "campaign_used_up")
        campaign.pool -= 1
        self.points[holder] -= price
        return price

    def use(self, held: Held, order: OrderKey, total: int, *, by: str, at: datetime, tries: bool = False) -> int:
        """A voucher is used on an order, or tried; what it takes off."""
        placed = self.counting(order=order)
        gone = [use for use in placed if use.is_members_own] if self._gives_way(placed, order, total, by) else []
        for one in gone:
            one.gone_at = at
        try:
            discount = self._discount(held, order, total, at=at)
            spent = self._spent(held, order, discount, at=at)
            _refuse(not all(self._has_room(*one) for one in spent), "budget_used_up")
        except Refused:
            for one in gone:
                one.gone_at = None
            raise
        if tries:
            for one in gone:
                one.gone_at = None
        else:
            self.uses.append(Use(held, order, total, discount, at, by == "member", spent))
            for limit, place, _ in spent:
                self._tell(limit, place)
        return discount

    def _gives_way(self, placed: list[Use], order: OrderKey, total: int, by: str) -> bool:
        is_word = by != "member" and not self.is_paid(order)
        return is_word and any(use.total != total for use in placed)

    def _discount(self, held: Held, order: OrderKey, total: int, *, at: datetime) -> int:
        campaign, terms, placed = held.campaign, held.campaign.terms, self.counting(order=order)
        _refuse(held.is_cancelled, "cancelled")
        _refuse(at >= campaign.ends_at, "expired")
        _refuse(len(self.counting(held=held)) + self.late(held) >= terms["uses_per_code"], "used_up")
        of_member = self.counting(campaign=campaign, holder=held.holder)
        _refuse(len(of_member) >= (terms["uses_per_member"] or 99), "member_limit_reached")
        _refuse(len(self.counting(campaign=campaign)) >= (terms["uses_total"] or 99), "campaign_used_up")
        _refuse(any(use.held is held for use in placed), "already_on_order")
        _refuse(any(use.total != total for use in placed), "order_changed")
        stackings = [one.terms["stacking"] for one in (campaign, *(use.held.campaign for use in placed))]
        _refuse(bool(placed) and "exclusive" in stackings, "not_stackable")
        _refuse(total < (terms["min_spend"] or 0), "min_spend_not_reached")
        discount = _lacking(held, placed, total)
        _refuse(min(discount, campaign.off(total)) < 1, "no_discount")
        return discount

    def _spent(self, held: Held, order: OrderKey, discount: int, *, at: datetime) -> list[tuple[Limit, Place, int]]:
        whose = {None: "", "merchant": f"merchant {order.merchant}", "member": f"member {self.now_of[held.holder]}"}
        return [
            (limit, (named(at, limit.per, self.zone), whose[limit.each]), discount if limit.of == "money" else 1)
            for limit in self.limits
            if limit.campaign is held.campaign and not limit.is_over
        ]

    def _has_room(self, limit: Limit, place: Place, count: int) -> bool:
        return self.used(limit).get(place, 0) + count <= limit.most

    def _tell(self, limit: Limit, place: Place) -> None:
        used = self.used(limit).get(place, 0)
        if place not in limit.told and used * 100 >= limit.most * limit.alert_percent:
            limit.told.add(place)
            self.alerts.append((limit.code, place, used, limit.most))

    def roll_back(self, use: Use, *, at: datetime) -> None:
        """A merchant or an operator takes a use back."""
        _refuse(use.gone_at is not None, "already_rolled_back")
        use.gone_at = at

    def release(self, use: Use, *, at: datetime) -> None:
        """A member takes a use back that was made for themselves."""
        _refuse(use.gone_at is not None, "already_rolled_back")
        _refuse(self.is_paid(use.order), "order_paid")
        _refuse(_is_recent(use.held, at), "released_recently")
        use.gone_at, use.is_released, use.held.released_at = at, True, at

    def cancel(self, held: Held, *, at: datetime) -> None:
        """A member gives a bought voucher back for its price."""
        _refuse(held.is_cancelled, "cancelled")
        _refuse(not held.price, "not_bought")
        _refuse(bool(self.counting(held=held)) or bool(self.late(held)), "used")
        _refuse(at >= held.campaign.ends_at, "expired")
        _refuse(_is_recent(held, at), "released_recently")
        held.is_cancelled = True
        self.points[self.now_of[held.holder]] += held.price

    def change(self, limit: Limit, most: int, percent: int, *, at: datetime) -> None:
        """A budget gets more or less, or another percentage."""
        limit.most, limit.alert_percent = most, percent
        if limit.each is None:
            self._tell(limit, (named(at, limit.per, self.zone), ""))

    def merge(self) -> None:
        """The first member becomes the other."""
        self.now_of[0] = 1
        self.points = [0, sum(self.points)]


def _refuse(is_so: bool, reason: str) -> None:
    if is_so:
        raise Refused(reason)


def _is_recent(held: Held, at: datetime) -> bool:
    return held.released_at is not None and at < held.released_at + MINUTE


def _lacking(held: Held, placed: list[Use], total: int) -> int:
    """What is lacking to the shares of all, each worked out on what those before it left: what was told stays."""
    left, share = total, 0
    for one in sorted(
        [held, *(use.held for use in placed)], key=lambda one: (one.campaign.terms["priority"], one.code)
    ):
        left -= (own := one.campaign.off(left))
        share = own if one is held else share
    given = sum(use.discount for use in placed)
    return max(0, min(total - given, max(share, held.campaign.off(total - given)), total - left - given))
