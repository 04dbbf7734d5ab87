"""What requests say that read points."""

from typing import Any

from points.ledger.rules.values import Kind, PendingState
from shared.http.fields import Body, Choice, ExternalId, Identifier, PageQuery
from shared.http.times import DAY_OR_INSTANT, DayOrInstant, Past


class BalanceQuery(Body):
    """Which balance: in which programme, and when (now, where `at` is left out)."""

    programme = Identifier(required=False)
    at = Past(required=False)


class TransactionsQuery(PageQuery):
    """Which transactions: whose, of which kind, posted from (inclusive) and to (exclusive) when.

    Where an operator names no member, everybody's: of all programmes, unless one is named.
    """

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
    kind = Choice(choices=[kind.value for kind in Kind], required=False)
    reference = ExternalId(max_length=100, required=False)

    def get_fields(self) -> dict[str, Any]:
        """Add `from` and `to`, which Python does not take as names."""
        first = DayOrInstant(required=False, help_text=f"of `created_at`, inclusive: {DAY_OR_INSTANT}")
        last = DayOrInstant(required=False, help_text=f"of `created_at`, exclusive: {DAY_OR_INSTANT}")
        return super().get_fields() | {"from": first, "to": last}


class PendingQuery(PageQuery):
    """Which pending points: whose (an operator who names nobody: everybody's), and in which state.

    Those that wait, where none is named.
    """

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
    state = Choice(choices=[state.value for state in PendingState], default="pending")


class LotsQuery(PageQuery):
    """Which lots: whose (an operator who names nobody: everybody's)."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)


class MergesQuery(PageQuery):
    """Which merges: those that a member is part of, on either side, or all."""

    member_id = Identifier(required=False)
