"""Random schemas' values, conditions, sets of rules, carts and returns: few names and values, so that they meet."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from points.earning.rules import Field, Schema, Type, fields_of
from points.earning.rules.conditions import OPERATORS
from tests.rules.earning.reference import Cart

SCHEMA = Schema(
    purchase_metadata={
        "note": Type.TEXT,
        "count": Type.INTEGER,
        "is_gift": Type.BOOLEAN,
        "due": Type.DATE,
        "at": Type.INSTANT,
        "tags": Type.TEXTS,
        "size": ("s", "m", "l"),
    },
    line_metadata={"is_organic": Type.BOOLEAN},
    attributes={"points": Type.INTEGER},
    event_data={"stars": Type.INTEGER},
)
FIELDS = fields_of(SCHEMA)
DAY = date(2026, 3, 7)
INTEGERS = [-1, 0, 1, 12, 2000, 2**63 - 1]
TEXTS = ["a", "ab", "shoes", "books", "Žluť"]
DAYS = ["2026-03-06", "2026-03-07", "2026-03-08"]
INSTANTS = ["2026-03-07T10:00:00+00:00", "2026-03-07T12:00:00+01:00", "2026-03-07T12:00:00.000001Z"]


def written(field: Field) -> st.SearchStrategy[Any]:
    """A value of a field, as JSON writes it; of one that is a list, one text."""
    pools: dict[Type, Any] = {
        Type.INTEGER: INTEGERS,
        Type.BOOLEAN: [True, False],
        Type.DATE: DAYS,
        Type.INSTANT: INSTANTS,
        Type.ENUM: field.values[:3],
    }
    return st.sampled_from(pools.get(field.type, TEXTS))


@st.composite
def leaves(draw: st.DrawFn, places: frozenset[str]) -> dict[str, Any]:
    """A leaf about a field of these places."""
    field = draw(st.sampled_from([one for one in FIELDS.values() if one.place in places]))
    op = draw(st.sampled_from(OPERATORS[field.type]))
    value: Any = st.booleans() if op == "exists" else written(field)
    if op in ("in", "not_in", "has_any"):
        value = st.lists(value, min_size=1, max_size=3)
    if op == "between":
        value = st.lists(value, min_size=2, max_size=2).map(lambda two: sorted(two, key=_read(field)))
    return {"field": field.name, "op": op, "value": draw(value)}


def _read(field: Field) -> Any:
    from points.earning.rules.conditions.fields import typed

    return lambda one: typed(field, one)


PLACES = frozenset({"purchase", "member", "time"})


def conditions(places: frozenset[str] = PLACES, depth: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """A condition that asks fields of these places."""
    if not depth:
        return leaves(places)
    inner = conditions(places, depth - 1)
    several = st.lists(inner, min_size=1, max_size=3)
    kinds = [leaves(places), st.builds(lambda one: {"not": one}, inner)]
    kinds += [st.builds(lambda some, name=name: {name: some}, several) for name in ("all", "any")]
    if "purchase" in places:
        kinds.append(conditions(frozenset({"line"}), depth - 1).map(lambda one: {"any_line": one}))
    return st.one_of(kinds)


@st.composite
def values(draw: st.DrawFn, places: frozenset[str] = PLACES) -> dict[str, Any]:
    """Values of fields of these places, as Python has them; some are missing."""
    from points.earning.rules.conditions.fields import typed

    known = {}
    for field in FIELDS.values():
        if field.place in places and field.place != "time" and draw(st.integers(0, 3)):
            some = st.lists(written(field), max_size=2) if field.type is Type.TEXTS else written(field)
            known[field.name] = typed(field, draw(some))
    return known


_CATEGORY = st.sampled_from(["shoes", "books"]).map(lambda one: {"field": "line.category", "op": "eq", "value": one})
_FIRST = st.just({"field": "member.is_first_purchase", "op": "eq", "value": True})
_POINTS = st.sampled_from([1, 2, 3, 7, 100])
_LIMITS = st.builds(
    lambda of, most, per, beyond: {"of": of, "most": most, "per": per} | ({"beyond": beyond} if of == "points" else {}),
    st.sampled_from(["uses", "points", "points"]),
    st.integers(1, 60),
    st.sampled_from(["day", "week", "month", "year", "ever"]),
    st.sampled_from(["trim", "refuse"]),
)
_BASES = st.one_of(
    st.builds(
        lambda p, a: {"kind": "per_amount", "points": p, "amount": a}, _POINTS, st.sampled_from([1, 7, 100, 130])
    ),
    st.builds(lambda p: {"kind": "per_quantity", "points": p}, _POINTS),
    st.builds(lambda h: {"kind": "multiplier", "hundredths": h}, st.sampled_from([101, 133, 150, 200, 300])),
)
_FIXED = st.builds(lambda p: {"kind": "fixed", "points": p}, _POINTS)


@st.composite
def rules(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """A rule that purchases mostly look at, and mostly meet."""
    trigger = draw(st.sampled_from(["purchase"] * 5 + ["first_purchase", "event", "registration"]))
    is_purchase = trigger.endswith("purchase")
    effect = draw(st.one_of(_BASES, _BASES, _FIXED) if is_purchase else _FIXED)
    rule = {"id": f"r{number}", "name": "x", "trigger": trigger, "effect": effect}
    rule["priority"] = draw(st.integers(-1, 1))
    if effect["kind"] != "fixed" and draw(st.booleans()):
        rule["lines"] = draw(st.one_of(_CATEGORY, conditions(frozenset({"line"}), 1)))
    if draw(st.integers(0, 3)) == 0:
        rule["condition"] = draw(st.one_of(_FIRST, conditions(depth=1)) if is_purchase else _FIRST)
    limits = draw(st.lists(_LIMITS, max_size=2, unique_by=lambda one: (one["of"], one["per"])))
    return rule | {"limits": limits}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A set of rules."""
    found = [draw(rules(number)) for number in range(draw(st.integers(1, 7)))]
    return {"language": 1, "stacking": draw(st.sampled_from(["all", "all", "best", "first"])), "rules": found}


@st.composite
def carts(draw: st.DrawFn) -> Cart:
    """A purchase, mostly with lines."""
    trigger = draw(st.sampled_from(["purchase"] * 6 + ["event", "registration"]))
    if trigger != "purchase":
        return Cart(trigger, DAY, draw(values(frozenset({"event", "member"}))))
    lines = [draw(_lines(number)) for number in range(draw(st.integers(0, 4)))]
    amount = sum(line["amount"] for line in lines) + draw(st.sampled_from([0, 0, 1, 999]))
    earning = draw(st.one_of(st.none(), st.integers(0, amount)))
    return Cart("purchase", DAY, draw(values(frozenset({"purchase", "member"}))), amount, earning, lines)


@st.composite
def _lines(draw: st.DrawFn, number: int) -> dict[str, Any]:
    known = draw(values(frozenset({"line"})))
    known |= {"line.category": draw(st.sampled_from(["shoes", "books"]))}
    return {
        "id": f"l{number}",
        "amount": draw(st.sampled_from([0, 1, 33, 50, 1001, 3333])),
        "quantity": draw(st.integers(0, 3)),
        "values": known if draw(st.integers(0, 5)) else None,
    }
