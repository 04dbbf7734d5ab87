"""Reads a scheme of tiers from JSON, and says all that is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from points.earning.rules.faults import Faults, below
from points.tiers.rules.metrics import read_metric
from points.tiers.rules.scheme import (
    LARGEST_THRESHOLD,
    LONGEST_GRACE,
    LONGEST_NOTICE,
    LONGEST_ROLLING,
    MOST_TIERS,
    Anniversary,
    Calendar,
    Rolling,
    Scheme,
    Tier,
    Window,
)
from shared.texts import composed, is_text

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
LONGEST_NAME = 100
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "upgrade": ("at_once", "period_end"),
    "returns": ("at_once", "period_end"),
    "downgrade": ("one", "all"),
}
_DAYS = {"notice_days": (1, LONGEST_NOTICE), "grace_days": (0, LONGEST_GRACE)}
_REQUIRED = ("metric", "window", "tiers")
_WINDOWS = {"calendar": {"kind", "month"}, "anniversary": {"kind"}, "rolling": {"kind", "days"}}


def read_scheme(value: Any) -> Scheme:
    """Return the scheme that a JSON value says.

    :raises RulesInvalid: it says none; with all that is wrong.
    """
    faults = Faults()
    if not _is_object(value, {*_CHOICES, *_DAYS, "requalify", *_REQUIRED}, _REQUIRED, "", faults):
        faults.refuse()
    found = {name: _choice(value[name], one, f"/{name}", faults) for name, one in _CHOICES.items() if name in value}
    if "metric" in value:
        found["metric"] = read_metric(value["metric"], faults)
    found |= {name: _integer(value[name], *most, f"/{name}", faults) for name, most in _DAYS.items() if name in value}
    if "requalify" in value:
        found["requalify"] = _yes_or_no(value["requalify"], "/requalify", faults)
    window = _window(value["window"], faults) if "window" in value else None
    if isinstance(window, Rolling) and found.get("upgrade") == "period_end":
        faults.add("/upgrade", "not_with_rolling", "A rolling window lets members rise at once.")
    tiers = _tiers(value["tiers"], faults) if "tiers" in value else ()
    faults.refuse()
    assert window
    return Scheme(window=window, tiers=tiers, **found)


def scheme_json(scheme: Scheme) -> dict[str, Any]:
    """Return a scheme as it is said and stored, without what it does not say."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(scheme))
    return {name: value for name, value in found.items() if value is not None}


def _is_object(value: Any, known: set[str], required: tuple[str, ...], pointer: str, faults: Faults) -> bool:
    if not isinstance(value, dict):
        faults.add(pointer, "no_object", "An object is expected.")
        return False
    for name in sorted(value.keys() - known):
        faults.add(below(pointer, name), "unknown_member", "There is no such member.")
    for name in required:
        if name not in value:
            faults.add(pointer, "member_missing", f"The member `{name}` is missing.")
    return all(name in value for name in required)


def _choice(value: Any, choices: tuple[str, ...], pointer: str, faults: Faults) -> Any:
    if type(value) is not str or value not in choices:
        faults.add(pointer, "wrong_value", f"One of {', '.join(choices)} is expected.")
    return value


def _yes_or_no(value: Any, pointer: str, faults: Faults) -> bool:
    if type(value) is not bool:
        faults.add(pointer, "wrong_value", "Either true or false is expected.")
    return bool(value)


def _integer(value: Any, least: int, most: int, pointer: str, faults: Faults) -> int:
    if type(value) is not int or not least <= value <= most:
        faults.add(pointer, "wrong_value", f"A whole number from {least} to {most} is expected.")
        return least
    return value


def _window(value: Any, faults: Faults) -> Window | None:
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _WINDOWS:
        detail = f"An object is expected whose `kind` is one of {', '.join(_WINDOWS)}."
        faults.add("/window", "wrong_value", detail)
        return None
    if not _is_object(value, _WINDOWS[kind], tuple(sorted(_WINDOWS[kind])), "/window", faults):
        return None
    if kind == "calendar":
        return Calendar(month=_integer(value["month"], 1, 12, "/window/month", faults))
    if kind == "rolling":
        return Rolling(days=_integer(value["days"], 1, LONGEST_ROLLING, "/window/days", faults))
    return Anniversary()


def _tiers(value: Any, faults: Faults) -> tuple[Tier, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_TIERS:
        faults.add("/tiers", "no_list", f"A list of 1 to {MOST_TIERS} tiers is expected.")
        return ()
    read = [_tier(one, f"/tiers/{place}", faults) for place, one in enumerate(value)]
    _check_codes(read, faults)
    for place, (lower, tier) in enumerate(pairwise(read), start=1):
        for name in ("enter", "stay") if lower and tier else ():
            _check_order(name, getattr(lower, name), getattr(tier, name), f"/tiers/{place}/{name}", faults)
    return tuple(tier for tier in read if tier)


def _check_codes(tiers: Sequence[Tier | None], faults: Faults) -> None:
    codes = [tier and tier.code for tier in tiers]
    for place, code in enumerate(codes):
        if code is not None and code in codes[:place]:
            faults.add(f"/tiers/{place}/code", "named_twice", "There is a tier with this code already.")


def _check_order(name: str, lower: int, value: int, pointer: str, faults: Faults) -> None:
    if value < lower or (name == "enter" and value == lower):
        detail = "More than the tier before it is expected." if name == "enter" else "The tier before it asks for more."
        faults.add(pointer, "not_in_order", detail)


def _tier(value: Any, pointer: str, faults: Faults) -> Tier | None:
    """Return a tier; who enters stays by as much, where it does not say by less."""
    if not _is_object(value, {"code", "name", "enter", "stay"}, ("code", "name", "enter"), pointer, faults):
        return None
    code, name = value["code"], value["name"]
    if type(code) is not str or not CODE.fullmatch(code):
        detail = "A small letter or a digit, then up to 63 of these, - and _."
        faults.add(below(pointer, "code"), "wrong_value", detail)
        return None
    if type(name) is not str or not 0 < len(name) <= LONGEST_NAME or not is_text(name) or not name.strip():
        detail = f"A text of 1 to {LONGEST_NAME} characters is expected that is not blank."
        faults.add(below(pointer, "name"), "wrong_value", detail)
        return None
    before = len(faults.found)
    enter = _integer(value["enter"], 0, LARGEST_THRESHOLD, below(pointer, "enter"), faults)
    stay = _integer(value.get("stay", enter), 0, LARGEST_THRESHOLD, below(pointer, "stay"), faults)
    if len(faults.found) > before:
        return None
    if stay > enter:
        faults.add(below(pointer, "stay"), "more_than_enter", "Who enters must be able to stay.")
    return Tier(code=code, name=composed(name), enter=enter, stay=stay)
