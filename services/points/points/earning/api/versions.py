"""Versions of a programme's rules over HTTP."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.earning import operations, queries
from points.earning.api.access import READ, WRITE
from points.earning.api.answers.versions import ListedRulesAnswer, RulesAnswer, listed_json, rules_json
from points.earning.api.bodies import Activation, Retirement, RuleDocument
from points.earning.api.fields import LARGEST_DOCUMENT
from points.earning.errors import (
    AnotherScheduled,
    NoDraft,
    RulesRefused,
    TooManyDrafts,
    VersionNotFound,
    VersionRetired,
)
from points.earning.models import RuleSet
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from shared import clock
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_NEWEST = ("-version",)
_NOT_FOUND = (ProgrammeNotFound, VersionNotFound)


def _answer(row: RuleSet) -> dict[str, Any]:
    return rules_json(row, currency=programme(row.programme_id).currency, at=clock.now())


class RuleVersions(ServiceView):
    """All versions of a programme's rules."""

    scopes = {"GET": READ, "POST": WRITE}
    max_body_bytes = LARGEST_DOCUMENT

    @operation(
        "list_rules",
        "List the versions of a programme's rules, the newest first",
        query=PageQuery,
        answers={200: page_of(ListedRulesAnswer)},
        refuses=(ProgrammeNotFound,),
    )
    def get(self, request: Request, programme_id: UUID) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        found = programme(programme_id)
        show = partial(listed_json, spans=queries.spans(found.id), at=clock.now())
        return page_reply(request, queries.versions(found.id), show, ordering=_NEWEST)

    @operation(
        "create_rules",
        "Make a draft of a programme's rules",
        body=RuleDocument,
        answers={201: RulesAnswer},
        moves_value=True,
        refuses=(ProgrammeNotFound, RulesRefused, TooManyDrafts),
    )
    def post(self, request: Request, programme_id: UUID) -> HttpResponse:
        document = parse(RuleDocument, request.data)["document"]

        def run() -> Reply:
            who = caller_of(request).id
            made = operations.create_draft(programme_id, document, actor_id=who, at=clock.now())
            return Reply(201, _answer(made))

        return once(request, run)


class OneRuleVersion(ServiceView):
    """A version of a programme's rules."""

    scopes = {"GET": READ, "PUT": WRITE}
    max_body_bytes = LARGEST_DOCUMENT

    @operation("get_rules", "Read a version of a programme's rules", answers={200: RulesAnswer}, refuses=_NOT_FOUND)
    def get(self, _request: Request, programme_id: UUID, version: int) -> HttpResponse:
        return reply(_answer(queries.version(programme(programme_id).id, version)))

    @operation(
        "replace_rules",
        "Change a draft",
        body=RuleDocument,
        answers={200: RulesAnswer},
        refuses=(*_NOT_FOUND, NoDraft, RulesRefused),
    )
    def put(self, request: Request, programme_id: UUID, version: int) -> HttpResponse:
        document, who = parse(RuleDocument, request.data)["document"], caller_of(request).id
        return reply(_answer(operations.change_draft(programme_id, version, document, actor_id=who, at=clock.now())))


class ActivateRules(ServiceView):
    """Lets a draft count."""

    scopes = {"POST": WRITE}

    @operation(
        "activate_rules",
        "Let a draft count, from now or from `at` on; the version before it ends then",
        body=Activation,
        answers={200: RulesAnswer},
        moves_value=True,
        refuses=(*_NOT_FOUND, AnotherScheduled, NoDraft, RulesRefused),
    )
    def post(self, request: Request, programme_id: UUID, version: int) -> HttpResponse:
        start = parse(Activation, request.data).get("at")

        def run() -> Reply:
            who, at = caller_of(request).id, clock.now()
            return Reply(200, _answer(operations.activate(programme_id, version, starts_at=start, actor_id=who, at=at)))

        return once(request, run)


class RetireRules(ServiceView):
    """Ends a version without another in its place."""

    scopes = {"POST": WRITE}

    @operation(
        "retire_rules",
        "End a version, now or at `at`: the programme earns by its plain terms then",
        body=Retirement,
        answers={200: RulesAnswer},
        moves_value=True,
        refuses=(*_NOT_FOUND, AnotherScheduled, VersionRetired),
    )
    def post(self, request: Request, programme_id: UUID, version: int) -> HttpResponse:
        end = parse(Retirement, request.data).get("at")

        def run() -> Reply:
            who, at = caller_of(request).id, clock.now()
            return Reply(200, _answer(operations.retire(programme_id, version, ends_at=end, actor_id=who, at=at)))

        return once(request, run)
