"""Earnings of members who never registered, which a programme may refuse."""

from collections.abc import Sequence
from uuid import UUID

from points.ledger.queries import by_source_key
from points.ledger.rules.values import Kind, Posting
from points.members.queries import unknown_of
from points.programmes.queries import programme
from points.programmes.rules import Programme
from shared.errors import DomainError, MemberUnknown


def check_may_earn(found: Programme, member_id: UUID) -> None:
    """Check that a programme gives a member points.

    :raises MemberUnknown: nobody registered by this id, or the word of it is still under way, and the programme
        refuses such members.
    """
    if found.unknown_members == "refuse" and unknown_of([member_id]):
        raise MemberUnknown(member_id=str(member_id))


def refuse_unknown(wishes: Sequence[Posting | DomainError]) -> list[Posting | DomainError]:
    """Return postings with a refusal in the place of each earning that its programme refuses for its unknown member.

    What was posted before stays what it is. One statement for any number, none where no programme refuses.
    """
    earnings = [wish for wish in wishes if isinstance(wish, Posting) and _may_be_refused(wish)]
    unknown = unknown_of({wish.member_id for wish in earnings})
    refused = [wish for wish in earnings if wish.member_id in unknown]
    earlier = by_source_key([wish.source_key for wish in refused if wish.source_key is not None])
    gone = {wish.id for wish in refused if wish.source_key not in earlier}
    return [
        MemberUnknown(member_id=str(wish.member_id)) if isinstance(wish, Posting) and wish.id in gone else wish
        for wish in wishes
    ]


def _may_be_refused(wish: Posting) -> bool:
    return wish.kind == Kind.EARNED and programme(wish.programme_id).unknown_members == "refuse"
