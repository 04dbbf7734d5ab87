"""The table: name, rate, the limit's rate, their ratio, the aim, and whether it was reached."""

from dataclasses import dataclass

COLUMNS = f"{'what':44}{'per second':>12}{'limit':>12}{'ratio':>8}{'aim':>7}  ok?  more"


@dataclass(frozen=True)
class Row:
    """One figure beside its limit; both per second, as measured."""

    name: str
    rate: float
    limit: float
    aim: float
    more: str = ""

    @property
    def ratio(self) -> float:
        return self.rate / self.limit

    def text(self) -> str:
        """Return the row as a line of the table."""
        reached = "yes" if self.ratio >= self.aim else "NO"
        numbers = f"{self.rate:>12,.0f}{self.limit:>12,.0f}{self.ratio:>8.2f}{self.aim:>7.2f}"
        return f"{self.name:44}{numbers}  {reached:3}  {self.more}"
