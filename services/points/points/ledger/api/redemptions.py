"""Points that members spend."""

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import operations
from points.ledger.api.answers.transactions import TransactionAnswer, transaction_json
from points.ledger.api.bodies.postings import NewRedemption
from points.ledger.errors import InsufficientPoints, MemberMerged
from points.programmes.errors import ProgrammeNotFound
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once


class Redemptions(ServiceView):
    """Points that members spend."""

    scopes = {"POST": ("points:redeem", "points:redeem-any")}

    @operation(
        "redeem_points",
        "Spend points",
        body=NewRedemption,
        answers={201: TransactionAnswer},
        moves_value=True,
        refuses=(InsufficientPoints, MemberMerged, NotFound, ProgrammeNotFound),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller = parse(NewRedemption, request.data), caller_of(request)
        member_id = caller.member_or_self(body.pop("member_id", None), any_scope="points:redeem-any")
        programme_id = body.pop("programme", None)

        def run() -> Reply:
            whose = {"programme_id": programme_id, "member_id": member_id, "actor_id": caller.id}
            fact = operations.redeem_points(**whose, at=clock.now(), **body)
            return Reply(201, transaction_json(fact))

        return once(request, run)
