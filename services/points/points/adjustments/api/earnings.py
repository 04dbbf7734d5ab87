"""Points given to members."""

from django.http import HttpResponse
from rest_framework.request import Request

from points.adjustments import operations
from points.adjustments.api.answers import AdjustmentAnswer, adjustment_json
from points.adjustments.rows import Adjustment
from points.ledger.api.answers.transactions import TransactionAnswer, transaction_json
from points.ledger.api.bodies.postings import NewEarning
from points.ledger.errors import BalanceTooLarge, EndsBeforeActivation, MemberMerged, PurchaseTooOld, TooManyPoints
from points.ledger.rules.earnings import Wait
from points.programmes.errors import ProgrammeClosed, ProgrammeNotFound
from shared import clock
from shared.errors import MemberUnknown
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once


class Earnings(ServiceView):
    """Points given to members."""

    scopes = {"POST": ("points:earn",)}

    @operation(
        "earn_points",
        "Give a member points, or ask a second person where it is above the limit",
        body=NewEarning,
        answers={201: TransactionAnswer, 202: AdjustmentAnswer},
        moves_value=True,
        refuses=(
            BalanceTooLarge,
            EndsBeforeActivation,
            MemberMerged,
            MemberUnknown,
            ProgrammeClosed,
            ProgrammeNotFound,
            PurchaseTooOld,
            TooManyPoints,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(NewEarning, request.data)
        wait = Wait(**body.pop("activates")) if "activates" in body else None
        programme_id, caller = body.pop("programme", None), caller_of(request)

        def run() -> Reply:
            whose = {"programme_id": programme_id, "actor_id": caller.id, "is_person": caller.is_person}
            made = operations.ask_for_earning(**whose, wait=wait, at=clock.now(), **body)
            if isinstance(made, Adjustment):
                return Reply(202, adjustment_json(made))
            return Reply(201, transaction_json(made))

        return once(request, run)
