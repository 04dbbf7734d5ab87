"""A condition in SQL finds the rows that meet it: the same as the fast one says of each."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.json import encode

from points.earning.rules import Columns, Field, compiled, read_condition, sql
from points.earning.rules.conditions import LINES
from points.earning.rules.conditions.fields import Type
from tests.rules.earning.factories import SHOES, cart, facts, line
from tests.rules.earning.reference import Cart
from tests.rules.earning.strategies import DAY, FIELDS, PLACES, conditions, values

pytestmark = pytest.mark.django_db
_TYPES = {
    Type.INTEGER: "bigint",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.INSTANT: "timestamptz",
    Type.TEXTS: "text[]",
}
_OF_ROW = [field for field in FIELDS.values() if field.place in PLACES]
_OF_LINE = [field for field in FIELDS.values() if field.place == "line"]


def _column(field: Field) -> str:
    return f'{"line" if field.place == "line" else "happened"}."{field.name}"'


COLUMNS = Columns(column=_column, lines="line WHERE line.number = happened.number")


def _defined(fields: list[Field]) -> str:
    return ", ".join(f'"{field.name}" {_TYPES.get(field.type, "text")}' for field in fields)


def _rows(name: str, fields: list[Field]) -> str:
    return f"{name} AS (SELECT * FROM jsonb_to_recordset(%({name})s::jsonb) AS x (number bigint, {_defined(fields)}))"


def met(tree: dict[str, Any], carts: list[Cart]) -> list[int]:
    """Return the numbers of those that meet a condition, after a look at whether SQL finds the same."""
    condition = read_condition(tree, FIELDS, places=PLACES)
    known = list(enumerate(facts(one).values for one in carts))
    rows = {
        "happened": encode([{"number": number} | one | {LINES: []} for number, one in known]).decode(),
        "line": encode([{"number": number} | each for number, one in known for each in one[LINES]]).decode(),
    }
    where, parameters = sql(condition, COLUMNS)
    tables = f"WITH {_rows('happened', _OF_ROW)}, {_rows('line', _OF_LINE)}"
    with connection.cursor() as cursor:
        cursor.execute(f"{tables} SELECT number, {where} FROM happened ORDER BY number", parameters | rows)
        answers = dict(cursor.fetchall())
    assert answers == {number: compiled(condition)(one) for number, one in known}
    return [number for number, is_met in answers.items() if is_met]


_LINES = st.lists(values(frozenset({"line"})), max_size=2).map(
    lambda found: [line(str(number), 0) | {"values": one} for number, one in enumerate(found)]
)
_CARTS = st.builds(lambda known, lines: Cart("purchase", DAY, known, 0, None, lines), values(PLACES), _LINES)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conditions(), st.lists(_CARTS, min_size=1, max_size=3))
def test_sql_answers_as_the_fast_one_does(tree: dict[str, Any], carts: list[Cart]) -> None:
    met(tree, carts)


def test_a_missing_value_is_false_and_not_null() -> None:
    till = {"field": "purchase.channel", "op": "ne", "value": "till"}
    carts = [cart(), cart(channel="web"), cart(channel="till")]

    assert met(till, carts) == [1]
    assert met({"not": till}, carts) == [0, 2]


def test_a_text_of_a_caller_is_a_parameter() -> None:
    name = "') OR true OR ('%s%%(c0)s"

    assert met({"field": "purchase.channel", "op": "eq", "value": name}, [cart(channel=name), cart(channel="web")]) == [
        0
    ]
    assert sql(read_condition({"any_line": SHOES}, FIELDS), COLUMNS) == (
        "EXISTS (SELECT FROM line WHERE line.number = happened.number AND "
        'coalesce(line."line.category" = %(c0)s::text, false))',
        {"c0": "shoes"},
    )
