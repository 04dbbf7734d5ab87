"""All row locks of the ledger, always in this order: purchases by payment, one adjustment, merges; an expiry run and
the right to expire lots; accounts by number.

A hold and pending points have no lock of their own: it is that of their account.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import structs

from points.ledger import holds, pending, purchases
from points.ledger.models import ExpiryRun
from points.ledger.rules.lots import is_alive, spending_order
from points.ledger.rules.purchases import Purchase
from points.ledger.rules.values import BUCKETS, NO_POINTS, Account, Hold, Key, Kind, Known, Lot, Pending, Posting
from shared.db import Prepared, Row, array, execute, rows

# More open lots than this are read only where the first ones do not cover what is asked for.
LOTS_AT_FIRST = 20
_ALL_LOTS = 2**31
_GIVING = {Kind.EARNED, Kind.RECEIVED, Kind.REINSTATED}
_SPENDING = {Kind.REDEEMED, Kind.ADJUSTED, Kind.RETURNED, Kind.REVERSED, Kind.HELD, Kind.SENT}
_KEYS = "unnest(%(programmes)s::uuid[], %(members)s::uuid[]) AS k (programme_id, member_id)"
# Each key is looked up by itself (OFFSET 0): a join, planned while there were few accounts, reads all of them and looks
# for each in the list.
_ACCOUNT = "(SELECT * FROM account a WHERE a.member_id = k.member_id AND a.programme_id = k.programme_id OFFSET 0)"
_ACCOUNTS = f"{_KEYS} CROSS JOIN LATERAL {_ACCOUNT} a"
# Sorted, so that two transactions that make the same new accounts wait for each other and never in a ring.
_MAKE_MISSING = f"""
INSERT INTO account (programme_id, member_id, version, {", ".join(BUCKETS)}, merged_into)
SELECT programme_id, member_id, 0{", 0" * len(BUCKETS)},
    (SELECT into_member_id FROM member_merge WHERE from_member_id = k.member_id) FROM {_KEYS}
WHERE NOT EXISTS {_ACCOUNT}
ORDER BY member_id, programme_id ON CONFLICT DO NOTHING
"""
# One after the other, in their order.
_LOCKED = "CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = o.id FOR NO KEY UPDATE) a"
_LOCK = f"SELECT a.id FROM (SELECT a.id FROM {_ACCOUNTS} ORDER BY a.id) o {_LOCKED}"
_WIDTH = 5 + len(BUCKETS)
_COLUMNS = ", ".join(f"a.{name}" for name in ("id", "programme_id", "member_id", "version", "merged_into", *BUCKETS))
_NO_COLUMNS = f"NULL::uuid, NULL::uuid, NULL::bigint, NULL::uuid{', NULL::bigint' * len(BUCKETS)}"
# A row that was waited for is read as it was committed meanwhile; rows that are joined to it would not be.
_LOCK_AND_READ = _LOCK.replace("a.id", _COLUMNS, 1)
# Each account is looked for once. Those that are made here are nobody else's to lock, and nothing but zeros to read.
# One that somebody else made meanwhile is neither made nor seen: then none is locked, as all must be in their order.
_MAKE_OR_LOCK = f"""
WITH seen AS MATERIALIZED (
    SELECT k.programme_id, k.member_id, a.id FROM {_KEYS} LEFT JOIN LATERAL {_ACCOUNT} a ON true
), made AS (
    INSERT INTO account (programme_id, member_id, version, {", ".join(BUCKETS)}, merged_into)
    SELECT programme_id, member_id, 0{", 0" * len(BUCKETS)},
        (SELECT into_member_id FROM member_merge WHERE from_member_id = seen.member_id) FROM seen WHERE id IS NULL
    ORDER BY member_id, programme_id ON CONFLICT (member_id, programme_id) DO NOTHING
    RETURNING id, programme_id, member_id, merged_into
)
SELECT id, programme_id, member_id, NULL::bigint, merged_into{", NULL::bigint" * len(BUCKETS)} FROM made
UNION ALL SELECT {_COLUMNS} FROM (
    SELECT id FROM seen
    WHERE id IS NOT NULL AND (SELECT count(*) FROM made) = (SELECT count(*) FROM seen WHERE id IS NULL)
    ORDER BY id) o {_LOCKED}
"""
_LOT = "account_id, id, remaining, expires_at, number, expires_on"
_IN_ORDER = f"""
SELECT l.* FROM {_ACCOUNTS} CROSS JOIN LATERAL (
    SELECT {_LOT} FROM lot WHERE lot.account_id = a.id AND is_open ORDER BY expires_at, number LIMIT %(limit)s) l"""
# These can only be looked up: for `=`, or `is_open` as the indexes have it, a plan made while there are few lots reads
# all of them in the order of an index, and looks for each in the list.
_NAMED = f"""
SELECT {_LOT} FROM unnest(%(lots)s::uuid[]) AS n (lot_id) JOIN lot ON id = ANY (ARRAY[lot_id]) WHERE remaining > 0"""
# Statements of their own after the lock, so that they see what was committed while the lock was waited for.
_FIRST = f"""LATERAL (SELECT {_LOT} FROM lot WHERE lot.account_id = a.id AND is_open
    ORDER BY expires_at, number LIMIT %(limit)s) l ON true"""
_AND_LOT = "l.id, l.remaining, l.expires_at, l.number, l.expires_on"
_WITH_FIRST = f"""
SELECT {_COLUMNS}, {_AND_LOT} FROM {_ACCOUNTS} LEFT JOIN {_FIRST}
ORDER BY a.id, l.expires_at, l.number
"""


def _with_these(lots: str) -> str:
    """Return what reads each account by its key, and then these lots by the number of theirs; it joins no two lists."""
    return f"""
SELECT {_COLUMNS}, NULL::uuid, NULL::bigint, NULL::timestamptz, NULL::bigint, NULL::date
FROM {_ACCOUNTS}
UNION ALL SELECT l.account_id, {_NO_COLUMNS}, {_AND_LOT} FROM ({lots}) l
ORDER BY 1, {_WIDTH + 3}, {_WIDTH + 4}
"""


_GIVE = Prepared("ledger_give", _MAKE_OR_LOCK)
_GIVE_AFTER_OTHERS = Prepared("ledger_give_after_others", _MAKE_MISSING, _LOCK_AND_READ)
_SPEND = Prepared("ledger_spend", _LOCK, _WITH_FIRST)
# One account, as most often: plain values are planned, sent and read in half the time of arrays of one. That of a
# member who gets the first points is made by `_GIVE` then.
_THIS = "a.programme_id = %(programme)s::uuid AND a.member_id = %(member)s::uuid"
_GIVE_ONE = Prepared("ledger_give_one", f"SELECT {_COLUMNS} FROM account a WHERE {_THIS} FOR NO KEY UPDATE")
_SPEND_ONE = Prepared(
    "ledger_spend_one",
    f"SELECT FROM account a WHERE {_THIS} FOR NO KEY UPDATE",
    f"""SELECT {_COLUMNS}, l.id, l.remaining, l.expires_at, l.number, l.expires_on FROM account a
    LEFT JOIN {_FIRST} WHERE {_THIS} ORDER BY l.expires_at, l.number""",
)
_NAME = Prepared("ledger_name", _LOCK, _with_these(_NAMED))
_NAME_KNOWN = Prepared("ledger_name_known", _LOCK_AND_READ)
_ANY = Prepared("ledger_any", _MAKE_MISSING, _LOCK, _with_these(f"{_IN_ORDER} UNION {_NAMED}"))
_LOCK_OF_HOLD = "SELECT FROM account WHERE id = (SELECT account_id FROM hold WHERE id = %s) FOR NO KEY UPDATE"


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
    return found


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


def lock_hold(hold_id: UUID) -> Hold | None:
    """Lock a hold by its account, as whoever closes it does, and read it."""
    if not rows(_LOCK_OF_HOLD, [hold_id]):
        return None
    return holds.read(named=[hold_id])[0]


def _statements_for(postings: Sequence[Posting]) -> Prepared:
    gives = any(_gives(posting) for posting in postings)
    spends = any(_spends(posting) for posting in postings)
    named = any(posting.lots for posting in postings)
    if gives + spends + named > 1:
        return _ANY
    if spends:
        return _SPEND
    return _NAME if named else _GIVE


def _gives(posting: Posting) -> bool:
    return posting.kind in _GIVING or (posting.kind == Kind.ADJUSTED and posting.points > 0)


def _spends(posting: Posting) -> bool:
    # A capture spends what its hold took from lots before.
    return posting.kind in _SPENDING and posting.hold is None and not _gives(posting)


_FOR_ONE = {_GIVE.name: _GIVE_ONE, _SPEND.name: _SPEND_ONE}


def _read_one(statements: Prepared, postings: Sequence[Posting]) -> dict[Key, Account] | None:
    """Return the account of a single posting; None where there is none yet, or these statements are not for one."""
    if len(postings) > 1 or not (for_one := _FOR_ONE.get(statements.name)):
        return None
    key = {"programme": postings[0].programme_id, "member": postings[0].member_id}
    return _accounts(for_one.rows({**key, "limit": LOTS_AT_FIRST}))


def _read_known(statements: Prepared, postings: Sequence[Posting]) -> dict[Key, Account] | None:
    """Return accounts with their lots as the postings know them; None where some know none, or theirs have changed."""
    known: dict[Key, Known] = {}
    for posting in postings if statements is _NAME else ():
        if posting.known is None:
            return None
        key = posting.programme_id, posting.member_id
        known[key] = _together(known[key], posting.known) if key in known else posting.known
    read = {(row[1], row[2]): row for row in _NAME_KNOWN.rows(_of_keys(known))} if known else {}
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
    parameters = {**_of_keys(keys), "limit": limit, "lots": array(list(lots))}
    found = _accounts(statements.rows(parameters))
    if statements is _GIVE and len(found) < len(keys):
        return _accounts(_GIVE_AFTER_OTHERS.rows(parameters))
    return found


def _of_keys(keys: Collection[Key]) -> dict[str, str]:
    return {
        "programmes": array([programme for programme, _ in keys]),
        "members": array([member for _, member in keys]),
    }


def _accounts(found: Iterable[Row]) -> dict[Key, Account]:
    """Return accounts from rows of an account, of one of its lots, or of both; the lots in the order of the rows.

    Lots of another account are left out: one that is named may have gone to another member by a merge.
    """
    fixed, lots = dict[int, Row](), defaultdict[int, list[Lot]](list)
    for row in found:
        if row[1] is not None:
            fixed[row[0]] = row
        if len(row) > _WIDTH and row[_WIDTH] is not None:
            lots[row[0]].append(Lot(*row[_WIDTH:]))
    return {(row[1], row[2]): _account(row, tuple(lots.get(number, ()))) for number, row in fixed.items()}


def _account(row: Row, lots: tuple[Lot, ...]) -> Account:
    account_id, programme_id, member_id, version, merged_into, *points = row[:_WIDTH]
    if version is None:
        return Account(account_id, programme_id, member_id, NO_POINTS, 0, merged_into=merged_into)
    buckets = dict(zip(BUCKETS, points, strict=True))
    return Account(account_id, programme_id, member_id, buckets, version, lots, merged_into=merged_into)


def _is_too_little(accounts: dict[Key, Account], postings: Sequence[Posting], *, at: datetime) -> bool:
    """Tell whether some account has more open lots than were read and might need them."""
    large = {key: account for key, account in accounts.items() if len(account.lots) >= LOTS_AT_FIRST}
    if not large:
        return False
    wanted = dict.fromkeys(large, 0)
    for posting in postings:
        if (key := (posting.programme_id, posting.member_id)) in wanted and _spends(posting):
            wanted[key] += abs(posting.points)
    alive = {key: sum(lot.remaining for lot in account.lots if is_alive(lot, at=at)) for key, account in large.items()}
    return any(wanted[key] > alive[key] for key in large)


# In every programme, so that nobody opens an account of the merged member later; and in the order of `_MAKE_MISSING`.
_MAKE_ALL = f"""
INSERT INTO account (programme_id, member_id, version, {", ".join(BUCKETS)})
SELECT p.id, m.id, 0{", 0" * len(BUCKETS)} FROM programme p CROSS JOIN unnest(%(members)s::uuid[]) AS m (id)
WHERE NOT EXISTS (SELECT FROM account a WHERE a.member_id = m.id AND a.programme_id = p.id)
ORDER BY m.id, p.id ON CONFLICT DO NOTHING;
"""
_OF_MEMBERS = "FROM account a WHERE a.member_id = ANY(%(members)s::uuid[]) ORDER BY a.id"
_LOCK_MEMBERS = f"SELECT a.id {_OF_MEMBERS} FOR NO KEY UPDATE;"


def lock_merges() -> None:
    """Let one merge run after the other: so none waits in a ring, and none goes into who is being merged."""
    # No lock of the table: that takes rights which nobody has on what is append-only.
    execute("SELECT pg_advisory_xact_lock(hashtext('points.merges'))")


def lock_members(member_ids: Collection[UUID]) -> dict[Key, Account]:
    """Lock all accounts of members, one in each programme, in the order of numbers; return them without their lots."""
    parameters = {"members": array(list(member_ids))}
    return _accounts(rows(f"{_MAKE_ALL}{_LOCK_MEMBERS}SELECT {_COLUMNS} {_OF_MEMBERS}", parameters))


def lock_adjustment(request_id: UUID) -> None:
    """Lock an adjustment that waits for a second person, whether it is there or not, before its account."""
    # No lock of its row: that takes the right to change it, which nobody has on what is append-only.
    execute("SELECT pg_advisory_xact_lock(hashtext('points.adjustments'), hashtext(%s))", [str(request_id)])


_LOCK_PURCHASES = (
    "SELECT payment_id FROM purchase WHERE payment_id = ANY(%(ids)s::uuid[]) ORDER BY payment_id FOR NO KEY UPDATE;"
)


def lock_purchases(payment_ids: Collection[UUID]) -> dict[UUID, Purchase]:
    """Lock purchases and read them with their lines; one that is unknown is absent from the answer."""
    return purchases.read(payment_ids, first=_LOCK_PURCHASES)


def lock_account(*, programme_id: UUID, member_id: UUID) -> None:
    """Lock one account, where it is there: whoever undoes a redemption, or lets it pay for a purchase, does."""
    execute(
        "SELECT FROM account WHERE programme_id = %s AND member_id = %s FOR NO KEY UPDATE", [programme_id, member_id]
    )


def try_notices_job() -> bool:
    """Take the right to tell of points that will end until the transaction ends; False where another run has it."""
    return bool(rows("SELECT pg_try_advisory_xact_lock(hashtext('points.notices'))")[0][0])


def try_expiry_job() -> bool:
    """Take the right to expire lots until the transaction ends; False where another run has it."""
    return bool(rows("SELECT pg_try_advisory_xact_lock(hashtext('points.expiry'))")[0][0])


def wait_for_expiry_job() -> None:
    """Take the right to expire lots until the transaction ends, once whoever has it is done with their transaction."""
    execute("SELECT pg_advisory_xact_lock(hashtext('points.expiry'))")


def lock_expiry_run(run_id: UUID) -> ExpiryRun | None:
    """Lock an expiry run and read it: its chunks, and its cancellation, come one after the other; None where there is
    none."""
    return ExpiryRun.objects.select_for_update(no_key=True).filter(id=run_id).first()
