"""Rules as sentences."""

from typing import Any

import pytest

from points.earning.rules import Schema, fields_of, read_rules, rule_in_words
from tests.rules.earning.factories import DOUBLE, PER_EURO, SHOES, fixed, rule, rule_set

APP = {"field": "purchase.channel", "op": "eq", "value": "app"}
ONCE = {"of": "uses", "most": 1, "per": "ever"}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (rule("r", PER_EURO), "for a purchase: 1 point for each 1.00 EUR"),
        (rule("r", {"kind": "per_quantity", "points": 5}), "for a purchase: 5 points for each piece"),
        (rule("r", DOUBLE, lines=SHOES), "for a purchase: × 2 on lines with category is shoes"),
        (rule("r", {"kind": "multiplier", "hundredths": 150}), "for a purchase: × 1.50"),
        (
            rule("r", fixed(100), condition=APP, trigger="first_purchase", limits=[ONCE]),
            "for a member's first purchase, if channel is app: 100 points; once ever",
        ),
        (
            rule("r", fixed(5), trigger="birthday", limits=[{"of": "uses", "most": 2, "per": "year"}], pending_days=0),
            "for a birthday: 5 points; at most 2 times a year; at once",
        ),
        (
            rule(
                "r",
                PER_EURO,
                limits=[{"of": "points", "most": 1, "per": "day"}],
                pending_days=14,
                lifetime={"kind": "never"},
            ),
            "for a purchase: 1 point for each 1.00 EUR; at most 1 point a day; pending for 14 days;"
            " with a lifetime of its own",
        ),
        (
            rule("r", PER_EURO, limits=[{"of": "points", "most": 500, "per": "ever", "beyond": "refuse"}]),
            "for a purchase: 1 point for each 1.00 EUR; at most 500 points ever, or none",
        ),
    ],
)
def test_a_rule_is_said_in_words(said: dict[str, Any], sentence: str) -> None:
    (read,) = read_rules(rule_set(said), fields_of(Schema())).rules

    assert rule_in_words(read, currency="EUR") == sentence
