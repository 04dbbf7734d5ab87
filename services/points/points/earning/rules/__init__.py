"""Which rules members earn by, what each gives, and why: decided without a database.

    rules = read_rules(document, fields_of(schema))          # RulesInvalid has all faults, with JSON pointers
    asked = ready(rules)                                      # once, for as long as the set is active
    facts = facts_of(fields, trigger=…, values=…, at=…, …)
    outcome = evaluate(asked, facts, uses, rounding)          # uses: counters_of(rules, facts.day), locked and read
    taken = taken_back(outcome, before, back)

docs/points/rules.md says what each of them does.
"""

from points.earning.rules.carts import Cart, CartLine, Who, cart_values, lines_of, own_values, typed_values, who_values
from points.earning.rules.conditions import (
    OPERATORS,
    SEGMENTS,
    Columns,
    Condition,
    EventType,
    Explained,
    Field,
    Schema,
    Type,
    compiled,
    explained,
    fields_of,
    in_words,
    read_condition,
    sql,
    texts_asked,
    typed,
)
from points.earning.rules.engine import (
    IS_FIRST_PURCHASE,
    NOTHING_NEEDED,
    Given,
    LineOutcome,
    Needs,
    Outcome,
    Part,
    QuickRules,
    ReadyRules,
    RuleExplained,
    RuleOutcome,
    Tally,
    Why,
    can_be_quick,
    evaluate,
    explanations,
    ready,
)
from points.earning.rules.events import Event, event_faults, event_schemas, event_values
from points.earning.rules.facts import Facts, Line, facts_of, local_time
from points.earning.rules.faults import Fault, RulesInvalid
from points.earning.rules.reading import read_rules
from points.earning.rules.returns import Back, Returned, Taken, both, taken_back
from points.earning.rules.rule import (
    Counter,
    Period,
    Rounding,
    Rule,
    RuleSet,
    Stacking,
    Trigger,
    counters_of,
    period_of,
)
from points.earning.rules.schemas import read_schema, schema_json
from points.earning.rules.versions import Span, changed_with, end_of, next_start, span_of, state_of
from points.earning.rules.words import effect_in_words, rule_in_words

__all__ = [
    "IS_FIRST_PURCHASE",
    "NOTHING_NEEDED",
    "OPERATORS",
    "SEGMENTS",
    "Back",
    "Cart",
    "CartLine",
    "Columns",
    "Condition",
    "Counter",
    "Event",
    "EventType",
    "Explained",
    "Facts",
    "Fault",
    "Field",
    "Given",
    "Line",
    "LineOutcome",
    "Needs",
    "Outcome",
    "Part",
    "Period",
    "QuickRules",
    "ReadyRules",
    "Returned",
    "Rounding",
    "Rule",
    "RuleExplained",
    "RuleOutcome",
    "RuleSet",
    "RulesInvalid",
    "Schema",
    "Span",
    "Stacking",
    "Taken",
    "Tally",
    "Trigger",
    "Type",
    "Who",
    "Why",
    "both",
    "can_be_quick",
    "cart_values",
    "changed_with",
    "compiled",
    "counters_of",
    "effect_in_words",
    "end_of",
    "evaluate",
    "event_faults",
    "event_schemas",
    "event_values",
    "explained",
    "explanations",
    "facts_of",
    "fields_of",
    "in_words",
    "lines_of",
    "local_time",
    "next_start",
    "own_values",
    "period_of",
    "read_condition",
    "read_rules",
    "read_schema",
    "ready",
    "rule_in_words",
    "schema_json",
    "span_of",
    "sql",
    "state_of",
    "taken_back",
    "texts_asked",
    "typed",
    "typed_values",
    "who_values",
]
