"""Points that one member gives another."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from points.ledger.errors import TransferToOneself
from points.ledger.posting import post
from points.ledger.rules.values import Kind, Posted, Posting
from points.members.queries import check_known
from points.programmes.errors import ProgrammeClosed
from points.programmes.queries import programme
from shared.db import unit_of_work
from shared.errors import DomainError
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Transfer:
    """Points that were given, by a transaction on each side; both have `transfer:<id>` as their reference."""

    id: UUID
    sent: Posted
    received: Posted


def transfer_points(
    *,
    programme_id: UUID | None,
    from_member_id: UUID,
    to_member_id: UUID,
    points: int,
    reason: str,
    actor_id: UUID | None = None,
    at: datetime,
) -> Transfer:
    """Give a member's points to another, who gets them with the ends they had; what the other owes is paid first.

    :raises TransferToOneself: both are one member.
    :raises MemberUnknown: nobody registered as `to_member_id`, or the word of it is still under way.
    :raises MemberDeactivated: who would get the points was shut out.
    :raises InsufficientPoints: fewer can be spent now.
    :raises ProgrammeNotFound: no such programme, or no default one.
    :raises ProgrammeClosed: it gives no more points.
    """
    if from_member_id == to_member_id:
        raise TransferToOneself()
    found = programme(programme_id)
    if found.status != "active":
        raise ProgrammeClosed()
    check_known(to_member_id)
    transfer_id = new_id()

    def side(kind: Kind, member_id: UUID, sent_as: str | None = None) -> Posting:
        return Posting(
            kind=kind,
            programme_id=found.id,
            member_id=member_id,
            points=points,
            reference=f"transfer:{transfer_id}",
            reason=reason,
            source_key=f"transfer:{transfer_id}:{kind}",
            sent_as=sent_as,
            actor_id=actor_id,
        )

    sent = side(Kind.SENT, from_member_id)
    received = side(Kind.RECEIVED, to_member_id, sent_as=sent.source_key)
    with unit_of_work():
        return Transfer(transfer_id, *_both(post([sent, received], at=at)))


def _both(outcomes: list[Posted | DomainError]) -> list[Posted]:
    facts = []
    for outcome in outcomes:
        if isinstance(outcome, DomainError):
            raise outcome
        facts.append(outcome)
    return facts
