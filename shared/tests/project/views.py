"""One resource with every kind of answer."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from shared.db import Prepared, unit_of_work
from shared.errors import DomainError, Unavailable
from shared.http.fields import Body, MoneyField, Points, Text, parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, reply
from shared.idempotency.phases import once_in_phases
from shared.idempotency.replay import Reply, once
from shared.ids import derived_id
from shared.postgres.optimistic import is_open
from shared.postgres.render import NUMBERS
from tests.project.notes.models import Note


class NoteBody(Body):
    text = Text(max_length=100)
    points = Points(required=False)
    price = MoneyField(required=False)


class CountAnswer(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class NoteAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    text = serializers.CharField()


class OptimisticAnswer(NoteAnswer):
    notes = serializers.IntegerField()
    seven = serializers.IntegerField(required=False)


class PhasedAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()


class PublicAnswer(serializers.Serializer[Any]):
    public = serializers.BooleanField()


class NextAnswer(serializers.Serializer[Any]):
    next = serializers.CharField()


class TextForbidden(DomainError):
    """The tests' own refusal."""

    code = "tests.text_forbidden"
    title = "This text is forbidden"
    status = HTTPStatus.CONFLICT


def leave_note(text: str) -> Reply:
    with unit_of_work():
        note = Note.objects.create(text=text)
        if text == "forbidden":
            raise TextForbidden(text=text)
        if text == "unavailable":
            raise Unavailable()
        if text == "defect":
            raise ZeroDivisionError
    return Reply(201, {"id": note.pk, "text": text})


class NotesView(ServiceView):
    scopes = {"POST": ("points:redeem",), "GET": ("points:read",)}

    @operation("get_notes_view", "Count notes", answers={200: CountAnswer})
    def get(self, request: Request) -> HttpResponse:
        return reply({"count": Note.objects.count()})

    @operation(
        "post_notes_view",
        "Leave a note",
        body=NoteBody,
        answers={201: NoteAnswer},
        moves_value=True,
        refuses=(TextForbidden,),
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(NoteBody, request.data)
        return once(request, lambda: leave_note(body["text"]))


_COUNT = Prepared("tests_count", "SELECT set_config('render.values', count(*) || E'\\x017', false) FROM note")
_WRONG = Prepared("tests_conflict", "SELECT tests_conflict()")


class OptimisticNotesView(ServiceView):
    """Leaves a note before it reads that it is not the first; only the server knows how many there are."""

    scopes = {"POST": ("points:redeem",)}

    @operation(
        "post_optimistic_notes_view",
        "Leave a note before it is read",
        body=NoteBody,
        answers={201: OptimisticAnswer},
        moves_value=True,
        refuses=(TextForbidden,),
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(NoteBody, request.data)

        def run() -> Reply:
            reply = leave_note(body["text"])
            if not is_open():
                return Reply(201, reply.value | {"notes": Note.objects.count()})
            if body["text"] == "first":
                _WRONG.later({})
            _COUNT.later({})
            return Reply(201, reply.value | {"notes": NUMBERS[0], "seven": NUMBERS[1]})

        return once(request, run)


class PhasedNotesView(ServiceView):
    """Leaves a note in phases; `finish` fails as often as the class says, as a killed process would."""

    scopes = {"POST": ("points:redeem",)}
    fails_next = 0

    @operation(
        "post_phased_notes_view", "Leave a note in phases", body=NoteBody, answers={201: PhasedAnswer}, moves_value=True
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(NoteBody, request.data)

        def begin() -> object:
            Note.objects.create(text=body["text"])
            return derived_id(body["text"])

        return once_in_phases(request, begin, self.finish)

    def finish(self, resource_id: object) -> Reply:
        if PhasedNotesView.fails_next:
            PhasedNotesView.fails_next -= 1
            raise ZeroDivisionError
        return Reply(201, {"id": str(resource_id)})


class PublicView(ServiceView):
    public = True

    @operation("get_public_view", "Say that this is public", answers={200: PublicAnswer})
    def get(self, request: Request) -> HttpResponse:
        return reply({"public": True})


class ForgottenView(ServiceView):
    @operation("get_forgotten_view", "Be reached by nobody", answers={200: "never"})
    def get(self, request: Request) -> HttpResponse:
        return reply({"reached": True})


class PageView(ServiceView):
    scopes = {"GET": ("points:read",)}

    @operation("get_page_view", "Say where the next page is", answers={200: NextAnswer})
    def get(self, request: Request) -> HttpResponse:
        return reply({"next": request.build_absolute_uri("/page?cursor=x")})
