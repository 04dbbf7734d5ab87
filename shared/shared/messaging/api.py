"""An operator's view of a service's messages to the others: how they fare, what is parked, and what to do about it."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpResponse
from django.urls import URLPattern, path
from rest_framework import serializers
from rest_framework.request import Request

from shared import clock
from shared.contracts.routes import SERVICES
from shared.errors import MalformedRequest
from shared.http.fields import Body, Choice, Identifier, Text, parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once
from shared.messaging import attention

PAGE = 100
SCOPE = ("messages:manage",)


class MessagesQuery(Body):
    """Which waiting messages are listed."""

    state = Choice(["parked", "waiting"], default="parked", help_text="waiting: the parked ones too")
    cursor = Text(max_length=80, required=False)


class ResendBody(Body):
    """Which parked messages are sent again: all of them, or those named, or those for a destination."""

    ids = serializers.ListField(child=Identifier(), required=False, min_length=1, max_length=1000)
    destination = Choice(SERVICES, required=False)


class SkipBody(Body):
    """For which destination a message is skipped, and why; both are kept for ever."""

    destination = Choice(SERVICES)
    reason = Text(max_length=500, min_length=3)


class FlowAnswer(serializers.Serializer[Any]):
    """One destination of this service's messages; those of bulk jobs are counted apart."""

    destination = serializers.CharField()
    waiting = serializers.IntegerField()
    oldest_seconds = serializers.FloatField()
    bulk_waiting = serializers.IntegerField()
    bulk_oldest_seconds = serializers.FloatField()
    parked = serializers.IntegerField()
    resent = serializers.IntegerField()
    compared_at = serializers.DateTimeField(allow_null=True)
    agreed_at = serializers.DateTimeField(allow_null=True)
    compared = serializers.IntegerField()
    missing = serializers.IntegerField()
    surplus = serializers.IntegerField()

    class Meta:
        ref_name = "MessageFlow"


class FlowsAnswer(serializers.Serializer[Any]):
    """All destinations of this service's messages."""

    results = FlowAnswer(many=True)

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


class WaitingPage(serializers.Serializer[Any]):
    """A page of waiting messages; `next` is the cursor of the page after it."""

    results = WaitingAnswer(many=True)
    next = serializers.CharField(allow_null=True)

    class Meta:
        ref_name = "WaitingMessages"


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


class MessageFlows(ServiceView):
    """How each destination fares."""

    scopes = {"GET": SCOPE}

    @operation("list_message_flows", "Say how the messages to each service fare", answers={200: FlowsAnswer})
    def get(self, _request: Request) -> HttpResponse:
        return reply({"results": msgspec.to_builtins(attention.flows(at=clock.now()))})


class Messages(ServiceView):
    """What waits, and what is parked."""

    scopes = {"GET": SCOPE}

    @operation("list_messages", "List parked or waiting messages", query=MessagesQuery, answers={200: WaitingPage})
    def get(self, request: Request) -> HttpResponse:
        query = parse(MessagesQuery, request.query_params.dict())
        after = _position(query.get("cursor", ""))
        found = attention.waiting(parked_only=query["state"] == "parked", after=after, limit=PAGE + 1)
        page = found[:PAGE]
        following = f"{page[-1].message_id}.{page[-1].destination}" if len(found) > PAGE else None
        return reply({"results": msgspec.to_builtins(page), "next": following})


class Resendings(ServiceView):
    """Parked messages sent again."""

    scopes = {"POST": SCOPE}

    @operation(
        "resend_messages", "Send parked messages again", body=ResendBody, answers={200: ResentAnswer}, moves_value=True
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(ResendBody, request.data)

        def run() -> Reply:
            count = attention.resend(ids=body.get("ids"), destination=body.get("destination"), at=clock.now())
            return Reply(200, {"resent": count})

        return once(request, run)


class Skips(ServiceView):
    """A parked message that is never sent."""

    scopes = {"POST": SCOPE}

    @operation(
        "skip_message",
        "Never send a parked message",
        body=SkipBody,
        answers={200: SkippedAnswer},
        moves_value=True,
        refuses=(attention.MessageNotWaiting, attention.MessageNotParked),
    )
    def post(self, request: Request, message_id: UUID) -> HttpResponse:
        body = parse(SkipBody, request.data)

        def run() -> Reply:
            attention.skip(message_id, **body, by=str(caller_of(request).id), at=clock.now())
            return Reply(200, {"message_id": message_id, **body})

        return once(request, run)


def _position(cursor: str) -> tuple[UUID, str]:
    if not cursor:
        return UUID(int=0), ""
    message_id, _, destination = cursor.partition(".")
    try:
        return UUID(message_id), destination
    except ValueError:
        raise MalformedRequest("The cursor is not one of this list.") from None


def message_urls(base: str) -> list[URLPattern]:
    """Return the paths of a service's messages."""
    return [
        path(f"{base}/messages", Messages.as_view()),
        path(f"{base}/messages/flows", MessageFlows.as_view()),
        path(f"{base}/messages/resendings", Resendings.as_view()),
        path(f"{base}/messages/<id:message_id>/skip", Skips.as_view()),
    ]
