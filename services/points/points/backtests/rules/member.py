"""A member on the way through what happened to it: what it used of limits, and what came out so far."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from points.backtests.rules.sums import OfMember, RuleSum
from points.backtests.rules.under import MERCHANT_ID, NOTHING_ASKED, Asked, Under
from points.earning.rules import IS_FIRST_PURCHASE, NOTHING_NEEDED, Counter, Outcome, Tally, Trigger, evaluate
from points.events.rules.events import Event, NoPoints, facts_of_event
from points.purchases.rules.by_rules import claw_back_by_rules, judged
from points.purchases.rules.facts import facts_of_purchase
from points.purchases.rules.purchases import ByRules, Purchase, Refund

NOTHING_KNOWN: Mapping[str, Any] = {}


class Bought(Struct, frozen=True):
    """A purchase as it was noted, and what it earned; `known` is what rules were told beside it, where they judged it.

    `refunds` came back of it, and took `returned` points.
    """

    purchase: Purchase
    known: Mapping[str, Any] | None
    refunds: Sequence[Refund]
    returned: int


# Budgets, of which backtests know none, left nothing; else a purchase with a reason earns nothing whatever rules say.
_JUDGED = (None, "budget")


class Told(Struct, frozen=True):
    """An event or a registration as it was noted, and what it earned; `known` is what rules were told beside it, where
    they judged it. `reversed_at` is when that was taken back, where it was."""

    event: Event
    known: Mapping[str, Any] | None
    reversed_at: datetime | None


class Member:
    """What a member did so far, told in the order of its instants."""

    def __init__(self, rules: Under, has_bought: bool, today: Mapping[str, Any]) -> None:
        self.sums = OfMember()
        self._rules, self._has_bought, self._today = rules, has_bought, today
        self._uses: dict[Counter, int] = {}
        self._bought: dict[UUID, Purchase] = {}
        self._told: dict[UUID, Tally] = {}

    def buy(self, one: Bought) -> None:
        """Judge a purchase on what those before it used; one that earns nothing whatever rules say is bought, too."""
        purchase, sums = one.purchase, self.sums
        sums.purchases += 1
        sums.then += purchase.points
        sums.returned_then += one.returned
        if purchase.no_points_reason not in _JUDGED or self._counts(self._judge(one)):
            self._has_bought = True

    def tell(self, one: Told) -> None:
        """Judge an event on what those before it used; whoever works for its sender earns nothing whatever rules
        say."""
        event, sums = one.event, self.sums
        sums.events[event.trigger] = sums.events.get(event.trigger, 0) + 1
        sums.then += event.points
        if event.no_points_reason != NoPoints.OWN_STAFF:
            tally = self._judge_event(one)
            if self._counts(tally):
                self._told[event.id] = tally

    def take_back(self, one: Bought, refund: Refund) -> None:
        """Take back by what each rule gave, and give back of limits."""
        if purchase := self._bought.get(one.purchase.payment_id):
            taken, self._bought[purchase.payment_id] = claw_back_by_rules(purchase, refund)
            given = [(each.rule_id, each.points) for each in taken.given]
            self._give_back(Tally(taken.points, given, taken.counted))

    def reverse(self, one: Told) -> None:
        """Take back all that an event earned, and give back of limits."""
        self.sums.returned_then += one.event.points
        if tally := self._told.get(one.event.id):
            self._give_back(tally)

    def _give_back(self, taken: Tally) -> None:
        self.sums.returned += taken.points
        for rule_id, points in taken.rules:
            self.sums.rules[rule_id].returned += points
        for counter, count in taken.counted:
            self._uses[counter] -= count

    def _judge(self, one: Bought) -> Tally:
        """Return what a purchase earns; of one that came back, in part or whole, all that a return asks is kept."""
        rules, asked = self._rules, self._rules.asked.get(Trigger.PURCHASE, NOTHING_ASKED)
        known = self._known_beside(asked, one) if asked.beside else NOTHING_KNOWN
        facts = facts_of_purchase(asked.fields, one.purchase, known, timezone=rules.timezone)
        if rules.quick and not one.refunds:
            return rules.quick.tally(facts, self._uses)
        outcome = evaluate(rules.ready, facts, self._uses, rules.rounding)
        if one.refunds and outcome.points <= rules.max_points:
            self._keep(one.purchase, outcome)
        return _tally(outcome)

    def _judge_event(self, one: Told) -> Tally:
        rules = self._rules
        if (asked := rules.asked.get(one.event.trigger)) is None:
            return _NOTHING
        known = self._known(asked, dict(one.known or NOTHING_KNOWN), self._asked_then(one.event.trigger, one.event))
        facts = facts_of_event(asked.fields, one.event, known, timezone=rules.timezone)
        return _tally(evaluate(rules.ready, facts, self._uses, rules.rounding))

    def _known_beside(self, asked: Asked, one: Bought) -> dict[str, Any]:
        said = dict(one.known or NOTHING_KNOWN)
        if one.purchase.merchant_id:
            said[MERCHANT_ID] = str(one.purchase.merchant_id)
        sure = self._asked_then(Trigger.PURCHASE, one.purchase)
        # One that a merchant recorded says whose it is, also where it is no merchant's.
        return self._known(asked, said, sure | {MERCHANT_ID} if one.purchase.reference else sure)

    def _asked_then(self, trigger: Trigger, judged: Purchase | Event) -> frozenset[str]:
        """Return what the rules asked that judged something: what was there of it was kept, and else there was none."""
        version = judged.rules_version
        return self._rules.asked_then(version).get(trigger, NOTHING_NEEDED).fields if version else NOTHING_NEEDED.fields

    def _known(self, asked: Asked, said: dict[str, Any], sure: frozenset[str]) -> dict[str, Any]:
        """Return what rules are told beside what happened: as it was then, where it was asked then, else what is known
        today.

        Of what was not asked is counted how often.
        """
        known = {name: value for name, value in self._today.items() if name not in sure} | said
        for name in asked.beside:
            if name not in said and name not in sure:
                self.sums.unsure[name] = self.sums.unsure.get(name, 0) + 1
        if IS_FIRST_PURCHASE in asked.beside:
            known.setdefault(IS_FIRST_PURCHASE, not self._has_bought)
        return known

    def _counts(self, tally: Tally) -> bool:
        """Count what was earned, or that it was more than the programme lets be earned at once, which is none."""
        if tally.points > self._rules.max_points:
            self.sums.refused += 1
            return False
        self.sums.points += tally.points
        rules = self.sums.rules
        for rule_id, points in tally.rules:
            if (known := rules.get(rule_id)) is None:
                known = rules[rule_id] = RuleSum()
            known.times += 1
            known.points += points
        for counter, count in tally.counted:
            self._uses[counter] = self._uses.get(counter, 0) + count
        return True

    def _keep(self, purchase: Purchase, outcome: Outcome) -> None:
        by_rules = ByRules(member_id=purchase.member_id, timezone=self._rules.timezone, known={}, outcome=outcome)
        self._bought[purchase.payment_id] = judged(purchase, 0, by_rules)


_NOTHING = Tally(0, (), ())


def _tally(outcome: Outcome) -> Tally:
    by_rule = [(each.rule_id, each.points) for each in outcome.rules if each.points]
    return Tally(outcome.points, by_rule, outcome.counted)
