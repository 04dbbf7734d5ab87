"""Points that members give to others."""

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import operations
from points.ledger.api.answers.transactions import TransferAnswer, transfer_json
from points.ledger.api.bodies.postings import NewTransfer
from points.ledger.errors import BalanceTooLarge, InsufficientPoints, MemberMerged, TransferToOneself
from points.programmes.errors import ProgrammeClosed, ProgrammeNotFound
from shared import clock
from shared.errors import MemberDeactivated, MemberUnknown, NotFound
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once


class Transfers(ServiceView):
    """Points that members give each other."""

    scopes = {"POST": ("points:redeem", "points:redeem-any")}

    @operation(
        "transfer_points",
        "Transfer points to another member",
        body=NewTransfer,
        answers={201: TransferAnswer},
        moves_value=True,
        refuses=(
            BalanceTooLarge,
            InsufficientPoints,
            MemberDeactivated,
            MemberMerged,
            MemberUnknown,
            NotFound,
            ProgrammeClosed,
            ProgrammeNotFound,
            TransferToOneself,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        body, caller = parse(NewTransfer, request.data), caller_of(request)
        sender = caller.member_or_self(body.pop("from_member_id", None), any_scope="points:redeem-any")
        programme_id = body.pop("programme", None)

        def run() -> Reply:
            made = operations.transfer_points(
                programme_id=programme_id, from_member_id=sender, actor_id=caller.id, at=clock.now(), **body
            )
            return Reply(201, transfer_json(made))

        return once(request, run)
