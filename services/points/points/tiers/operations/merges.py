"""What a merge of members does to tiers: what counted for both counts for the one who stays, in that one's periods."""

from msgspec import structs

from points.ledger.merges import Merge
from points.programmes.queries import programmes_with_tiers
from points.programmes.rules import Programme
from points.tiers import rows
from points.tiers.models import TierOverride
from points.tiers.operations.moving import move, write
from points.tiers.queries.schemes import schemes
from points.tiers.rows import Moved
from points.tiers.rules import Standing, Sums, left, merged, spans_of


def merge_tiers(merge: Merge) -> None:
    """Let all that counted for a merged member count for the other, in each programme with tiers.

    The accounts of both are locked. The other has the higher tier of both, or what the progress of both reaches.
    """
    for programme in programmes_with_tiers():
        _merge(programme, merge)


def _merge(programme: Programme, merge: Merge) -> None:
    found, at = schemes(programme), merge.merged_at
    old, new = merge.from_member_id, merge.into_member_id
    if old not in rows.standings(programme.id, [old]):
        return
    move(programme, found, {old: (), new: ()}, at=at)
    rows.give_days(programme.id, old, new)
    standing = rows.standings(programme.id, [old, new])
    first = min(standing[old].counts_from, standing[new].counts_from)
    own = structs.replace(standing[new], counts_from=first)
    sums = Sums(rows.sums(programme.id, {new: spans_of(own, found, (), at=at)})[new])
    stays = merged(own, standing[old], found, sums, at=at, reference=merge.id)
    goes = left(standing[old], found, at=at, reference=merge.id)
    _give_override(standing[old], standing[new], merge)
    write(programme, found, [Moved(new, *stays), Moved(old, *goes)], at=at)
    rows.forget(programme.id, old)


def _give_override(old: Standing, new: Standing, merge: Merge) -> None:
    """Let the other member have the override of the merged one, which ends where the other has one."""
    if old.override is None:
        return
    row = TierOverride.objects.filter(id=old.override.id)
    if new.override:
        row.update(ended_at=merge.merged_at, ended_by=merge.merged_by)
    else:
        row.update(member_id=merge.into_member_id)
