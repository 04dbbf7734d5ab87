"""One member's purchases and returns, in the order of their instants, under rules that were not active then.

Limits are as if the member had used nothing before the first one. What a return takes back it takes by what the rules
gave, and lets the member use limits again, as a return does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from msgspec import Struct

from points.backtests.rules.sums import OfMember, RuleSum
from points.earning.rules import (
    IS_FIRST_PURCHASE,
    NOTHING_NEEDED,
    Counter,
    Field,
    Needs,
    Outcome,
    QuickRules,
    ReadyRules,
    Rounding,
    Tally,
    Trigger,
    can_be_quick,
    evaluate,
)
from points.purchases.rules.by_rules import claw_back_by_rules, judged
from points.purchases.rules.facts import facts_of_purchase
from points.purchases.rules.purchases import ByRules, Purchase, Refund

MERCHANT_ID = "purchase.merchant_id"
NOTHING_KNOWN: Mapping[str, Any] = {}
# What is known beside the purchase's own rows.
_BESIDE = ("member.", MERCHANT_ID)


class Under(Struct, frozen=True, kw_only=True):
    """The rules that are tried, with what they ask, and what the programme says; `quick` where they can be asked so."""

    ready: ReadyRules
    quick: QuickRules | None
    fields: Mapping[str, Field]
    needs: Needs
    beside: tuple[str, ...]
    rounding: Rounding
    timezone: str
    max_points: int


class Bought(Struct, frozen=True):
    """A purchase as it was noted, and what it earned; `known` is what rules were told beside it, where they judged it.

    `refunds` came back of it, and took `returned` points.
    """

    purchase: Purchase
    known: Mapping[str, Any] | None
    refunds: Sequence[Refund]
    returned: int


def under(
    ready: ReadyRules, fields: Mapping[str, Field], *, rounding: Rounding, timezone: str, max_points: int
) -> Under:
    """Return rules that are to be tried; only what they ask is looked at."""
    needs = ready.needs.get(Trigger.PURCHASE, NOTHING_NEEDED)
    asked = needs.fields
    return Under(
        ready=ready,
        quick=QuickRules(ready, rounding) if can_be_quick(ready) else None,
        fields={name: field for name, field in fields.items() if name in asked},
        needs=needs,
        beside=tuple(sorted(name for name in asked if name.startswith(_BESIDE))),
        rounding=rounding,
        timezone=timezone,
        max_points=max_points,
    )


def replayed(
    bought: Iterable[Bought], rules: Under, *, has_bought: bool, today: Mapping[str, Any] = NOTHING_KNOWN
) -> OfMember:
    """Return what a member's purchases would have earned, whatever order they come in.

    `has_bought`: any before. `today`, in JSON: what is known of the member now, for purchases that did not keep it.
    """
    member = _Member(rules, has_bought, today)
    for _, _, one, refund in sorted(_happened(bought), key=_WHEN):
        if refund:
            member.take_back(one, refund)
        else:
            member.buy(one)
    return member.sums


# Of one instant purchases before returns, and each by its id.
_WHEN = itemgetter(0, 1)
_Step = tuple[datetime, tuple[bool, UUID], Bought, Refund | None]


def _happened(bought: Iterable[Bought]) -> Iterator[_Step]:
    """Yield purchases and returns with their instants: a return is never before its purchase, whatever clocks said."""
    for one in bought:
        at = one.purchase.occurred_at
        assert at
        yield at, (False, one.purchase.payment_id), one, None
        for refund in one.refunds:
            yield max(at, refund.refunded_at), (True, refund.refund_id), one, refund


class _Member:
    """A member on the way through its purchases: what it used of limits, and what came out so far."""

    def __init__(self, rules: Under, has_bought: bool, today: Mapping[str, Any]) -> None:
        self.sums = OfMember()
        self._rules, self._has_bought, self._today = rules, has_bought, today
        self._uses: dict[Counter, int] = {}
        self._kept: dict[UUID, Purchase] = {}

    def buy(self, one: Bought) -> None:
        """Judge a purchase on what those before it used; one that earns nothing whatever rules say is bought, too."""
        purchase, sums = one.purchase, self.sums
        sums.purchases += 1
        sums.then += purchase.points
        sums.returned_then += one.returned
        if not purchase.no_points_reason:
            tally = self._judge(one)
            if tally.points > self._rules.max_points:
                sums.refused += 1
                return
            self._count(tally)
        self._has_bought = True

    def take_back(self, one: Bought, refund: Refund) -> None:
        """Take back by what each rule gave, and give back of limits."""
        if (purchase := self._kept.get(one.purchase.payment_id)) is None:
            return
        taken, self._kept[purchase.payment_id] = claw_back_by_rules(purchase, refund)
        self.sums.returned += taken.points
        for given in taken.given:
            self.sums.rules[given.rule_id].returned += given.points
        for counter, count in taken.counted:
            self._uses[counter] -= count

    def _known(self, one: Bought) -> dict[str, Any]:
        """Return what rules are told beside the purchase: as it was then, where it was kept, else what is known today.

        Of what was not kept is counted whose purchases it is.
        """
        said = dict(one.known or {})
        if one.purchase.merchant_id:
            said[MERCHANT_ID] = str(one.purchase.merchant_id)
        known = {**self._today, **said}
        for name in self._rules.beside:
            if name not in said and not (name == MERCHANT_ID and one.purchase.reference):
                self.sums.unsure[name] = self.sums.unsure.get(name, 0) + 1
        if IS_FIRST_PURCHASE in self._rules.beside:
            known.setdefault(IS_FIRST_PURCHASE, not self._has_bought)
        return known

    def _judge(self, one: Bought) -> Tally:
        """Return what a purchase earns; of one that came back, in part or whole, all that a return asks is kept."""
        rules = self._rules
        facts = facts_of_purchase(rules.fields, one.purchase, self._known(one), timezone=rules.timezone)
        if rules.quick and not one.refunds:
            return rules.quick.tally(facts, self._uses)
        outcome = evaluate(rules.ready, facts, self._uses, rules.rounding)
        if one.refunds and outcome.points <= rules.max_points:
            self._keep(one.purchase, outcome)
        by_rule = [(each.rule_id, each.points) for each in outcome.rules if each.points]
        return Tally(outcome.points, by_rule, outcome.counted)

    def _count(self, tally: Tally) -> None:
        self.sums.points += tally.points
        rules = self.sums.rules
        for rule_id, points in tally.rules:
            if (known := rules.get(rule_id)) is None:
                known = rules[rule_id] = RuleSum()
            known.purchases += 1
            known.points += points
        for counter, count in tally.counted:
            self._uses[counter] = self._uses.get(counter, 0) + count

    def _keep(self, purchase: Purchase, outcome: Outcome) -> None:
        by_rules = ByRules(member_id=purchase.member_id, timezone=self._rules.timezone, known={}, outcome=outcome)
        self._kept[purchase.payment_id] = judged(purchase, 0, by_rules)
