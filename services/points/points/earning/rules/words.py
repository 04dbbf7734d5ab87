"""A rule as a sentence for people. It is rendered and never parsed."""

from collections.abc import Iterator

from points.earning.rules.conditions import in_words, money
from points.earning.rules.rule import Effect, Fixed, Limit, MostUses, PerAmount, PerQuantity, Rule, Trigger

_WHEN = {
    Trigger.PURCHASE: "a purchase",
    Trigger.FIRST_PURCHASE: "a member's first purchase",
    Trigger.EVENT: "an event",
    Trigger.REGISTRATION: "a registration",
    Trigger.BIRTHDAY: "a birthday",
}


def rule_in_words(rule: Rule, *, currency: str) -> str:
    """Return a rule in words: `for a purchase, if channel is app: × 2 on lines with category is shoes`."""
    asked = f", if {in_words(rule.condition, currency=currency)}" if rule.condition else ""
    return f"for {_WHEN[rule.trigger]}{asked}: {effect_in_words(rule, currency=currency)}"


def effect_in_words(rule: Rule, *, currency: str) -> str:
    """Return what a rule does where it is met: `× 2 on lines with category is shoes; at most 500 points a month`."""
    lines = f" on lines with {in_words(rule.lines, currency=currency)}" if rule.lines else ""
    return "; ".join([_effect(rule.effect, currency) + lines, *_rest(rule)])


def _effect(effect: Effect, currency: str) -> str:
    match effect:
        case Fixed(points):
            return _points(points)
        case PerAmount(points, amount):
            return f"{_points(points)} for each {money(amount, currency)}"
        case PerQuantity(points):
            return f"{_points(points)} for each piece"
        case _:
            whole, part = divmod(effect.hundredths, 100)
            return f"× {whole}" + (f".{part:02d}" if part else "")


def _points(points: int) -> str:
    return "1 point" if points == 1 else f"{points} points"


def _rest(rule: Rule) -> Iterator[str]:
    yield from map(_limit, rule.limits)
    if rule.pending_days is not None:
        yield f"pending for {rule.pending_days} days" if rule.pending_days else "at once"
    if rule.lifetime:
        yield "with a lifetime of its own"


def _limit(limit: Limit) -> str:
    per = "ever" if limit.per == "ever" else f"a {limit.per}"
    if isinstance(limit, MostUses):
        return "once " + ("ever" if per == "ever" else per) if limit.most == 1 else f"at most {limit.most} times {per}"
    beyond = "" if limit.beyond == "trim" else ", or none"
    return f"at most {_points(limit.most)} {per}{beyond}"
