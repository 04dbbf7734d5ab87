"""Events that senders tell."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.earning.errors import EventInvalid
from points.events import operations
from points.events.api.access import READ, READ_ALL, TELL, filters_of, seen
from points.events.api.answers import EventAnswer, EventPage, event_json
from points.events.api.bodies import EventsQuery, NewEventBody, told_of
from points.events.errors import EventIdReused, EventNotFound
from points.events.models import Event as EventRow
from points.events.rows import events
from points.events.rules.events import Event
from points.ledger.errors import ApprovalNeeded, BalanceTooLarge, PurchaseTooOld, TooManyPoints
from points.programmes.errors import MerchantNotListed, ProgrammeClosed, ProgrammeNotFound
from points.programmes.queries import programme
from points.purchases.operations import Teller
from shared import clock
from shared.errors import MemberUnknown, NotFound
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once


class Events(ServiceView):
    """Events of members."""

    scopes = {"GET": READ, "POST": TELL}

    @operation(
        "list_events",
        "List events: one's own, those that a merchant told, or anybody's",
        query=EventsQuery,
        answers={200: EventPage},
        refuses=(NotFound,),
    )
    def get(self, request: Request) -> HttpResponse:
        query = parse(EventsQuery, request.query_params.dict())
        found = events.listed(**filters_of(query.get("member_id"), caller_of(request)))
        return page_reply(request, found, event_json, load=_loaded, ordering=("-id",))

    @operation(
        "create_event",
        "Tell an event of a member, which earns points by rules",
        body=NewEventBody,
        answers={201: EventAnswer},
        moves_value=True,
        refuses=(
            ApprovalNeeded,
            BalanceTooLarge,
            EventIdReused,
            EventInvalid,
            MemberUnknown,
            MerchantNotListed,
            ProgrammeClosed,
            ProgrammeNotFound,
            PurchaseTooOld,
            TooManyPoints,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller = parse(NewEventBody, request.data), caller_of(request)

        def run() -> Reply:
            teller = Teller(caller.id, caller.is_person)
            made = operations.record_event(told_of(body, caller), teller=teller, at=clock.now())
            return Reply(201, event_json(made))

        return once(request, run)


class ProgrammeEvents(ServiceView):
    """Everybody's events in a programme."""

    scopes = {"GET": READ_ALL}

    @operation(
        "list_programme_events",
        "List a programme's events, registrations and birthdays, the newest first",
        query=PageQuery,
        answers={200: EventPage},
        refuses=(ProgrammeNotFound,),
    )
    def get(self, request: Request, programme_id: UUID) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        found = events.of_programme(programme(programme_id).id)
        return page_reply(request, found, event_json, load=_loaded, ordering=("-id",))


class OneEvent(ServiceView):
    """One event with what it earned."""

    scopes = {"GET": READ}

    @operation("get_event", "Read an event and what it earned", answers={200: EventAnswer}, refuses=(EventNotFound,))
    def get(self, request: Request, event_id: UUID) -> HttpResponse:
        return reply(event_json(seen(event_id, caller_of(request))))


def _loaded(page: list[EventRow]) -> list[Event]:
    ids = [row.id for row in page]
    found = events.read(ids)
    return [found[one] for one in ids]
