"""Two members who are one person: all points of one become the other's, in every programme."""

from datetime import datetime
from uuid import UUID

from points.ledger import holds, merges, queries
from points.ledger.errors import HoldsOpen, MemberMerged, MergeWithOneself
from points.ledger.locks import lock_members, lock_merges
from points.ledger.merges import Merge
from points.ledger.operations.endings import expiries
from points.ledger.posting import post_all
from points.ledger.posting.followers import tell_merged
from points.ledger.posting.load import with_holds, with_pending
from points.ledger.rules.due import with_due
from points.ledger.rules.holds import releases
from points.ledger.rules.merges import postings
from points.ledger.rules.values import HoldState, Posting
from points.members.queries import check_not_deactivated
from points.programmes.queries import end_of_lot_in
from shared.db import unit_of_work
from shared.ids import new_id


def merge_members(
    *,
    from_member_id: UUID,
    into_member_id: UUID,
    reason: str,
    void_holds: bool = False,
    actor_id: UUID,
    at: datetime,
) -> Merge:
    """Give all points of a member to another, in every programme, for good.

    Lots keep their ends, what is pending goes on waiting, and what either owes is paid. Afterwards nothing is posted
    to the first member any more; what payments say of them goes to the other.

    :raises MergeWithOneself: both are one member.
    :raises MemberMerged: one of them was merged before.
    :raises MemberDeactivated: whose the points would be was shut out.
    :raises HoldsOpen: points of the first are set aside, and `void_holds` does not say to give them back.
    """
    if from_member_id == into_member_id:
        raise MergeWithOneself()
    merge = Merge(new_id(), from_member_id, into_member_id, reason, actor_id, at)
    with unit_of_work():
        lock_merges()
        _refuse_merged(merge)
        check_not_deactivated(into_member_id)
        _settle(merge, void_holds=void_holds)
        merges.insert(merge)
        post_all(_moves(merge), at=at)
        merges.move_pending(merge)
        merges.close_accounts(merge)
        tell_merged(merge)
    return merge


def _refuse_merged(merge: Merge) -> None:
    known = merges.aliases([merge.from_member_id, merge.into_member_id])
    for member_id, into in known.items():
        raise MemberMerged(member_id=str(member_id), merged_into=str(into))


def _settle(merge: Merge, *, void_holds: bool) -> None:
    """Lock both members' accounts, and let nothing be due, set aside or dead in the first one's."""
    at, accounts = merge.merged_at, lock_members([merge.from_member_id, merge.into_member_id])
    due = with_due(
        with_pending(with_holds(accounts, [], at=at), [], at=at).values(), [], end_of_lot=end_of_lot_in, at=at
    )
    post_all(due, at=at)
    ids = [account.id for account in accounts.values() if account.member_id == merge.from_member_id]
    set_aside = holds.read(named=holds.open_in(ids))
    if set_aside and not void_holds:
        raise HoldsOpen(holds=[str(hold.id) for hold in set_aside[:100]])
    post_all([one for hold in set_aside for one in releases(hold, to=HoldState.VOIDED, at=at)], at=at)
    post_all(expiries(queries.dead_lots(ids, at=at), at), at=at)


def _moves(merge: Merge) -> list[Posting]:
    accounts = lock_members([merge.from_member_id, merge.into_member_id])
    return [
        posting
        for account in accounts.values()
        if account.member_id == merge.from_member_id
        for posting in postings(
            account, into=merge.into_member_id, merge_id=merge.id, reason=merge.reason, actor_id=merge.merged_by
        )
    ]
