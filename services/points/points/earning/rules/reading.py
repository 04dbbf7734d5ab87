"""Reads a set of rules from JSON, and says all that is wrong with it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from points.earning.rules.conditions import Field, condition_of
from points.earning.rules.faults import Faults, below
from points.earning.rules.rule import (
    MOST_RULES,
    Fixed,
    Limit,
    MostPoints,
    MostUses,
    Multiplier,
    PerAmount,
    PerQuantity,
    Rule,
    RuleSet,
    Stacking,
    Trigger,
)
from points.programmes.rules import LONGEST_WAIT
from points.programmes.rules.expiry import policy_of
from shared.texts import composed, is_text

MOST_LIMITS = 5
_PURCHASES = (Trigger.PURCHASE, Trigger.FIRST_PURCHASE)
_PLACES = {
    Trigger.PURCHASE: {"purchase", "member", "time"},
    Trigger.FIRST_PURCHASE: {"purchase", "member", "time"},
    Trigger.EVENT: {"event", "member", "time"},
    Trigger.REGISTRATION: {"member", "time"},
    Trigger.BIRTHDAY: {"member", "time"},
}
_SET: Mapping[str, Any] = {
    "language": Literal[1],
    "stacking": Stacking,
    "rules": Annotated[list[Any], Meta(min_length=1, max_length=MOST_RULES)],
}
# What each member of a rule must look like; the others are read apart.
_RULE: Mapping[str, Any] = {
    "id": Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}\Z")],
    "name": Annotated[str, Meta(min_length=1, max_length=100)],
    "trigger": Trigger,
    "priority": Annotated[int, Meta(ge=-1_000, le=1_000)],
    "pending_days": Annotated[int, Meta(ge=0, le=LONGEST_WAIT)] | None,
    "effect": dict[str, Any],
    "limits": Annotated[list[Any], Meta(max_length=MOST_LIMITS)],
    "lifetime": dict[str, Any] | None,
    "condition": dict[str, Any] | None,
    "lines": dict[str, Any] | None,
}
_EFFECTS: Mapping[str, Any] = {
    "fixed": Fixed,
    "per_amount": PerAmount,
    "per_quantity": PerQuantity,
    "multiplier": Multiplier,
}
_LIMITS: Mapping[str, Any] = {"uses": MostUses, "points": MostPoints}


def read_rules(value: Any, fields: Mapping[str, Field]) -> RuleSet:
    """Return the set of rules that a JSON value says, in the order in which they are looked at.

    :raises RulesInvalid: it says none; with all that is wrong.
    """
    faults = Faults()
    found = _members(value, _SET, _SET, "", faults)
    given = found.get("rules", ())
    reader = _Reader(fields, faults)
    rules = [reader.rule(one, below("/rules", place)) for place, one in enumerate(given)]
    reader.check_once([one.get("id") if isinstance(one, dict) else None for one in given])
    faults.refuse()
    ordered = sorted((rule for rule in rules if rule), key=lambda rule: rule.priority)
    return RuleSet(stacking=found["stacking"], rules=tuple(ordered))


class _Reader:
    """Reads rules one by one; what has a fault is None, and the fault is noted."""

    def __init__(self, fields: Mapping[str, Field], faults: Faults) -> None:
        self.fields, self.faults = fields, faults

    def rule(self, value: Any, pointer: str) -> Rule | None:
        before = len(self.faults.found)
        found = _members(value, _RULE, ("id", "name", "trigger", "effect"), pointer, self.faults)
        found = {name: one for name, one in found.items() if one is not None}
        if "effect" in found:
            found["effect"] = self._struct(found["effect"], "kind", _EFFECTS, below(pointer, "effect"))
        found["limits"] = self._limits(found.get("limits", ()), below(pointer, "limits"))
        self._read_lifetime(found, pointer)
        if "trigger" in found:
            self._check_effect(found, pointer)
            self._read_conditions(found, pointer)
        return None if len(self.faults.found) > before else Rule(**found)

    def _read_conditions(self, found: dict[str, Any], pointer: str) -> None:
        for name, places in (("condition", _PLACES[found["trigger"]]), ("lines", {"line"})):
            if name in found:
                at = below(pointer, name)
                found[name] = condition_of(found[name], self.fields, self.faults, places=places, pointer=at)

    def _read_lifetime(self, found: dict[str, Any], pointer: str) -> None:
        if "lifetime" in found:
            try:
                found["lifetime"] = policy_of(found["lifetime"])
            except ValueError as error:
                self.faults.add(below(pointer, "lifetime"), "wrong_value", str(error))

    def _limits(self, values: Sequence[Any], pointer: str) -> tuple[Limit, ...]:
        found = [self._struct(one, "of", _LIMITS, below(pointer, place)) for place, one in enumerate(values)]
        kinds = [(type(limit), limit.per) if limit else None for limit in found]
        for place, kind in enumerate(kinds):
            if kind and kind in kinds[:place]:
                self.faults.add(below(pointer, place), "named_twice", "There is such a limit of this period already.")
        return tuple(limit for limit in found if limit)

    def _struct(self, value: Any, tag: str, kinds: Mapping[str, Any], pointer: str) -> Any:
        """Return the struct of the kind that a value's tag names; None with its faults."""
        kind = value.get(tag) if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            at = below(pointer, tag) if isinstance(value, dict) and tag in value else pointer
            self.faults.add(at, "wrong_value", f"An object is expected whose `{tag}` is one of {', '.join(kinds)}.")
            return None
        before = len(self.faults.found)
        fields = msgspec.structs.fields(kinds[kind])
        rest = {name: one for name, one in value.items() if name != tag}
        known = {field.name: field.type for field in fields}
        found = _members(rest, known, [field.name for field in fields if field.required], pointer, self.faults)
        return None if len(self.faults.found) > before else kinds[kind](**found)

    def _check_effect(self, found: Mapping[str, Any], pointer: str) -> None:
        effect, is_purchase = found.get("effect"), found["trigger"] in _PURCHASES
        if effect and not is_purchase and not isinstance(effect, Fixed):
            self.faults.add(below(pointer, "effect"), "effect_needs_purchase", "Only `fixed` needs no purchase.")
        if "lines" in found and (isinstance(effect, Fixed) or not is_purchase):
            self.faults.add(below(pointer, "lines"), "lines_not_here", "Fixed points, and no purchase, have no lines.")

    def check_once(self, ids: Sequence[Any]) -> None:
        """Note each rule whose id an earlier one has."""
        for place, one in enumerate(ids):
            if one is not None and one in ids[:place]:
                self.faults.add(f"/rules/{place}/id", "named_twice", "There is a rule with this id already.")


def _members(
    value: Any, known: Mapping[str, Any], required: Collection[str], pointer: str, faults: Faults
) -> dict[str, Any]:
    """Return the members of an object that are as they must be, and note each that is not."""
    if not isinstance(value, dict):
        faults.add(pointer, "no_object", "An object is expected.")
        return {}
    for name in sorted(value.keys() - known.keys()):
        faults.add(below(pointer, name), "unknown_member", "There is no such member.")
    for name in required:
        if name not in value:
            faults.add(pointer, "member_missing", f"The member `{name}` is missing.")
    found = {}
    for name in [name for name in known if name in value]:
        try:
            found[name] = _converted(value[name], known[name])
        except ValueError as error:
            faults.add(below(pointer, name), "wrong_value", str(error))
    return found


def _converted(value: Any, kind: Any) -> Any:
    try:
        found = msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}.") from None
    if type(found) is not str:
        return found
    if not is_text(found):
        raise ValueError("A text without control characters is expected.")
    if found.isspace():
        raise ValueError("A text that is not blank is expected.")
    return composed(found)
