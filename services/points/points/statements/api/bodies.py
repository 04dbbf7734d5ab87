"""What requests for explanations, statements and forecasts say."""

from typing import Any

from shared.http.fields import Body, Choice, Identifier
from shared.http.times import Day, Past


class ExplanationQuery(Body):
    """Which balance: whose, in which programme, and as of when (now, where `at` is left out)."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
    at = Past(required=False)


FORMATS = ("json", "csv", "pdf")


class ForecastQuery(Body):
    """Whose points, in which programme."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)


class StatementQuery(Body):
    """Whose statement, and of which days of the programme's time zone, both included; this month's without."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
    format = Choice(choices=FORMATS, required=False)

    def get_fields(self) -> dict[str, Any]:
        """Add `from` and `to`, which Python does not take as names."""
        return super().get_fields() | {"from": Day(required=False), "to": Day(required=False)}
