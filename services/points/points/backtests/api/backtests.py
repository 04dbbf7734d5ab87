"""Backtests of a version of rules over HTTP: ask for one, watch it, cancel it."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.backtests import operations, queries
from points.backtests.api.answers import BacktestAnswer, BacktestPage, backtest_json
from points.backtests.api.bodies import NewBacktest
from points.backtests.errors import BacktestFinished, BacktestNotFound, TooManyBacktests
from points.earning.api.access import READ, WRITE
from points.earning.errors import RulesRefused, VersionNotFound
from points.earning.queries import version as rules_version
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from shared import clock
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once

_NOT_FOUND = (ProgrammeNotFound, VersionNotFound)


def _rule_set_id(programme_id: UUID, version: int) -> UUID:
    return rules_version(programme(programme_id).id, version).id


class Backtests(ServiceView):
    """What a version of rules, a draft above all, would have given for real purchases and events."""

    scopes = {"GET": READ, "POST": WRITE}

    @operation(
        "list_backtests",
        "List the backtests of a version of rules, the newest first",
        query=PageQuery,
        answers={200: BacktestPage},
        refuses=_NOT_FOUND,
    )
    def get(self, request: Request, programme_id: UUID, version: int) -> HttpResponse:
        parse(PageQuery, request.query_params.dict())
        found = queries.listed(_rule_set_id(programme_id, version))
        return page_reply(request, found, partial(backtest_json, version=version, at=clock.now()))

    @operation(
        "create_backtest",
        "Try a version of rules on the purchases and events of a span, in the background",
        body=NewBacktest,
        answers={202: BacktestAnswer},
        moves_value=True,
        refuses=(*_NOT_FOUND, RulesRefused, TooManyBacktests),
    )
    def post(self, request: Request, programme_id: UUID, version: int) -> HttpResponse:
        body, caller = parse(NewBacktest, request.data), caller_of(request)
        span = {"starts_at": body["from"], "ends_at": body["to"]}

        def run() -> Reply:
            at = clock.now()
            asked = operations.start_backtest(programme_id, version, **span, requested_by=caller.id, at=at)
            return Reply(202, backtest_json(asked, version=version, at=at))

        return once(request, run)


class OneBacktest(ServiceView):
    """A backtest's progress, and what came out once it is done."""

    scopes = {"GET": READ}

    @operation(
        "get_backtest",
        "Read a backtest",
        answers={200: BacktestAnswer},
        refuses=(*_NOT_FOUND, BacktestNotFound),
    )
    def get(self, _request: Request, programme_id: UUID, version: int, backtest_id: UUID) -> HttpResponse:
        found = queries.read(_rule_set_id(programme_id, version), backtest_id)
        return reply(backtest_json(found, version=version, at=clock.now()))


class CancelBacktest(ServiceView):
    """The end of a backtest before it is done: after the chunk in hand. Again, it changes nothing."""

    scopes = {"POST": WRITE}

    @operation(
        "cancel_backtest",
        "Cancel a backtest",
        answers={200: BacktestAnswer},
        refuses=(*_NOT_FOUND, BacktestFinished, BacktestNotFound),
    )
    def post(self, _request: Request, programme_id: UUID, version: int, backtest_id: UUID) -> HttpResponse:
        at, found = clock.now(), queries.read(_rule_set_id(programme_id, version), backtest_id)
        return reply(backtest_json(operations.BACKTESTS.cancel(found.id, at=at), version=version, at=at))
