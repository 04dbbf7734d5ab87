"""Up to ten thousand postings in one request; read by msgspec, because a serializer would take seconds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from points.ledger.api.answers.batches import BatchAnswer, result_json
from points.ledger.api.bodies.batches import KINDS, LARGEST_BATCH, Line, NewBatch, NewBatchLine, WaitOfLine
from points.ledger.api.bodies.postings import WAITS
from points.ledger.operations import check_alone, count_posted, post, refuse_unknown, within_day
from points.ledger.rules.earnings import Terms, Wait, check_earning, check_open, named_or_end_of_lot, terms
from points.ledger.rules.values import Posting
from points.programmes.queries import programme
from points.programmes.rules import Programme
from points.programmes.rules.expiry import NEVER
from shared import clock
from shared.callers import Caller
from shared.db import unit_of_work
from shared.errors import DomainError, InsufficientScope, InvalidRequest
from shared.http.fields import ExternalId, Text, parse
from shared.http.problems import field_errors
from shared.http.swagger import operation
from shared.http.times import CLOCKS_DIFFER
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once
from shared.instants import EARLIEST, LATEST
from shared.texts import composed, is_id, is_text

_SCOPES = {"earn": "points:earn", "redeem": "points:redeem-any", "adjust": "points:adjust"}
# What msgspec raises for a line; the second for half a surrogate pair, which it cannot even look at.
_UNREADABLE = (msgspec.ValidationError, UnicodeEncodeError)


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
    commands = refuse_unknown([_command(line, caller, at) for line in _lines(given)])
    with unit_of_work():
        if caller.is_person:
            commands = within_day(commands, actor_id=caller.id, at=at)
        postings = [command for command in commands if isinstance(command, Posting)]
        outcomes = post(postings, at=at)
        if caller.is_person:
            count_posted(postings, outcomes, actor_id=caller.id, at=at)
    posted = iter(outcomes)
    answers = [next(posted) if isinstance(command, Posting) else command for command in commands]
    return [result_json(index, answer) for index, answer in enumerate(answers)]


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


def _command(line: Line | DomainError, caller: Caller, at: datetime) -> Posting | DomainError:
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
    _check_texts(line)
    _check_instants(line, at)
    found = programme(line.programme)
    if line.kind == "earn":
        check_open(found)
        check_earning(found, points=line.points, occurred_at=line.occurred_at, at=at)
    if line.kind == "adjust" and not caller.is_person:
        check_alone(found, line.points, actor_id=caller.id, is_person=False, at=at)
    return Posting(
        kind=KINDS[line.kind],
        programme_id=found.id,
        member_id=line.member_id,
        points=line.points,
        reference=composed(line.reference),
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


def _check_texts(line: Line) -> None:
    """Refuse what is no text, and ids that look like others: by the words of a single request."""
    ids = {"reference": line.reference, "activates.on_event": line.activates.on_event if line.activates else None}
    for field, said in {"reason": line.reason, **ids}.items():
        if said and not is_text(said):
            raise _invalid(field, str(Text.default_error_messages["characters"]), "characters")
        if said and field in ids and not is_id(said):
            raise _invalid(field, str(ExternalId.default_error_messages["unseen"]), "unseen")


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
    return Wait(said.in_days, said.at, composed(said.on_event or ""), said.deadline)
