"""A batch and its lines: as msgspec reads them, and as Swagger shows them."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework import serializers

from points.ledger.api.bodies.postings import NewWait
from points.ledger.rules.values import Kind
from points.programmes.rules import LONGEST_WAIT
from shared.http.fields import LARGEST_POINTS, Body, Choice, ExternalId, Identifier, Text, WholeNumber
from shared.http.times import Future, Past

LARGEST_BATCH = 10_000
KINDS = {"earn": Kind.EARNED, "redeem": Kind.REDEEMED, "adjust": Kind.ADJUSTED}
_Instant = Annotated[datetime, Meta(tz=True)]
_KEY = re.compile(r"^[\x21-\x7e][\x20-\x7e]{0,254}\Z")


class WaitOfLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the points of a line wait for; exactly one of the three."""

    in_days: Annotated[int, Meta(ge=0, le=LONGEST_WAIT)] | None = None
    at: _Instant | None = None
    on_event: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    deadline: _Instant | None = None


class Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One posting of a batch; its `key` names it for ever, so that the same line has one effect."""

    key: Annotated[str, Meta(pattern=_KEY.pattern)]
    kind: Literal["earn", "redeem", "adjust"]
    member_id: UUID
    points: Annotated[int, Meta(ge=-LARGEST_POINTS, le=LARGEST_POINTS)]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    programme: UUID | None = None
    reference: Annotated[str, Meta(max_length=100)] = ""
    occurred_at: _Instant | None = None
    expires_at: _Instant | None = None
    activates: WaitOfLine | None = None


class NewBatchLine(Body):
    """One posting; `points` is signed for an adjustment and positive else. `activates` is an earning's."""

    key = Text(max_length=255, trim_whitespace=False)
    kind = Choice(choices=list(KINDS))
    member_id = Identifier()
    programme = Identifier(required=False)
    points = WholeNumber(min_value=-LARGEST_POINTS, max_value=LARGEST_POINTS)
    reason = Text(max_length=200)
    reference = ExternalId(max_length=100, required=False, allow_blank=True)
    occurred_at = Past(required=False)
    expires_at = Future(required=False)
    activates = NewWait(required=False)

    def validate_key(self, key: str) -> str:
        """Refuse a key that is no name."""
        if not _KEY.fullmatch(key):
            raise serializers.ValidationError(
                "Printable ASCII characters, the first no blank, are expected.", "invalid"
            )
        return key


class NewBatch(Body):
    """Up to 10,000 postings, each with a key of its own."""

    postings: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=NewBatchLine(), min_length=1, max_length=LARGEST_BATCH
    )
