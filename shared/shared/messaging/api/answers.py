"""What is answered about messages."""

from typing import Any

from rest_framework import serializers


class FlowAnswer(serializers.Serializer[Any]):
    """One destination of this service's messages; those of bulk jobs are counted apart."""

    destination = serializers.CharField()
    waiting = serializers.IntegerField()
    oldest_seconds = serializers.FloatField()
    bulk_waiting = serializers.IntegerField()
    bulk_oldest_seconds = serializers.FloatField()
    parked = serializers.IntegerField()
    failing = serializers.IntegerField()
    last_error = serializers.CharField(allow_blank=True)
    resent = serializers.IntegerField()
    compared_at = serializers.DateTimeField(allow_null=True)
    agreed_at = serializers.DateTimeField(allow_null=True)
    compared = serializers.IntegerField()
    missing = serializers.IntegerField()
    surplus = serializers.IntegerField()

    class Meta:
        ref_name = "MessageFlow"


class MalformedAnswer(serializers.Serializer[Any]):
    """A queue of this service in which entries were that are no message or report as agreed."""

    queue = serializers.CharField()
    count = serializers.IntegerField()
    last_at = serializers.DateTimeField()
    last_error = serializers.CharField()

    class Meta:
        ref_name = "MalformedEntries"


class FlowsAnswer(serializers.Serializer[Any]):
    """All destinations of this service's messages, in one page, and what came to it that is no message."""

    results = FlowAnswer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    malformed = MalformedAnswer(many=True)

    class Meta:
        ref_name = "MessageFlows"


class WaitingAnswer(serializers.Serializer[Any]):
    """A message that waits for one destination."""

    message_id = serializers.UUIDField()
    destination = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    occurred_at = serializers.DateTimeField()
    correlation_id = serializers.CharField()
    attempts = serializers.IntegerField()
    failures = serializers.IntegerField()
    last_error = serializers.CharField(allow_blank=True)
    next_attempt_at = serializers.DateTimeField()
    parked_at = serializers.DateTimeField(allow_null=True)
    is_bulk = serializers.BooleanField()

    class Meta:
        ref_name = "WaitingMessage"


class ResentAnswer(serializers.Serializer[Any]):
    """How many messages are sent again."""

    resent = serializers.IntegerField()

    class Meta:
        ref_name = "ResentMessages"


class SkippedAnswer(serializers.Serializer[Any]):
    """A message that is never sent to a destination, and why."""

    message_id = serializers.UUIDField()
    destination = serializers.CharField()
    reason = serializers.CharField()

    class Meta:
        ref_name = "SkippedMessage"
