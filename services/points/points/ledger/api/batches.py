"""Up to ten thousand postings in one request; read by msgspec, because a serializer would take seconds."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpResponse
from msgspec import Meta, Struct
from rest_framework import serializers
from rest_framework.request import Request

from points.ledger.api.bodies import WAITS, NewWait
from points.ledger.operations import Outcome, post, refuse_above_limit, refuse_unknown
from points.ledger.rules.earnings import Terms, Wait, terms
from points.ledger.rules.values import Kind, Posted, Posting
from points.programmes.errors import ProgrammeClosed
from points.programmes.queries import programme
from points.programmes.rules import LONGEST_WAIT, Programme, named_or_end_of_lot
from points.programmes.rules.expiry import NEVER
from shared import clock
from shared.callers import Caller
from shared.db import unit_of_work
from shared.errors import DomainError, InsufficientScope, InvalidRequest
from shared.http.fields import LARGEST_POINTS, Body, Choice, Identifier, Text, WholeNumber, parse
from shared.http.problems import field_errors
from shared.http.swagger import operation
from shared.http.times import CLOCKS_DIFFER, Future, Past
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once
from shared.instants import EARLIEST, LATEST
from shared.texts import is_text

LARGEST_BATCH = 10_000
_KINDS = {"earn": Kind.EARNED, "redeem": Kind.REDEEMED, "adjust": Kind.ADJUSTED}
_SCOPES = {"earn": "points:earn", "redeem": "points:redeem-any", "adjust": "points:adjust"}
# What msgspec raises for a line; the second for half a surrogate pair, which it cannot even look at.
_UNREADABLE = (msgspec.ValidationError, UnicodeEncodeError)
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
    kind = Choice(choices=list(_KINDS))
    member_id = Identifier()
    programme = Identifier(required=False)
    points = WholeNumber(min_value=-LARGEST_POINTS, max_value=LARGEST_POINTS)
    reason = Text(max_length=200)
    reference = Text(max_length=100, required=False, allow_blank=True)
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

    postings = NewBatchLine(many=True)


class BatchResult(serializers.Serializer[Any]):
    """What became of one posting; `error` is its refusal."""

    index = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["posted", "repeated", "refused"])
    transaction_id = serializers.UUIDField(allow_null=True)
    error = serializers.JSONField(allow_null=True)


class BatchAnswer(serializers.Serializer[Any]):
    """One result for each posting, in their order."""

    results = BatchResult(many=True)

    class Meta:
        ref_name = "Batch"


class Batches(ServiceView):
    """Many postings at once; each is decided on its own and one that is refused leaves the others alone."""

    scopes = {"POST": tuple(_SCOPES.values())}
    max_body_bytes = 8 * 1024 * 1024

    @operation("post_batch", "Post up to 10,000 postings", body=NewBatch, answers={200: BatchAnswer}, moves_value=True)
    def post(self, request: Request) -> HttpResponse:
        given, caller = _postings(request.data), caller_of(request)
        return once(request, lambda: Reply(200, {"results": run_batch(given, caller=caller, at=clock.now())}))


def run_batch(given: Sequence[Any], *, caller: Caller, at: datetime) -> list[dict[str, Any]]:
    """Post what can be posted of a batch's lines and return a result for each."""
    wishes = refuse_unknown([_wish(line, caller, at) for line in _lines(given)])
    with unit_of_work():
        outcomes = iter(post([wish for wish in wishes if isinstance(wish, Posting)], at=at))
        answers = [next(outcomes) if isinstance(wish, Posting) else wish for wish in wishes]
    return [_result(index, answer) for index, answer in enumerate(answers)]


def _postings(body: Any) -> list[Any]:
    postings = body.get("postings") if isinstance(body, Mapping) and len(body) == 1 else None
    if not isinstance(postings, list) or not 1 <= len(postings) <= LARGEST_BATCH:
        detail = f"An object with `postings`, a list of 1 to {LARGEST_BATCH}, is expected."
        raise InvalidRequest(errors=[{"field": "postings", "code": "invalid", "detail": detail}])
    return postings


def _lines(given: Sequence[Any]) -> Sequence[Line | DomainError]:
    try:
        return msgspec.convert(given, list[Line])
    except _UNREADABLE:
        return [_line(one) for one in given]


def _line(given: Any) -> Line | DomainError:
    """Return a line that cannot be read at once, or what is wrong with it: by the same fields as a single request."""
    try:
        return msgspec.convert(given, Line)
    except _UNREADABLE:
        pass
    try:
        return msgspec.convert(parse(NewBatchLine, given), Line)
    except serializers.ValidationError as error:
        return InvalidRequest(errors=list(field_errors(error.detail)))
    except InvalidRequest as refusal:
        return refusal
    except _UNREADABLE:
        return _invalid("", "The line cannot be read.")


def _invalid(field: str, detail: str, code: str = "invalid") -> InvalidRequest:
    return InvalidRequest(errors=[{"field": field, "code": code, "detail": detail}])


def _wish(line: Line | DomainError, caller: Caller, at: datetime) -> Posting | DomainError:
    if isinstance(line, DomainError):
        return line
    try:
        return _posting(line, caller, at)
    except DomainError as refusal:
        return refusal


def _posting(line: Line, caller: Caller, at: datetime) -> Posting:
    if not caller.may(_SCOPES[line.kind]):
        raise InsufficientScope(required=[_SCOPES[line.kind]])
    if line.points == 0 or (line.points < 0 and line.kind != "adjust"):
        raise _invalid("points", "A positive number is expected; an adjustment may be negative.")
    if wrong := [name for name, said in _texts(line) if not is_text(said)]:
        raise _invalid(wrong[0], "Control and unassigned characters are not allowed.", "characters")
    _check_instants(line, at)
    found = programme(line.programme)
    if line.kind == "earn" and found.status != "active":
        raise ProgrammeClosed()
    if line.kind == "adjust":
        refuse_above_limit(found, line.points)
    return Posting(
        kind=_KINDS[line.kind],
        programme_id=found.id,
        member_id=line.member_id,
        points=line.points,
        reference=line.reference,
        reason=line.reason,
        source_key=f"batch:{caller.id}:{line.key}",
        occurred_at=line.occurred_at,
        actor_id=caller.id,
        **_terms(line, found, at),
    )


def _check_instants(line: Line, at: datetime) -> None:
    _check_century("occurred_at", line.occurred_at)
    if line.occurred_at and line.occurred_at > at + CLOCKS_DIFFER:
        raise _invalid("occurred_at", "The instant is in the future.", "in_future")
    _check_to_come("expires_at", line.expires_at, at)


def _check_to_come(field: str, instant: datetime | None, at: datetime) -> None:
    _check_century(field, instant)
    if instant and instant <= at:
        raise _invalid(field, "The instant has passed.", "in_past")


def _check_century(field: str, instant: datetime | None) -> None:
    if instant and not EARLIEST <= instant <= LATEST:
        raise _invalid(field, "An instant from 2000 to 2200 is expected.")


def _texts(line: Line) -> Iterator[tuple[str, str]]:
    yield from (("reason", line.reason), ("reference", line.reference))
    if line.activates and line.activates.on_event:
        yield "activates.on_event", line.activates.on_event


def _terms(line: Line, programme: Programme, at: datetime) -> Terms:
    earned_at = line.occurred_at or at
    if line.kind == "earn":
        wait = _wait(line.activates, at) if line.activates else None
        return terms(programme, earned_at=earned_at, wait=wait, expires_at=line.expires_at, at=at)
    if line.activates:
        raise _invalid("activates", "Only what is earned waits.")
    gives = line.kind == "adjust" and line.points > 0
    end = named_or_end_of_lot(programme, line.expires_at, earned_at=earned_at) if gives else NEVER
    return Terms(activates=None, expires_at=end.expires_at, expires_on=end.expires_on)


def _wait(said: WaitOfLine, at: datetime) -> Wait:
    given = {name for name in said.__struct_fields__ if getattr(said, name) is not None}
    if given not in WAITS:
        raise _invalid("activates", "Give `in_days`, or `at`, or `on_event` with its `deadline`.")
    _check_to_come("activates.at", said.at, at)
    _check_to_come("activates.deadline", said.deadline, at)
    return Wait(said.in_days, said.at, said.on_event or "", said.deadline)


def _result(index: int, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Posted):
        status = "repeated" if outcome.is_repeated else "posted"
        return {"index": index, "status": status, "transaction_id": str(outcome.id), "error": None}
    error = {"code": outcome.code, "title": outcome.title, **outcome.members}
    if outcome.detail:
        error["detail"] = outcome.detail
    return {"index": index, "status": "refused", "transaction_id": None, "error": error}
