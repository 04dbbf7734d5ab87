"""What requests say that move points."""

from typing import Any

from rest_framework import serializers

from points.programmes.rules import LONGEST_WAIT
from shared.http.fields import Body, ExternalId, Flag, Identifier, Points, Text, WholeNumber
from shared.http.times import Future, Past

# What an earning may be told to wait for.
WAITS = ({"in_days"}, {"at"}, {"on_event", "deadline"})
LONGEST_HOLD = 30 * 24 * 3600
_BLANK: dict[str, Any] = {"allow_blank": True, "default": ""}


class NewWait(Body):
    """What points wait for: so many days, an instant, or an event until a deadline; exactly one of the three."""

    in_days = WholeNumber(min_value=0, max_value=LONGEST_WAIT, required=False)
    at = Future(required=False)
    on_event = ExternalId(max_length=100, required=False)
    deadline = Future(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse none and two of them, and an event without its deadline."""
        if set(attrs) not in WAITS:
            raise serializers.ValidationError("Give `in_days`, or `at`, or `on_event` with its `deadline`.", "invalid")
        return attrs


class NewEarning(Body):
    """Points to give a member; their end is the programme's unless `expires_at` is given.

    They are pending as `activates` says, or the programme where it is left out; `{"in_days": 0}` is at once.
    """

    member_id = Identifier()
    programme = Identifier(required=False)
    points = Points()
    reason = Text(max_length=200)
    reference = ExternalId(max_length=100, **_BLANK)
    occurred_at = Past(required=False)
    expires_at = Future(required=False)
    activates = NewWait(required=False)


class NewRedemption(Body):
    """Points to spend; a member's own where `member_id` is left out."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
    points = Points()
    reason = Text(max_length=200)
    reference = ExternalId(max_length=100, **_BLANK)


class NewHold(Body):
    """Points to set aside for so many seconds; a member's own where `member_id` is left out."""

    member_id = Identifier(required=False)
    programme = Identifier(required=False)
    points = Points()
    reference = ExternalId(max_length=100)
    expires_in = WholeNumber(min_value=1, max_value=LONGEST_HOLD, default=900)


class NewCapture(Body):
    """How many points of a hold to spend, all where left out; the rest goes back."""

    points = Points(required=False)


class NewEnd(Body):
    """In how many seconds from now a hold is to end; never earlier than before."""

    expires_in = WholeNumber(min_value=1, max_value=LONGEST_HOLD)


class NoBody(Body):
    """Nothing needs to be said."""


class NewActivation(Body):
    """An event of a member: activates the points that wait for it, those of one earning's reference or all."""

    member_id = Identifier()
    programme = Identifier(required=False)
    event = ExternalId(max_length=100)
    reference = ExternalId(max_length=100, required=False)


class NewPendingMove(Body):
    """Why pending points are activated or cancelled by hand."""

    reason = Text(max_length=200, **_BLANK)


class NewTransfer(Body):
    """Points to give another member; one's own where `from_member_id` is left out."""

    from_member_id = Identifier(required=False)
    to_member_id = Identifier()
    programme = Identifier(required=False)
    points = Points()
    reason = Text(max_length=200)


class NewMerge(Body):
    """Two members who are one person; `void_holds` gives back what is set aside of the first."""

    from_member_id = Identifier()
    into_member_id = Identifier()
    reason = Text(max_length=200)
    void_holds = Flag(default=False)


class NewReversal(Body):
    """Why a transaction is undone."""

    reason = Text(max_length=200, **_BLANK)
