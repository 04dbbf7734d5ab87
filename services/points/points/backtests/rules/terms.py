"""What a backtest is made under beside its rules: what the programme said when it was asked for."""

from msgspec import Struct

from points.earning.rules import Rounding


class Terms(Struct, frozen=True, kw_only=True):
    """The version's rules by their ids, how they round, and the programme's own words.

    `value_points` are worth `value_amount` minor units of the `currency`; a purchase that would earn more than
    `max_points` is none that the programme takes.
    """

    rule_ids: tuple[str, ...]
    rounding: Rounding
    timezone: str
    currency: str
    value_points: int
    value_amount: int
    max_points: int

    def cost_of(self, points: int) -> int:
        """Return what points are worth in minor units, rounded down once."""
        return points * self.value_amount // self.value_points
