"""Which rules are met, and on which parts of a purchase."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from points.earning.rules.conditions import Test, compiled, fields_asked
from points.earning.rules.engine.outcome import Why
from points.earning.rules.facts import Facts
from points.earning.rules.rule import (
    Counter,
    Fixed,
    PerAmount,
    Period,
    PerQuantity,
    Rule,
    RuleSet,
    Stacking,
    Trigger,
    counter_of,
)

IS_FIRST_PURCHASE = "member.is_first_purchase"


class ReadyRule(Struct, frozen=True):
    """A rule with its conditions as functions."""

    rule: Rule
    test: Test | None
    line_test: Test | None


class Needs(Struct, frozen=True):
    """What whoever asks rules has to look up: the fields that they ask, and the periods of their limits."""

    fields: frozenset[str] = frozenset()
    periods: frozenset[Period] = frozenset()


NOTHING_NEEDED = Needs()


class ReadyRules(Struct, frozen=True):
    """A set of rules, ready to be asked often: by what happens, those that are looked at then, what they need, and
    their ids."""

    stacking: Stacking
    by_trigger: Mapping[Trigger, tuple[ReadyRule, ...]]
    needs: Mapping[Trigger, Needs]
    ids: Mapping[Trigger, frozenset[str]]


class Looked(Struct, frozen=True):
    """A rule at its place in the order, with the units that its effect is on, or why it has none.

    Units are numbers: of the lines, then one for what no line has, then one for what is fixed.
    """

    place: int
    rule: Rule
    units: tuple[int, ...] = ()
    why: Why | None = None
    limit: Counter | None = None


def ready(rules: RuleSet) -> ReadyRules:
    """Return a set of rules ready to be asked; keep it for as long as the set is active."""
    by_trigger: dict[Trigger, list[ReadyRule]] = {}
    for rule in rules.rules:
        tests = [compiled(one) if one else None for one in (rule.condition, rule.lines)]
        trigger = Trigger.PURCHASE if rule.trigger is Trigger.FIRST_PURCHASE else rule.trigger
        by_trigger.setdefault(trigger, []).append(ReadyRule(rule, *tests))
    needs = {trigger: _needs([one.rule for one in found]) for trigger, found in by_trigger.items()}
    ids = {trigger: frozenset(one.rule.id for one in found) for trigger, found in by_trigger.items()}
    return ReadyRules(rules.stacking, {trigger: tuple(found) for trigger, found in by_trigger.items()}, needs, ids)


def _needs(rules: Sequence[Rule]) -> Needs:
    asked = {name for rule in rules for one in (rule.condition, rule.lines) for name in fields_asked(one)}
    if any(rule.trigger is Trigger.FIRST_PURCHASE for rule in rules):
        asked.add(IS_FIRST_PURCHASE)
    return Needs(frozenset(asked), frozenset(limit.per for rule in rules for limit in rule.limits))


def look(rules: ReadyRules, facts: Facts, uses: Mapping[Counter, int]) -> list[Looked]:
    """Look at each rule of what happened, in their order."""
    found = rules.by_trigger.get(facts.trigger, ())
    return [_look(place, one, facts, uses) for place, one in enumerate(found)]


def _look(place: int, one: ReadyRule, facts: Facts, uses: Mapping[Counter, int]) -> Looked:
    rule = one.rule
    if rule.trigger is Trigger.FIRST_PURCHASE and facts.values.get(IS_FIRST_PURCHASE) is not True:
        return Looked(place, rule, why=Why.NOT_FIRST_PURCHASE)
    if one.test and not one.test(facts.values):
        return Looked(place, rule, why=Why.CONDITION)
    units = _units(rule, one.line_test, facts)
    if one.line_test and not units:
        return Looked(place, rule, why=Why.NO_LINE)
    if rule.limits and (used_up := _used_up(rule, facts, uses)):
        return Looked(place, rule, why=Why.LIMIT, limit=used_up)
    return Looked(place, rule, units)


# The place of a rule, and the lines that its effect is on: None where that is on all there is.
Met = tuple[int, tuple[int, ...] | None]


def met(found: Sequence[ReadyRule], facts: Facts, uses: Mapping[Counter, int]) -> list[Met]:
    """Return the rules that `look` finds met with something left of their limits: all that many purchases need."""
    values, those = facts.values, list[Met]()
    for place, one in enumerate(found):
        rule, units = one.rule, None
        if rule.trigger is Trigger.FIRST_PURCHASE and values.get(IS_FIRST_PURCHASE) is not True:
            continue
        if one.test and not one.test(values):
            continue
        if one.line_test and not (units := _lines(one.line_test, facts)):
            continue
        if not rule.limits or not _used_up(rule, facts, uses):
            those.append((place, units))
    return those


def _lines(test: Test, facts: Facts) -> tuple[int, ...]:
    lines = enumerate(facts.lines)
    return tuple([unit for unit, line in lines if line.values is not None and test(line.values)])


def _units(rule: Rule, test: Test | None, facts: Facts) -> tuple[int, ...]:
    if isinstance(rule.effect, Fixed):
        return (len(facts.parts),)
    if not test:
        return tuple(range(len(facts.parts)))
    return _lines(test, facts)


def _used_up(rule: Rule, facts: Facts, uses: Mapping[Counter, int]) -> Counter | None:
    for limit in rule.limits:
        counter = counter_of(rule, limit, facts.day)
        if uses.get(counter, 0) >= limit.most:
            return counter
    return None


Worth = Callable[[Looked, int], int]


def worth_of(facts: Facts, denominator: int) -> Worth:
    """Return what tells how much a rule is worth on a unit, alone; of a multiplier, by how much it multiplies."""

    def worth(one: Looked, unit: int) -> int:
        effect = one.rule.effect
        if isinstance(effect, PerAmount):
            return effect.points * facts.parts[unit] * (denominator // effect.amount)
        if isinstance(effect, PerQuantity):
            return effect.points * _pieces(facts, unit) * denominator
        return effect.points * denominator if isinstance(effect, Fixed) else effect.hundredths

    return worth


def _pieces(facts: Facts, unit: int) -> int:
    is_line = unit < len(facts.lines) and facts.lines[unit].values is not None
    return facts.lines[unit].quantity if is_line else 0


def stacked(group: Sequence[Looked], stacking: Stacking, worth: Worth) -> dict[int, list[int]]:
    """Return the units on which each rule of a group counts, by its place: each unit chooses for itself.

    A rule that is worth nothing on a unit stands in nobody's way there.
    """
    there: dict[int, list[Looked]] = {}
    for one in group:
        for unit in one.units:
            if worth(one, unit):
                there.setdefault(unit, []).append(one)
    counts: dict[int, list[int]] = {}
    for unit, rules in sorted(there.items()):
        for one in _chosen(rules, unit, stacking, worth):
            counts.setdefault(one.place, []).append(unit)
    return counts


def _chosen(rules: Sequence[Looked], unit: int, stacking: Stacking, worth: Worth) -> Sequence[Looked]:
    if stacking is Stacking.ALL:
        return rules
    return [rules[0] if stacking is Stacking.FIRST else max(rules, key=lambda one: worth(one, unit))]
