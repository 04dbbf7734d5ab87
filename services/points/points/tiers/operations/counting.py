"""What purchases and events do to tiers where these count, and not points: progress moves as they are noted, whether or
not they earn, and tiers with it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from points.earning.followers import Key
from points.earning.rules.noted import Bought, Left, Noted
from points.ledger.locks import lock_keys, share_merges
from points.ledger.merges import aliases
from points.programmes.queries import MEMORY, programme
from points.programmes.rules import Programme
from points.tiers import counted
from points.tiers.counted import Counted
from points.tiers.operations.moving import move
from points.tiers.queries.schemes import schemes_of
from points.tiers.rules import Schemes, Step
from points.tiers.rules.metrics import amount_left, amount_of
from shared.zones import local_day

Steps = dict[UUID, dict[UUID, list[Step]]]


class TiersOfPurchasesAndEvents:
    """Follows purchases and events."""

    def noted(self, noted: Sequence[Noted], *, locking: Collection[Key], at: datetime) -> None:
        """Move the progress of whoever these are of, and their tiers; an order of a merchant counts once.

        Locks the accounts of all whom they move, so that nobody else moves the same.
        """
        schemes = _counting({one.programme_id for one in noted})
        found = {one.id: it for one in noted if (it := _counted(one, schemes.get(one.programme_id)))}
        if not found:
            return
        now = _lock([(one.programme_id, one.member_id) for one in noted if one.id in found], locking)
        fresh = counted.note(list(found.values()))
        steps = _no_steps()
        for one in noted:
            if one.id in fresh:
                step = Step(found[one.id].day, found[one.id].amount, one.id)
                steps[one.programme_id][now.get(one.member_id, one.member_id)].append(step)
        _move(steps, schemes, at=at)

    def came_back(self, left: Sequence[Left], *, locking: Collection[Key], at: datetime) -> None:
        """Lower the days of purchases and events by what came back of them, where they counted."""
        schemes = _counting(one.programme_id for one in left)
        read = counted.read([one.id for one in left]) if schemes else {}
        found = {key: one for key, one in read.items() if one.programme_id in schemes}
        if not found:
            return
        now = _lock([(found[one.id].programme_id, one.member_id) for one in left if one.id in found], locking)
        steps = _no_steps()
        for one in left:
            if one.id in found and (step := _lowered(one, found, schemes)):
                steps[found[one.id].programme_id][now.get(one.member_id, one.member_id)].append(step)
        if steps:
            counted.lower({key: one.amount for key, one in found.items()})
        _move(steps, schemes, at=at)


def _lowered(one: Left, found: dict[UUID, Counted], schemes: Mapping[UUID, Schemes]) -> Step | None:
    """Return by how much a day counts less, where it does, and let what comes back after it know."""
    before = found[one.id]
    amount = min(before.amount, amount_left(schemes[before.programme_id].now.metric, one.left))
    found[one.id] = before._replace(amount=amount)
    return Step(before.day, amount - before.amount, one.reference) if amount < before.amount else None


def _counting(programme_ids: Iterable[UUID | None]) -> dict[UUID, Schemes]:
    """Return what those of these programmes say of tiers in which purchases or events count; any may be the one that is
    not known."""
    named = set(programme_ids)
    those: Iterable[Programme] = MEMORY.all() if None in named else [programme(one) for one in named]
    found = {one.id: schemes for one in those if (schemes := schemes_of(one))}
    return {key: schemes for key, schemes in found.items() if schemes.now.metric != "points"}


def _counted(one: Noted, schemes: Schemes | None) -> Counted | None:
    amount = amount_of(schemes.now.metric, one) if schemes else 0
    if schemes is None or not amount:
        return None
    order = one.order if isinstance(one, Bought) else None
    return Counted(one.id, one.programme_id, local_day(one.occurred_at, schemes.timezone), amount, order)


def _lock(keys: Collection[Key], locking: Collection[Key]) -> dict[UUID, UUID]:
    """Lock accounts of members, of whoever they are now, with those that are locked next; return who they are now.

    Nobody is merged meanwhile, so that they stay who they are.
    """
    share_merges()
    now = aliases({member_id for _, member_id in (*keys, *locking)})
    current = {(key, now.get(member_id, member_id)) for key, member_id in (*keys, *locking)}
    lock_keys(current | set(locking))
    return now


def _no_steps() -> Steps:
    return defaultdict(lambda: defaultdict(list))


def _move(steps: Steps, schemes: Mapping[UUID, Schemes], *, at: datetime) -> None:
    for programme_id in sorted(steps):
        move(programme(programme_id), schemes[programme_id], steps[programme_id], at=at)
