"""Money: whole minor units and an ISO 4217 currency; never a float."""

from collections.abc import Sequence
from dataclasses import dataclass

# Currency → digits after the point (ISO 4217 "minor unit").
EXPONENTS = {
    "AUD": 2, "BHD": 3, "BRL": 2, "CAD": 2, "CHF": 2, "CZK": 2, "DKK": 2, "EUR": 2, "GBP": 2, "HUF": 2,
    "INR": 2, "JPY": 0, "KRW": 0, "KWD": 3, "MXN": 2, "NOK": 2, "NZD": 2, "PLN": 2, "SEK": 2, "USD": 2,
}  # fmt: skip
# Far below 2**63, so that a sum of millions of amounts still fits PostgreSQL's bigint.
LARGEST_AMOUNT = 10**12


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency."""

    amount: int
    currency: str

    def json(self) -> dict[str, int | str]:
        """Return the one shape in which money leaves this system."""
        return {"amount": self.amount, "currency": self.currency}


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Split a whole number by weights so that the parts add up to it exactly.

    Largest remainder, ties to the earlier part; all weights zero gives equal weights.
    `total` may not be negative.
    """
    assert total >= 0
    assert min(weights) >= 0
    whole = sum(weights)
    if not whole:
        return share(total, [1] * len(weights))
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts
