"""A slow engine, written from docs/points/rules.md alone: fractions, dictionaries, and none of the code it judges."""

from tests.rules.earning.reference.conditions import holds
from tests.rules.earning.reference.earning import Cart, Earned, earn
from tests.rules.earning.reference.returns import to_be_back

__all__ = ["Cart", "Earned", "earn", "holds", "to_be_back"]
