"""An operator's view of a service's messages to the others: how they fare, what is parked, and what to do about it."""

from uuid import UUID

from django.http import HttpResponse
from msgspec import structs
from rest_framework.request import Request

from shared import clock
from shared.http.fields import parse
from shared.http.pages import page_of, page_reply, whole
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once
from shared.messaging import attention, malformed
from shared.messaging.api.answers import FlowsAnswer, ResentAnswer, SkippedAnswer, WaitingAnswer
from shared.messaging.api.bodies import MessagesQuery, ResendBody, SkipBody

SCOPE = ("messages:manage",)


class MessageFlows(ServiceView):
    """How each destination fares."""

    scopes = {"GET": SCOPE}

    @operation("list_message_flows", "Say how the messages to each service fare", answers={200: FlowsAnswer})
    def get(self, _request: Request) -> HttpResponse:
        flows, counts = attention.flows(at=clock.machine_now()), malformed.counts()
        return reply({**whole(flows), "malformed": counts})


class Messages(ServiceView):
    """What waits, and what is parked."""

    scopes = {"GET": SCOPE}

    @operation(
        "list_messages", "List parked or waiting messages", query=MessagesQuery, answers={200: page_of(WaitingAnswer)}
    )
    def get(self, request: Request) -> HttpResponse:
        query = parse(MessagesQuery, request.query_params.dict())
        found = attention.listed(parked_only=query["state"] == "parked")
        return page_reply(request, found, structs.asdict, load=attention.described, ordering=attention.ORDER)


class Resendings(ServiceView):
    """Parked messages sent again."""

    scopes = {"POST": SCOPE}

    @operation(
        "resend_messages", "Send parked messages again", body=ResendBody, answers={200: ResentAnswer}, moves_value=True
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(ResendBody, request.data)

        def run() -> Reply:
            count = attention.resend(ids=body.get("ids"), destination=body.get("destination"), at=clock.machine_now())
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
            attention.skip(message_id, **body, by=str(caller_of(request).id), at=clock.machine_now())
            return Reply(200, {"message_id": message_id, **body})

        return once(request, run)
