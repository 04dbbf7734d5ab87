"""What requests about messages say."""

from rest_framework import serializers

from shared.contracts.routes import SERVICES
from shared.http.fields import Body, Choice, Identifier, PageQuery, Text


class MessagesQuery(PageQuery):
    """Which waiting messages are listed."""

    state = Choice(["parked", "waiting"], default="parked", help_text="waiting: the parked ones too")


class ResendBody(Body):
    """Which parked messages are sent again: all of them, or those named, or those for a destination."""

    ids = serializers.ListField(child=Identifier(), required=False, min_length=1, max_length=1000)
    destination = Choice(SERVICES, required=False)


class SkipBody(Body):
    """For which destination a message is skipped, and why; both are kept for ever."""

    destination = Choice(SERVICES)
    reason = Text(max_length=500, min_length=3)
