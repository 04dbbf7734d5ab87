"""Conditions: one closed tree of questions, with an interpreter that is fast, one that explains, and one in SQL."""

from points.earning.rules.conditions.closures import LINES, Test, Values, compiled
from points.earning.rules.conditions.explain import Explained, explained
from points.earning.rules.conditions.fields import (
    OPERATORS,
    SEGMENTS,
    TIER,
    EventType,
    Field,
    Schema,
    Type,
    fields_of,
    is_of,
    typed,
)
from points.earning.rules.conditions.reading import condition_of, read_condition
from points.earning.rules.conditions.sql import Columns, sql
from points.earning.rules.conditions.tree import All, AnyLine, AnyOf, Condition, Leaf, Not, fields_asked, texts_asked
from points.earning.rules.conditions.words import in_words, money

__all__ = [
    "LINES",
    "OPERATORS",
    "SEGMENTS",
    "TIER",
    "All",
    "AnyLine",
    "AnyOf",
    "Columns",
    "Condition",
    "EventType",
    "Explained",
    "Field",
    "Leaf",
    "Not",
    "Schema",
    "Test",
    "Type",
    "Values",
    "compiled",
    "condition_of",
    "explained",
    "fields_asked",
    "fields_of",
    "in_words",
    "is_of",
    "money",
    "read_condition",
    "sql",
    "texts_asked",
    "typed",
]
