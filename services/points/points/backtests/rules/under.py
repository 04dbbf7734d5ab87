"""What a backtest asks its rules under: what they ask of each kind of happening, and what the programme says."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from points.earning.rules import (
    Field,
    Needs,
    QuickRules,
    ReadyRules,
    Rounding,
    Trigger,
    can_be_quick,
)

MERCHANT_ID = "purchase.merchant_id"
# What is known beside the rows of what happened.
_BESIDE = ("member.", MERCHANT_ID)


class Asked(Struct, frozen=True):
    """What the rules of one trigger ask: only this is looked at. `beside` are the fields that are not of its rows."""

    fields: Mapping[str, Field]
    beside: tuple[str, ...]


# What each version of the programme's rules asked, by what happened.
AskedThen = Callable[[int], Mapping[Trigger, Needs]]


class Under(Struct, frozen=True, kw_only=True):
    """The rules that are tried, with what they ask, and what the programme says; `quick` where purchases can be asked
    so. A trigger that is not `asked` has no rules. `asked_then` says what the rules asked that judged something."""

    ready: ReadyRules
    quick: QuickRules | None
    fields: Mapping[str, Field]
    needs: Needs
    asked: Mapping[Trigger, Asked]
    asked_then: AskedThen
    rounding: Rounding
    timezone: str
    max_points: int


NOTHING_ASKED = Asked({}, ())


def under(
    ready: ReadyRules,
    fields: Mapping[str, Field],
    *,
    asked_then: AskedThen,
    rounding: Rounding,
    timezone: str,
    max_points: int,
) -> Under:
    """Return rules that are to be tried; only what they ask is looked at."""
    asked = {trigger: _asked(fields, needs) for trigger, needs in ready.needs.items()}
    needs = Needs(frozenset(name for one in ready.needs.values() for name in one.fields))
    return Under(
        ready=ready,
        quick=QuickRules(ready, rounding) if can_be_quick(ready) else None,
        fields={name: field for name, field in fields.items() if name in needs.fields},
        needs=needs,
        asked=asked,
        asked_then=asked_then,
        rounding=rounding,
        timezone=timezone,
        max_points=max_points,
    )


def _asked(fields: Mapping[str, Field], needs: Needs) -> Asked:
    beside = tuple(sorted(name for name in needs.fields if name.startswith(_BESIDE)))
    return Asked({name: field for name, field in fields.items() if name in needs.fields}, beside)
