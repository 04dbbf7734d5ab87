"""Reading what postings are decided on: their accounts, locked in the order of their numbers, with the lots, holds and
pending points that may matter.

A hold and pending points have no lock of their own: it is that of their account.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import structs

from points.ledger import holds, pending
from points.ledger.merges import as_now
from points.ledger.posting import statements as sql
from points.ledger.rules.lots import is_alive, spending_order
from points.ledger.rules.values import BUCKETS, NO_POINTS, Account, Hold, Key, Kind, Known, Lot, Pending, Posting
from shared.db import Prepared, Row, array

# More open lots than this are read only where the first ones do not cover what is asked for.
LOTS_AT_FIRST = 20
_ALL_LOTS = 2**31
_GIVES = {Kind.EARNED, Kind.RECEIVED, Kind.REINSTATED}
_SPENDING = {Kind.REDEEMED, Kind.ADJUSTED, Kind.RETURNED, Kind.REVERSED, Kind.HELD, Kind.SENT}


def lock_accounts(postings: Sequence[Posting], *, at: datetime) -> dict[Key, Account]:
    """Lock the accounts of postings and read them with the open lots that may be needed; by programme and member.

    Takes one round trip. An account that is missing is made where points are given, and is absent
    from the answer otherwise.
    """
    statements = _statements_for(postings)
    found = _read_one(statements, postings) or _read_known(statements, postings)
    found = found or _read(statements, postings, limit=LOTS_AT_FIRST)
    if _is_too_little(found, postings, at=at):
        found = _read(statements, postings, limit=_ALL_LOTS)
    return as_now(found) if any(one.merged_into for one in found.values()) else found


def with_holds(accounts: dict[Key, Account], postings: Sequence[Posting], *, at: datetime) -> dict[Key, Account]:
    """Return locked accounts with the holds that matter: those that postings close, and those whose time has passed."""
    named = [posting.hold.hold_id for posting in postings if posting.hold]
    holding = [account.id for account in accounts.values() if account.buckets["held"]]
    if not (named or holding):
        return accounts
    found: dict[Key, list[Hold]] = defaultdict(list)
    for hold in holds.read(named=named, accounts=holding, at=at):
        found[hold.programme_id, hold.member_id].append(hold)
    return accounts | {key: structs.replace(accounts[key], holds=tuple(those)) for key, those in found.items()}


def with_pending(accounts: dict[Key, Account], postings: Sequence[Posting], *, at: datetime) -> dict[Key, Account]:
    """Return locked accounts with the pending points that matter: those that postings name, and those that are due.

    A return's also where they wait no more: what was cancelled is not taken back again, whoever was merged since.
    """
    waiting = [account.id for account in accounts.values() if account.buckets["pending"]]
    named = [posting.pending.pending_id for posting in postings if posting.pending]
    returned = [posting for posting in postings if posting.kind == Kind.RETURNED]
    back = {lot_id: (posting.programme_id, posting.member_id) for posting in returned for lot_id in posting.lots}
    if not (named or waiting or back):
        return accounts
    named += [lot_id for posting in postings for lot_id in posting.lots]
    found: dict[Key, list[Pending]] = defaultdict(list)
    for one in pending.read(named=named, accounts=waiting, at=at):
        # What was named may have gone to another member by a merge meanwhile.
        if (key := back.get(one.id, (one.programme_id, one.member_id))) in accounts:
            found[key].append(one)
    return accounts | {key: structs.replace(accounts[key], pending=tuple(those)) for key, those in found.items()}


def _statements_for(postings: Sequence[Posting]) -> Prepared:
    gives = any(_gives(posting) for posting in postings)
    spends = any(_spends(posting) for posting in postings)
    named = any(posting.lots for posting in postings)
    if gives + spends + named > 1:
        return sql.ANY
    if spends:
        return sql.SPEND
    return sql.NAME if named else sql.GIVE


def _gives(posting: Posting) -> bool:
    return posting.kind in _GIVES or (posting.kind == Kind.ADJUSTED and posting.points > 0)


def _spends(posting: Posting) -> bool:
    # A capture spends what its hold took from lots before.
    return posting.kind in _SPENDING and posting.hold is None and not _gives(posting)


_FOR_ONE = {sql.GIVE.name: sql.GIVE_ONE, sql.SPEND.name: sql.SPEND_ONE}


def _read_one(statements: Prepared, postings: Sequence[Posting]) -> dict[Key, Account] | None:
    """Return the account of a single posting; None where there is none yet, or these statements are not for one."""
    if len(postings) > 1 or not (for_one := _FOR_ONE.get(statements.name)):
        return None
    key = {"programme": postings[0].programme_id, "member": postings[0].member_id}
    return accounts_of(for_one.rows({**key, "limit": LOTS_AT_FIRST}))


def _read_known(statements: Prepared, postings: Sequence[Posting]) -> dict[Key, Account] | None:
    """Return accounts with their lots as the postings know them; None where some know none, or theirs have changed."""
    known: dict[Key, Known] = {}
    for posting in postings if statements is sql.NAME else ():
        if posting.known is None:
            return None
        key = posting.programme_id, posting.member_id
        known[key] = _together(known[key], posting.known) if key in known else posting.known
    read = {(row[1], row[2]): row for row in sql.NAME_KNOWN.rows(of_keys(known))} if known else {}
    if len(read) < len(known) or any(row[3] != known[key].version for key, row in read.items()):
        return None
    return {key: _account(row, known[key].lots) for key, row in read.items()}


def _together(some: Known, others: Known) -> Known:
    lots = {lot.id: lot for lot in some.lots + others.lots}
    # Of two versions one at least is not the present one.
    return Known(min(some.version, others.version), tuple(sorted(lots.values(), key=spending_order)))


def _read(statements: Prepared, postings: Sequence[Posting], *, limit: int) -> dict[Key, Account]:
    keys = {(posting.programme_id, posting.member_id) for posting in postings}
    # Each once: what comes back to a lot that has ended, and its end, name the same.
    lots = {lot for posting in postings for lot in posting.lots}
    parameters = {**of_keys(keys), "limit": limit, "lots": array(list(lots))}
    found = accounts_of(statements.rows(parameters))
    if statements is sql.GIVE and len(found) < len(keys):
        return accounts_of(sql.GIVE_AFTER_OTHERS.rows(parameters))
    return found


def of_keys(keys: Collection[Key]) -> dict[str, str]:
    return {
        "programmes": array([programme for programme, _ in keys]),
        "members": array([member for _, member in keys]),
    }


def accounts_of(found: Iterable[Row]) -> dict[Key, Account]:
    """Return accounts from rows of an account, of one of its lots, or of both; the lots in the order of the rows.

    Lots of another account are left out: one that is named may have gone to another member by a merge.
    """
    fixed, lots = dict[int, Row](), defaultdict[int, list[Lot]](list)
    for row in found:
        if row[1] is not None:
            fixed[row[0]] = row
        if len(row) > sql.WIDTH and row[sql.WIDTH] is not None:
            lots[row[0]].append(Lot(*row[sql.WIDTH :]))
    return {(row[1], row[2]): _account(row, tuple(lots.get(number, ()))) for number, row in fixed.items()}


def _account(row: Row, lots: tuple[Lot, ...]) -> Account:
    account_id, programme_id, member_id, version, merged_into, *points = row[: sql.WIDTH]
    if version is None:
        return Account(account_id, programme_id, member_id, NO_POINTS, 0, merged_into=merged_into)
    buckets = dict(zip(BUCKETS, points, strict=True))
    return Account(account_id, programme_id, member_id, buckets, version, lots, merged_into=merged_into)


def _is_too_little(accounts: dict[Key, Account], postings: Sequence[Posting], *, at: datetime) -> bool:
    """Tell whether some account has more open lots than were read and might need them."""
    large = {key: account for key, account in accounts.items() if len(account.lots) >= LOTS_AT_FIRST}
    if not large:
        return False
    ended = {lot for posting in postings if posting.reverses and posting.reverses.takes_ended for lot in posting.lots}
    has = {key: _has(account.lots, at, ended) for key, account in large.items()}
    for posting in postings:
        if (key := (posting.programme_id, posting.member_id)) in has:
            has[key] += _brings_back(posting, large[key], at, ended) or _takes(posting)
            if has[key] < 0:
                return True
    return False


def _has(lots: Iterable[Lot], at: datetime, ended: Collection[UUID]) -> int:
    """Return how many points of lots can be taken; these also where they have ended."""
    return sum(lot.remaining for lot in lots if is_alive(lot, at=at) or lot.id in ended)


def _takes(posting: Posting) -> int:
    return -abs(posting.points) if _spends(posting) else 0


def _brings_back(posting: Posting, account: Account, at: datetime, ended: Collection[UUID]) -> int:
    """Return how many points a posting gives back to lots, for those after it to take; 0 where it gives none.

    What gives back points that a debt may take, or that have ended and nobody may take, is counted as one that takes.
    """
    if account.buckets["deficit"]:
        return 0
    if posting.kind == Kind.REINSTATED and posting.id in ended:
        return posting.points
    return _has(posting.reverses.spent, at, ()) if posting.reverses else 0
