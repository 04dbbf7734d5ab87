"""The statements that lock accounts and read what postings are decided on."""

from points.ledger.rules.values import BUCKETS
from shared.db import Prepared

_KEYS = "unnest(%(programmes)s::uuid[], %(members)s::uuid[]) AS k (programme_id, member_id)"
# Each key is looked up by itself (OFFSET 0): a join, planned while there were few accounts, reads all of them and looks
# for each in the list.
_ACCOUNT = "(SELECT * FROM account a WHERE a.member_id = k.member_id AND a.programme_id = k.programme_id OFFSET 0)"
_ACCOUNTS = f"{_KEYS} CROSS JOIN LATERAL {_ACCOUNT} a"
# Sorted, so that two transactions that make the same new accounts wait for each other and never in a ring.
MAKE_MISSING = f"""
INSERT INTO account (programme_id, member_id, merged_into)
SELECT programme_id, member_id,
    (SELECT into_member_id FROM member_merge WHERE from_member_id = k.member_id) FROM {_KEYS}
WHERE NOT EXISTS {_ACCOUNT}
ORDER BY member_id, programme_id ON CONFLICT DO NOTHING
"""
# One after the other, in their order.
_LOCKED = "CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = o.id FOR NO KEY UPDATE) a"
LOCK = f"SELECT a.id FROM (SELECT a.id FROM {_ACCOUNTS} ORDER BY a.id) o {_LOCKED}"
WIDTH = 5 + len(BUCKETS)
ACCOUNT_COLUMNS = ", ".join(
    f"a.{name}" for name in ("id", "programme_id", "member_id", "version", "merged_into", *BUCKETS)
)
_NO_COLUMNS = f"NULL::uuid, NULL::uuid, NULL::bigint, NULL::uuid{', NULL::bigint' * len(BUCKETS)}"
# A row that was waited for is read as it was committed meanwhile; rows that are joined to it would not be.
_LOCK_AND_READ = LOCK.replace("a.id", ACCOUNT_COLUMNS, 1)
# Each account is looked for once. Those that are made here are nobody else's to lock, and nothing but zeros to read.
# One that somebody else made meanwhile is neither made nor seen: then none is locked, as all must be in their order.
_MAKE_OR_LOCK = f"""
WITH seen AS MATERIALIZED (
    SELECT k.programme_id, k.member_id, a.id FROM {_KEYS} LEFT JOIN LATERAL {_ACCOUNT} a ON true
), made AS (
    INSERT INTO account (programme_id, member_id, merged_into)
    SELECT programme_id, member_id,
        (SELECT into_member_id FROM member_merge WHERE from_member_id = seen.member_id) FROM seen WHERE id IS NULL
    ORDER BY member_id, programme_id ON CONFLICT (member_id, programme_id) DO NOTHING
    RETURNING id, programme_id, member_id, merged_into
)
SELECT id, programme_id, member_id, NULL::bigint, merged_into{", NULL::bigint" * len(BUCKETS)} FROM made
UNION ALL SELECT {ACCOUNT_COLUMNS} FROM (
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
SELECT {ACCOUNT_COLUMNS}, {_AND_LOT} FROM {_ACCOUNTS} LEFT JOIN {_FIRST}
ORDER BY a.id, l.expires_at, l.number
"""


def _with_these(lots: str) -> str:
    """Return what reads each account by its key, and then these lots by the number of theirs; it joins no two lists."""
    return f"""
SELECT {ACCOUNT_COLUMNS}, NULL::uuid, NULL::bigint, NULL::timestamptz, NULL::bigint, NULL::date
FROM {_ACCOUNTS}
UNION ALL SELECT l.account_id, {_NO_COLUMNS}, {_AND_LOT} FROM ({lots}) l
ORDER BY 1, {WIDTH + 3}, {WIDTH + 4}
"""


GIVE = Prepared("ledger_give", _MAKE_OR_LOCK)
GIVE_AFTER_OTHERS = Prepared("ledger_give_after_others", MAKE_MISSING, _LOCK_AND_READ)
SPEND = Prepared("ledger_spend", LOCK, _WITH_FIRST)
# One account, as most often: plain values are planned, sent and read in half the time of arrays of one. That of a
# member who gets the first points is made by `GIVE` then.
_THIS = "a.programme_id = %(programme)s::uuid AND a.member_id = %(member)s::uuid"
GIVE_ONE = Prepared("ledger_give_one", f"SELECT {ACCOUNT_COLUMNS} FROM account a WHERE {_THIS} FOR NO KEY UPDATE")
SPEND_ONE = Prepared(
    "ledger_spend_one",
    f"SELECT FROM account a WHERE {_THIS} FOR NO KEY UPDATE",
    f"""SELECT {ACCOUNT_COLUMNS}, l.id, l.remaining, l.expires_at, l.number, l.expires_on FROM account a
    LEFT JOIN {_FIRST} WHERE {_THIS} ORDER BY l.expires_at, l.number""",
)
NAME = Prepared("ledger_name", LOCK, _with_these(_NAMED))
NAME_KNOWN = Prepared("ledger_name_known", _LOCK_AND_READ)
ANY = Prepared("ledger_any", MAKE_MISSING, LOCK, _with_these(f"{_IN_ORDER} UNION {_NAMED}"))
