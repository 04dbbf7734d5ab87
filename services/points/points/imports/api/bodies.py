"""What requests about imports must look like."""

from typing import Any

from rest_framework import serializers

from points.imports.api.answers import UNKNOWN_MEMBERS
from points.imports.rules.plan import KINDS, Plan, plain
from points.imports.rules.rows import SCOPES
from points.programmes.rules import Programme
from shared.callers import Caller
from shared.errors import InsufficientScope
from shared.http.fields import Body, Choice, ExternalId, Flag, Identifier, Number, Text, WholeNumber
from shared.http.times import Timezone

MOST_KINDS = 50
MOST_KEY_COLUMNS = 10
_SEPARATORS = [",", ";", "\t"]


def _column(**options: Any) -> Text:
    return Text(max_length=100, required=False, **options)


class Columns(Body):
    """Which column is which field, by its name in the first line (or in each object), in any case and order.

    Each row has its `points`, or an `amount` of money that earns them as the programme says; filled points count first.
    """

    member_id = Text(max_length=100)
    points = _column()
    amount = _column()
    kind = _column()
    reference = _column()
    reason = _column()
    occurred_at = _column()
    expires_at = _column()


class Constants(Body):
    """What all rows say where their own cell is empty or missing."""

    kind = Choice(choices=KINDS, required=False)
    reference = ExternalId(max_length=100, required=False)
    reason = Text(max_length=200, required=False)


class NewImport(Body):
    """How a file is read.

    `kinds` maps what the kind's column says to `earn`, `redeem` or `adjust`. `key` names the columns that make a row
    itself; without it its whole content does, counted where the file has it more than once. Dates without an offset are
    local to `timezone`, the programme's where left out; a day alone is its beginning, as an end its end. Points that
    have ended before they come, by their own end or by the programme's, are counted, and `already_expired` says whether
    they are posted.
    """

    programme = Identifier(required=False)
    name = Text(max_length=100)
    format = Choice(choices=["csv", "ndjson"], default="csv")
    encoding = Choice(
        choices=["utf-8", "windows-1252", "latin-1"], default="utf-8", help_text="spreadsheets write windows-1252"
    )
    separator = Choice(choices=_SEPARATORS, allow_null=True, default=None)
    decimal_mark = Choice(choices=[".", ","], default=".")
    amounts_in = Choice(choices=["major", "minor"], default="major")
    dates = Choice(choices=["iso", "dmy", "mdy"], default="iso")
    timezone = Timezone(required=False)
    already_expired = Choice(choices=["post", "leave_out"], default="post")
    columns = Columns()
    constants = Constants(default=dict)
    kinds = serializers.DictField(child=Choice(choices=KINDS), default=dict)
    key = serializers.ListField(child=Text(max_length=100), default=list, max_length=MOST_KEY_COLUMNS)

    def validate_kinds(self, kinds: dict[str, str]) -> dict[str, str]:
        """Refuse too many words, and those that are too long."""
        if len(kinds) > MOST_KINDS or any(len(name) > 40 for name in kinds):
            raise serializers.ValidationError(f"Up to {MOST_KINDS} words of up to 40 characters.", "invalid")
        return {plain(name): kind for name, kind in kinds.items()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse rows that could have no points or no kind."""
        columns = attrs["columns"]
        if not {"points", "amount"} & columns.keys():
            raise serializers.ValidationError({"columns": "A column of points or of an amount is needed."}, "required")
        if "kind" not in columns and "kind" not in attrs["constants"]:
            raise serializers.ValidationError({"columns": "A kind is needed, by a column or for all."}, "required")
        if attrs["decimal_mark"] == attrs["separator"]:
            raise serializers.ValidationError({"separator": "It is the decimal mark."}, "invalid")
        return attrs


class Validation(Body):
    """How many bytes the whole file has, where the caller wants that checked."""

    bytes = WholeNumber(min_value=1, required=False)


class Expected(Body):
    """What the caller saw the validation accept: rows, points that they add less those they take, and rows of members
    who never registered."""

    rows = WholeNumber(min_value=0, required=False)
    points = WholeNumber(min_value=-(10**19), max_value=10**19, required=False)
    unknown_members = WholeNumber(min_value=0, required=False, help_text=UNKNOWN_MEMBERS)


class Commit(Body):
    """What is to be posted: exactly what is expected, and with rows that were refused left out only on request.

    Where something is expected, the whole file is rehearsed before anything is posted, and posted as a whole: where it
    comes to other totals than those that were seen, because others posted meanwhile, what was posted is reversed.
    """

    expect = Expected(required=False)
    without_refused = Flag(default=False)


class PieceQuery(Body):
    """Where a piece begins in the file."""

    offset = Number(min_value=0, max_value=2**62)


def plan_of(body: dict[str, Any], found: Programme, caller: Caller) -> Plan:
    """Return how a file is read, with what the caller may post and the programme's present terms.

    :raises InsufficientScope: all rows are of a kind that the caller may not post.
    """
    may = tuple(kind for kind, scope in SCOPES.items() if caller.may(scope))
    constant = body["constants"].get("kind")
    if "kind" not in body["columns"] and constant not in may:
        raise InsufficientScope(required=[SCOPES[constant]])
    said = ("programme", "name", "timezone", "key")
    return Plan(
        **{name: value for name, value in body.items() if name not in said},
        timezone=body.get("timezone", found.timezone),
        currency=found.currency,
        earn_points=found.earn_points,
        earn_amount=found.earn_amount,
        key=tuple(body["key"]),
        may=may,
    )
