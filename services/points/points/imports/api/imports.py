"""Imports over HTTP: make one, look at it, validate, commit, cancel."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.imports import operations, queries
from points.imports.api.answers import ImportAnswer, ImportPage, import_json
from points.imports.api.bodies import Commit, NewImport, Validation, plan_of
from points.imports.errors import ImportNotFound, Incomplete, NotAsExpected, RowsRefused, WrongState
from points.imports.models import Import, ImportRun
from points.imports.rules.rows import SCOPES
from points.ledger.errors import ApprovalNeeded
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from shared import clock
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

ANY = tuple(SCOPES.values())
# Whoever may correct balances answers for all imports; others see their own.
SEES_ALL = "points:adjust"


def known(request: Request, import_id: UUID) -> Import:
    """Return an import that the caller may see.

    :raises ImportNotFound: there is none, or it is somebody else's.
    """
    caller = caller_of(request)
    return queries.known_import(import_id, caller_id=caller.id, sees_all=caller.may(SEES_ALL))


def _with_runs(page: list[Import]) -> list[tuple[Import, dict[tuple[UUID, str], ImportRun]]]:
    runs = queries.runs_of([one.id for one in page])
    return [(one, runs) for one in page]


def shown(found: Import) -> dict[str, Any]:
    """Return an import as it is answered now."""
    return import_json(found, queries.runs_of([found.id]), at=clock.now())


class Imports(ServiceView):
    """Files of postings."""

    scopes = {"GET": ANY, "POST": ANY}

    @operation("list_imports", "List imports", query=PageQuery, answers={200: ImportPage})
    def get(self, request: Request) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        caller, at = caller_of(request), clock.now()
        found = queries.imports_seen_by(caller.id, sees_all=caller.may(SEES_ALL))
        return page_reply(request, found, lambda one: import_json(*one, at=at), load=_with_runs)

    @operation(
        "create_import",
        "Make an import: say how its file is read",
        body=NewImport,
        answers={201: ImportAnswer},
        moves_value=True,
        refuses=(ProgrammeNotFound,),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller = parse(NewImport, request.data), caller_of(request)

        def run() -> Reply:
            found = programme(body.get("programme"))
            plan, at = plan_of(body, found, caller), clock.now()
            made = operations.start_import(
                programme_id=found.id, name=body["name"], plan=plan, created_by=caller.id, at=at
            )
            return Reply(201, shown(made))

        return once(request, run)


class OneImport(ServiceView):
    """An import and its progress."""

    scopes = {"GET": ANY}

    @operation("get_import", "Read an import", answers={200: ImportAnswer}, refuses=(ImportNotFound,))
    def get(self, request: Request, import_id: UUID) -> HttpResponse:
        return reply(shown(known(request, import_id)))


class Validate(ServiceView):
    """A pass that judges every row and moves nothing."""

    scopes = {"POST": ANY}

    @operation(
        "validate_import",
        "Validate an import: a dry run",
        body=Validation,
        answers={202: ImportAnswer},
        moves_value=True,
        refuses=(ImportNotFound, Incomplete, WrongState),
    )
    def post(self, request: Request, import_id: UUID) -> HttpResponse:
        size = parse(Validation, request.data).get("bytes")

        def run() -> Reply:
            known(request, import_id)
            return Reply(202, shown(operations.validate_import(import_id, size=size, at=clock.now())))

        return once(request, run)


class Commits(ServiceView):
    """The pass that posts the rows."""

    scopes = {"POST": ANY}

    @operation(
        "commit_import",
        "Commit a validated import",
        body=Commit,
        answers={202: ImportAnswer},
        moves_value=True,
        refuses=(ApprovalNeeded, ImportNotFound, NotAsExpected, RowsRefused, WrongState),
    )
    def post(self, request: Request, import_id: UUID) -> HttpResponse:
        body, caller = parse(Commit, request.data), caller_of(request)
        expect, without_refused = body.get("expect", {}), body["without_refused"]

        def run() -> Reply:
            known(request, import_id)
            begun = operations.commit_import(
                import_id,
                **expect,
                without_refused=without_refused,
                committed_by=caller.id,
                is_person=caller.is_person,
                at=clock.now(),
            )
            return Reply(202, shown(begun))

        return once(request, run)


class Cancel(ServiceView):
    """The end of an import before it is done."""

    scopes = {"POST": ANY}

    @operation("cancel_import", "Cancel an import", answers={200: ImportAnswer}, refuses=(ImportNotFound, WrongState))
    def post(self, request: Request, import_id: UUID) -> HttpResponse:
        known(request, import_id)
        return reply(shown(operations.IMPORTS.cancel(import_id, at=clock.now())))
