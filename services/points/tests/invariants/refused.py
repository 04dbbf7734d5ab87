"""Statements that would break an invariant: the serving role is refused each, by a right or by what the page names.

Those of a constraint or trigger are refused to the owner of the tables too.
"""

ENTRY = "account_id, version, transaction_id, bucket, points, balance_after"
TRANSACTION = (
    "id, account_id, version, kind, points, change, balance_after, reference, reason, occurred_at, posted_at,"
    " source_key, reverses_id"
)
LOT = "id, account_id, number, points, remaining, active_from"
HOLD = "id, account_id, points, state, captured, reference, expires_at, created_at"
PENDING = "id, account_id, points, remaining, activated, state, on_event, due_at, expires_at, reference, created_at"
APPENDED = ("points_transaction", "entry", "allocation", "member_merge", "lot_extension", "reinstatement")
KEPT = ("account", "lot", "hold", "pending_points", "programme")


def transaction(values: str = "version + 1000, kind, points", *, keys: str = "NULL, NULL") -> str:
    """SQL that posts a transaction like the others."""
    return (
        f"INSERT INTO points_transaction ({TRANSACTION}) SELECT gen_random_uuid(), account_id, {values}, change,"
        f" balance_after, reference, reason, occurred_at, posted_at, {keys} FROM points_transaction"
    )


def forged(*entries: str) -> str:
    """SQL that posts a transaction with these entries as somebody would forge it: number, bucket, points of each."""
    return f"""
    WITH t AS ({transaction()} RETURNING *), e AS (
        INSERT INTO entry ({ENTRY}) SELECT account_id, version + n, id, bucket, moved, 0
        FROM t, (VALUES {", ".join(entries)}) AS v (n, bucket, moved)
    ) UPDATE account SET version = version + {len(entries)}"""


def extend(values: str) -> str:
    """SQL that gives a lot another end."""
    return f"""
    INSERT INTO lot_extension (version, transaction_id, previous_expires_at, previous_expires_on, lot_id, expires_at,
                               expires_on) SELECT {values}, lot_id, expires_at, expires_on FROM lot_extension"""


def reinstate(values: str) -> str:
    """SQL that reinstates points by an earning: how many, how many in all, and of how many that expired."""
    return f"""
    INSERT INTO reinstatement (transaction_id, expiry_id, points, total, expired)
    SELECT t.id, r.expiry_id, {values} FROM (SELECT id FROM points_transaction WHERE kind = 'earned' LIMIT 1) t,
        (SELECT DISTINCT expiry_id FROM reinstatement) r"""


REFUSED = {
    "the entries of a transaction sum to zero": [forged("(0, 'available', 5)", "(-1, 'issued', -4)")],
    "an entry changes a bucket": [
        forged("(0, 'purse', 5)", "(-1, 'issued', -5)"),
        forged("(0, 'available', 0)", "(-1, 'issued', 0)"),
    ],
    "a transaction is of a kind": [transaction("version + 1000, 'given', points")],
    "each bucket has its sign": [
        "UPDATE account SET available = -1, issued = issued + available + 1",
        "UPDATE account SET held = -1, available = available + held + 1",
        "UPDATE account SET pending = -1, available = available + 1",
        "UPDATE account SET deficit = 1, available = available - 1",
    ],
    "a bucket is the sum of its entries": [
        "UPDATE account SET available = available + 1",
        "UPDATE account SET available = available + 5, issued = issued - 5",
        "INSERT INTO account (programme_id, member_id, available, issued)"
        " SELECT programme_id, gen_random_uuid(), 5, -5 FROM account",
    ],
    "an account's entries are numbered without a gap": [
        "UPDATE account SET version = version + 1",
        "UPDATE account SET version = version - 1",
        forged("(0, 'available', 5)", "(-2, 'issued', -5)"),
        f"INSERT INTO entry ({ENTRY}) SELECT account_id, version, id, 'available', 5, 5 FROM points_transaction",
    ],
    "a transaction says what its entries say": [
        transaction(),
        transaction("version + 1000, kind, 0"),
        f"INSERT INTO entry ({ENTRY}) SELECT account_id, version + 1000, id, 'available', 1, 1 FROM points_transaction",
    ],
    "a transaction has a number of its own": [transaction("version, kind, points")],
    "a cause has one effect": [transaction(keys="source_key, NULL") + " WHERE source_key IS NOT NULL"],
    "a transaction is reversed once": [transaction(keys="NULL, reverses_id") + " WHERE reverses_id IS NOT NULL"],
    "the functions alone write postings": [
        forged("(0, 'available', 5)", "(-1, 'issued', -5)"),
        "UPDATE lot SET remaining = remaining - 1 WHERE remaining > 1",
        "INSERT INTO allocation (transaction_id, lot_id, points) SELECT t.id, l.id, 1 FROM lot l"
        " JOIN points_transaction t ON t.account_id = l.account_id AND t.kind = 'earned' LIMIT 1",
    ],
    "what was posted stays": [
        "UPDATE points_transaction SET reason = 'x'",
        "UPDATE entry SET points = points + 1",
        "UPDATE allocation SET points = points + 1",
        "UPDATE member_merge SET reason = 'x'",
        "UPDATE lot_extension SET expires_at = expires_at + interval '1 day'",
        "UPDATE reinstatement SET points = 1",
        *(f"DELETE FROM {table}" for table in APPENDED),
    ],
    "no table of the ledger is emptied": [f"TRUNCATE {table} CASCADE" for table in (*APPENDED, *KEPT)],
    "a member has one account in a programme": [
        "INSERT INTO account (programme_id, member_id) SELECT programme_id, member_id FROM account"
    ],
    "an account is of a programme": [
        "INSERT INTO account (programme_id, member_id) SELECT id, gen_random_uuid()"
        " FROM (SELECT id FROM programme UNION ALL SELECT gen_random_uuid()) p"
    ],
    "an account keeps whose it is, and stays": [
        "UPDATE account SET member_id = gen_random_uuid()",
        "UPDATE account SET programme_id = gen_random_uuid()",
        "UPDATE account SET id = id + 1000000"
        " WHERE id NOT IN (SELECT account_id FROM pending_points UNION SELECT account_id FROM hold)",
        "DELETE FROM account",
    ],
    "a programme keeps its id, and stays": ["UPDATE programme SET id = gen_random_uuid()", "DELETE FROM programme"],
    "a person moved no less than nothing on a day": [
        "INSERT INTO person_day_total (person_id, programme_id, day, points)"
        " SELECT gen_random_uuid(), id, '2026-03-01', -1 FROM programme"
    ],
    "lots move as the available points do": [
        f"INSERT INTO lot ({LOT}) SELECT gen_random_uuid(), account_id, 1, 5, 5, now() FROM lot"
    ],
    "a lot lost what was taken from it": ["UPDATE lot SET remaining = remaining - 1 WHERE remaining > 1"],
    "a lot is numbered as the transaction that opened it": ["UPDATE lot SET number = number + 1"],
    "an allocation stays within its account": [
        "INSERT INTO allocation (transaction_id, lot_id, points) SELECT gen_random_uuid(), id, 1 FROM lot"
    ],
    "an allocation moves points": [
        "INSERT INTO allocation (transaction_id, lot_id, points) SELECT gen_random_uuid(), id, 0 FROM lot"
    ],
    "a lot opens with points": [
        f"INSERT INTO lot ({LOT}) SELECT gen_random_uuid(), account_id, 1, 0, 0, now() FROM lot"
    ],
    "a lot has from nothing to what it opened with": [
        "UPDATE lot SET remaining = points + 1",
        "UPDATE lot SET remaining = -1",
    ],
    "a lot keeps what it was made with, and stays": [
        "UPDATE lot SET points = points + 1, remaining = remaining + 1",
        "UPDATE lot SET account_id = account_id + 1",
        "UPDATE lot SET active_from = now()",
        "DELETE FROM lot",
    ],
    "a lot ends later, never earlier": [
        "UPDATE lot SET expires_at = expires_at - interval '1 second'",
        "UPDATE lot SET expires_at = NULL",
        "UPDATE lot SET expires_at = expires_at + interval '1 day', expires_on = expires_on - 1",
        "UPDATE lot SET expires_at = expires_at + interval '1 day', expires_on = NULL",
    ],
    "a lot ends where its last extension says, and was alive at each": [
        extend("version + 1, transaction_id, previous_expires_at, previous_expires_on"),
        extend("2, transaction_id, previous_expires_at, previous_expires_on") + " WHERE version = 4",
        extend("version + 1000, transaction_id, '2026-03-01'::timestamptz, '2026-03-01'::date"),
    ],
    "an extension gives a later end": [extend("version + 1000, transaction_id, expires_at, expires_on")],
    "what was reinstated had expired, and once": [
        reinstate("3, 15, 28"),
        reinstate("3, 16, 28"),
        reinstate("3, 12, 28"),
    ],
    "no more is reinstated than expired": [
        reinstate("5, 29, 28"),
        reinstate("0, 12, 28"),
        reinstate("3, 2, 28"),
    ],
    "the totals of ends are what is counted of lots": [
        "INSERT INTO lot_end_total (programme_id, slot, day, points, lots)"
        " SELECT programme_id, slot, day, points, lots FROM lot_end_total"
    ],
    "what is counted of an end has points": ["UPDATE lot_end SET points = 0"],
    "a hold has points and ends after it began": [
        f"INSERT INTO hold ({HOLD}) SELECT gen_random_uuid(), account_id, {points}, 'held', 0, '', {end}, created_at"
        " FROM hold WHERE state = 'held'"
        for points, end in ((0, "expires_at"), (5, "created_at"))
    ],
    "a hold is in one state": [
        f"UPDATE hold SET {changes} WHERE state = 'held'"
        for changes in (
            "captured = 1",
            "state = 'captured', captured = points, closed_at = now()",
            "state = 'captured', captured = points + 1, closed_at = now(), capture_id = id",
            "state = 'captured', captured = 1, closed_at = now(), capture_id = id",
            "state = 'voided', closed_at = now()",
            "state = 'lost', closed_at = now(), release_id = id",
        )
    ],
    "a hold moves once and keeps what it was made of": [
        "UPDATE hold SET points = points + 1",
        "UPDATE hold SET expires_at = expires_at - interval '1 second'",
        "UPDATE hold SET reference = 'other'",
        "UPDATE hold SET state = 'held', closed_at = NULL WHERE state = 'captured'",
        "UPDATE hold SET captured = 2 WHERE state = 'captured'",
        "DELETE FROM hold",
    ],
    "a transaction closes one hold": [
        f"INSERT INTO hold ({HOLD}, closed_at, capture_id, release_id) SELECT gen_random_uuid(), account_id, {points},"
        f" state, captured, '', expires_at, created_at, closed_at, {ids} FROM hold WHERE state = 'captured'"
        for points, ids in (("captured", "capture_id, NULL"), ("points", "id, release_id"))
    ],
    "pending points wait for a while and end after it": [
        f"INSERT INTO pending_points ({PENDING}) SELECT gen_random_uuid(), account_id, {points}, 1, 0, 'pending', '',"
        f" {due}, {end}, '', created_at FROM pending_points WHERE state = 'pending'"
        for points, due, end in ((0, "due_at", "NULL"), (1, "created_at", "NULL"), (1, "due_at", "due_at"))
    ],
    "pending points are in one state": [
        f"UPDATE pending_points SET {changes} WHERE points = 40"
        for changes in (
            "remaining = 0",
            "remaining = -1",
            "activated = 1",
            "state = 'activated', remaining = 0, closed_at = now(), closed_by_id = id",
            "state = 'activated', remaining = 0, activated = 40, closed_at = now()",
            "state = 'cancelled', remaining = 0, closed_at = now()",
            "state = 'lost', remaining = 0, closed_at = now(), closed_by_id = id",
        )
    ],
    "pending points close once and keep what they were made of": [
        "UPDATE pending_points SET points = points + 1",
        "UPDATE pending_points SET remaining = remaining + 1",
        "UPDATE pending_points SET due_at = due_at + interval '1 second'",
        "UPDATE pending_points SET expires_at = due_at + interval '1 day'",
        "UPDATE pending_points SET on_event = 'other'",
        "UPDATE pending_points SET reference = 'other'",
        "UPDATE pending_points SET state = 'activated', remaining = 0, activated = 41 WHERE points = 40",
        "UPDATE pending_points SET state = 'pending', remaining = 13, activated = 0 WHERE state = 'activated'",
        "UPDATE pending_points SET activated = 9 WHERE state = 'activated'",
        "UPDATE pending_points SET closed_at = closed_at + interval '1 second' WHERE state = 'cancelled'",
        "UPDATE pending_points SET account_id = (SELECT min(id) FROM account WHERE merged_into IS NOT NULL)"
        " WHERE points = 40",
        "DELETE FROM pending_points",
    ],
    "a merged member has nothing left and says where it went": [
        "UPDATE account SET available = 1, issued = issued - 1 WHERE merged_into IS NOT NULL",
        "UPDATE account SET pending = 1, issued = issued - 1 WHERE merged_into IS NOT NULL",
        "UPDATE account SET deficit = -1, adjusted = adjusted + 1 WHERE merged_into IS NOT NULL",
        "UPDATE account SET merged_into = gen_random_uuid() WHERE available > 0",
    ],
    "a member is merged once, and into another": [
        "INSERT INTO member_merge (id, from_member_id, into_member_id, reason, merged_by, merged_at)"
        f" SELECT gen_random_uuid(), {members}, '', merged_by, now() FROM member_merge"
        for members in ("into_member_id, into_member_id", "from_member_id, merged_by")
    ],
}
