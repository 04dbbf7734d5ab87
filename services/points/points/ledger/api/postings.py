"""Requests that move points."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import operations
from points.ledger.api.bodies import (
    NewEarning,
    NewRedemption,
    NewReversal,
    NewTransfer,
    TransactionAnswer,
    TransferAnswer,
    transaction_json,
    transfer_json,
)
from points.ledger.errors import (
    AlreadyReversed,
    BalanceTooLarge,
    EndsBeforeActivation,
    InsufficientPoints,
    MemberMerged,
    NotReversible,
    PaysPurchase,
    PaysVoucher,
    TransactionNotFound,
    TransferToOneself,
)
from points.ledger.rules.earnings import Wait
from points.programmes.errors import ProgrammeClosed, ProgrammeNotFound
from shared import clock
from shared.errors import MemberDeactivated, MemberUnknown, NotFound
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of
from shared.idempotency.replay import Reply, once, once_guessed


class Earnings(ServiceView):
    """Points given to members."""

    scopes = {"POST": ("points:earn",)}

    @operation(
        "earn_points",
        "Give a member points",
        body=NewEarning,
        answers={201: TransactionAnswer},
        moves_value=True,
        refuses=(
            BalanceTooLarge,
            EndsBeforeActivation,
            MemberMerged,
            MemberUnknown,
            ProgrammeClosed,
            ProgrammeNotFound,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(NewEarning, request.data)
        wait = Wait(**body.pop("activates")) if "activates" in body else None
        programme_id, actor_id = body.pop("programme", None), caller_of(request).id

        def run(is_guess: bool) -> Reply:
            whose = {"programme_id": programme_id, "actor_id": actor_id}
            fact = operations.earn_points(**whose, wait=wait, unseen=is_guess, at=clock.now(), **body)
            return Reply(201, transaction_json(fact))

        return once_guessed(request, run)


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

        def run(is_guess: bool) -> Reply:
            whose = {"programme_id": programme_id, "member_id": member_id, "actor_id": caller.id}
            fact = operations.redeem_points(**whose, unseen=is_guess, at=clock.now(), **body)
            return Reply(201, transaction_json(fact))

        return once_guessed(request, run)


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


class Reversals(ServiceView):
    """A transaction undone."""

    scopes = {"POST": ("points:adjust",)}

    @operation(
        "reverse_transaction",
        "Reverse a transaction",
        body=NewReversal,
        answers={201: TransactionAnswer},
        moves_value=True,
        refuses=(
            AlreadyReversed,
            BalanceTooLarge,
            MemberMerged,
            NotReversible,
            PaysPurchase,
            PaysVoucher,
            TransactionNotFound,
        ),
    )
    def post(self, request: Request, transaction_id: UUID) -> HttpResponse:
        body, actor_id = parse(NewReversal, request.data), caller_of(request).id

        def run() -> Reply:
            fact = operations.reverse_transaction(transaction_id, actor_id=actor_id, at=clock.now(), **body)
            return Reply(201, transaction_json(fact))

        return once(request, run)
