"""Statements of the owner that break an invariant, triggers switched off: the proof finds each by its name."""

from tests.invariants.refused import ENTRY, LOT, transaction

_WITH_TIERS = "SELECT a.id FROM account a JOIN tier_scheme USING (programme_id)"
TAKEN_BACK = ("(1, 'available', -1)", "(2, 'returned', 1)")


def posted(*entries: str, points: int = 1) -> str:
    """SQL that takes a point back in every table, with these entries."""
    return f"""
    WITH t AS ({transaction(f"version + 1000, 'returned', {points}")} LIMIT 1 RETURNING *),
    e AS (INSERT INTO entry ({ENTRY}) SELECT account_id, t.version + n - {len(entries)}, id, bucket, moved, 1
        FROM t CROSS JOIN (VALUES {", ".join(entries)}) AS those (n, bucket, moved))
    UPDATE account SET available = available - 1, returned = returned + 1"""


FOUND = {
    "the entries of a transaction sum to zero": [
        "UPDATE entry SET points = points + 1 WHERE bucket = 'issued'",
        posted("(2, 'pending', 1)"),
    ],
    "an entry changes a bucket": [
        "UPDATE entry SET bucket = 'purse' WHERE bucket = 'adjusted'",
        posted("(1, 'available', -1)", "(2, 'purse', 1)"),
        posted(*TAKEN_BACK, "(3, 'held', 0)"),
    ],
    "a transaction is of a kind": ["UPDATE points_transaction SET kind = 'given' WHERE kind = 'redeemed'"],
    "each bucket has its sign": [
        "UPDATE account SET available = -1, issued = issued + available + 1",
        "UPDATE account SET held = -1, available = available + held + 1",
        "UPDATE account SET pending = -1, available = available + pending + 1",
        "UPDATE account SET deficit = 1, available = available - 1",
        "UPDATE account SET issued = 5, adjusted = adjusted + issued - 5",
        "UPDATE account SET redeemed = -1, available = available + redeemed + 1",
        "UPDATE account SET expired = -1, available = available + expired + 1",
        "UPDATE account SET returned = returned - 1000, adjusted = adjusted + 1000",
    ],
    "a bucket is the sum of its entries": [
        "UPDATE account SET available = available + 1",
        "UPDATE account SET available = available - 5, held = held + 5",
        "UPDATE account SET available = available + 5, issued = issued - 5",
        "INSERT INTO account (programme_id, member_id, available, issued)"
        " SELECT id, gen_random_uuid(), 5, -5 FROM programme",
    ],
    "an account's entries are numbered without a gap": [
        "UPDATE account SET version = version + 1",
        "UPDATE account SET version = version - 1",
        "DELETE FROM entry WHERE version = 2",
        f"INSERT INTO entry ({ENTRY}) SELECT a.id, a.version + 1, t.id, 'held', 5, 5 FROM account a"
        " JOIN points_transaction t ON t.account_id = a.id AND t.version = 2",
    ],
    "balance_after is the one before it and the entry": [
        "UPDATE entry SET balance_after = balance_after + 1 WHERE version = 1"
    ],
    "a transaction says what its entries say": [
        "UPDATE points_transaction SET points = points + 1",
        "UPDATE points_transaction SET balance_after = balance_after + 1",
        transaction(),
        posted(*TAKEN_BACK, points=0),
    ],
    "a reversal moves what it reverses": [
        "UPDATE points_transaction SET points = points + 1 WHERE reverses_id IS NOT NULL"
    ],
    "lots move as the available points do": ["UPDATE allocation SET points = points + 1", "DELETE FROM allocation"],
    "open lots hold the available points": [
        "UPDATE account SET available = available + 1",
        "UPDATE lot SET remaining = remaining - 1 WHERE remaining > 0",
    ],
    "a lot lost what was taken from it": [
        "UPDATE lot SET remaining = remaining - 1 WHERE remaining > 0",
        "DELETE FROM allocation",
    ],
    "a lot is numbered as the transaction that opened it": [
        "UPDATE lot SET number = number + 1",
        f"INSERT INTO lot ({LOT}) SELECT gen_random_uuid(), account_id, 1, 5, 5, now() FROM lot",
    ],
    "an allocation stays within its account": [
        f"INSERT INTO allocation (transaction_id, lot_id, points) SELECT {ids}, 1 FROM points_transaction t, lot l"
        for ids in ("t.id, gen_random_uuid()", "gen_random_uuid(), l.id")
    ],
    "a lot ends where its last extension says, and was alive at each": [
        "UPDATE lot SET expires_at = expires_at + interval '1 day'",
        "UPDATE lot SET expires_on = expires_on + 1",
        "UPDATE lot_extension SET previous_expires_on = previous_expires_on + 1 WHERE version = 6",
        "DELETE FROM lot_extension WHERE version = 6",
        "UPDATE lot_extension SET version = 5 WHERE version = 4",
        "UPDATE points_transaction SET posted_at = posted_at + interval '1 year' WHERE kind = 'redeemed'",
    ],
    "what was reinstated had expired, and once": [
        "UPDATE reinstatement SET points = points + 1, expired = expired + 9, total = total + 1",
        "UPDATE reinstatement SET total = total - 1 WHERE points = 5",
        "UPDATE reinstatement SET expired = 40",
        "DELETE FROM reinstatement",
        "UPDATE reinstatement SET expiry_id = transaction_id",
        "UPDATE points_transaction SET kind = 'earned' WHERE kind = 'reinstated'",
    ],
    "what is counted of a lot's end is what the lot is": [
        "UPDATE lot_end SET points = points + 1",
        "UPDATE lot_end SET slot = slot + interval '15 minutes'",
        "DELETE FROM lot_end",
    ],
    "what is counted of ends is of lots": ["UPDATE lot_end SET lot_id = gen_random_uuid()"],
    "the totals of ends are what is counted of lots": [
        "UPDATE lot_end_total SET points = points + 1",
        "UPDATE lot_end_total SET lots = lots - 1",
        "DELETE FROM lot_end_total",
    ],
    "a hold says what its transactions say": [
        "UPDATE hold SET points = points + 1",
        "UPDATE hold SET captured = captured - 1 WHERE captured > 0",
        "UPDATE hold SET reference = 'other'",
    ],
    "held points are those of open holds": ["UPDATE hold SET points = 8 WHERE state = 'held'"],
    "points were set aside or freed by a hold": ["DELETE FROM hold WHERE state = 'held'"],
    "pending points are those that wait": [
        "UPDATE pending_points SET remaining = 39 WHERE points = 40",
        "UPDATE pending_points SET account_id = (SELECT max(id) FROM account) WHERE points = 40",
    ],
    "pending points say what their transactions say": [
        "UPDATE pending_points SET points = points + 1",
        "UPDATE pending_points SET activated = 12 WHERE activated > 0",
        "UPDATE pending_points SET state = 'cancelled', activated = 0 WHERE state = 'activated'",
        "UPDATE pending_points SET account_id = (SELECT max(id) FROM account) WHERE points = 40",
    ],
    "points became pending or ceased to be by their earning": [
        "DELETE FROM pending_points WHERE state = 'cancelled'",
        "UPDATE points_transaction SET kind = 'redeemed' WHERE kind = 'cancelled'",
    ],
    "both sides of a transfer move the same points": [
        "UPDATE points_transaction SET points = 2 WHERE kind = 'sent'",
        "UPDATE points_transaction SET source_key = NULL WHERE kind = 'received'",
        "UPDATE points_transaction SET points = 35 WHERE kind = 'received' AND points = 36",
    ],
    "a merged member has nothing left and says where it went": [
        "DELETE FROM member_merge",
        "UPDATE account SET merged_into = NULL",
        "UPDATE account SET available = 1, issued = issued - 1 WHERE merged_into IS NOT NULL",
    ],
    "a purchase says what its transaction and its returns say": [
        "UPDATE purchase SET points_returned = 11",
        "DELETE FROM purchase_return",
    ],
    "a return took what it says": [
        "UPDATE purchase_return SET owed = 1, own = own - 1",
        "UPDATE purchase_return SET own = own - 1, forgiven = 1",
        "UPDATE points_transaction SET source_key = NULL WHERE kind = 'returned' AND source_key LIKE 'return:%%:2'",
    ],
    "points were taken back by a return": [
        "DELETE FROM purchase_return",
        "UPDATE points_transaction SET source_key = NULL WHERE kind = 'returned' AND source_key LIKE 'return:%%:2'",
    ],
    "points that paid for a purchase came back as its returns say": [
        "DELETE FROM purchase_return",
        "UPDATE purchase_return SET restored = restored - 1 WHERE restored > 0",
        "UPDATE purchase SET spent = spent + 1",
        "UPDATE purchase_spend SET restored = restored + 1",
    ],
    "a redemption that paid for a purchase gave back no more than its return": [
        "UPDATE purchase_spend SET restored = restored + 1",
        "UPDATE points_transaction SET reverses_id = (SELECT redemption_id FROM purchase_spend)"
        " WHERE id = (SELECT id FROM points_transaction WHERE kind = 'sent' LIMIT 1)",
    ],
    "a purchase gave what its rules say": [
        "UPDATE purchase SET rules_version = NULL WHERE rules_version IS NOT NULL",
        "UPDATE purchase SET rules_version = 1 WHERE rules_version IS NULL",
        "DELETE FROM purchase_rules",
        "UPDATE purchase_rules SET member_id = gen_random_uuid()",
        *(
            f"UPDATE purchase_rules SET outcome = jsonb_set(outcome, '{{{path}}}', '{value}')"
            for path, value in (
                ("points", 1),
                ("rest", 1),
                ("fixed", 99),
                ("rules,0,points", 1),
                ("rules,0,rule_id", '"other"'),
                ("given,0,points", 1),
                ("given,0,line_id", '"other"'),
                ("given,0,part", '"rest"'),
                ("lines,0,points", 1),
                ("lines,0,amount", 1),
                ("lines,0,quantity", 9),
                ("lines,0,line_id", '"other"'),
            )
        ),
        "UPDATE purchase_line SET points = points + 1",
    ],
    "an event gave what its rules say": [
        "UPDATE event SET rules_version = NULL, no_points_reason = 'no_rules', points = 0, transaction_id = NULL"
        " WHERE points > 0",
        "UPDATE event SET points = 1 WHERE points > 0",
        "UPDATE event SET transaction_id = gen_random_uuid() WHERE points > 0",
        "UPDATE event SET occurred_at = occurred_at + interval '1 second'",
        *(
            f"UPDATE points_transaction SET {changes} WHERE source_key LIKE 'event:%%:earn:2'"
            for changes in ("source_key = NULL", "points = points + 1", "kind = 'adjusted'")
        ),
        "DELETE FROM event_rules",
        "WITH gone AS (DELETE FROM event_rules), back AS (DELETE FROM event_reversal) DELETE FROM event",
        "UPDATE points_transaction SET source_key = replace(source_key, 'birthday:', 'birthday:0')"
        " WHERE source_key LIKE 'birthday:%%'",
        "UPDATE event_rules SET member_id = gen_random_uuid()",
        *(
            f"UPDATE event_rules SET outcome = jsonb_set(outcome, '{{{path}}}', '{value}')"
            for path, value in (
                ("points", 1),
                ("fixed", 99),
                ("rules,0,points", 1),
                ("rules,0,rule_id", '"other"'),
                ("given,0,points", 1),
                ("given,0,part", '"rest"'),
            )
        ),
    ],
    "points of rules that wait and end alike came together": [
        "UPDATE purchase_rules SET outcome = jsonb_set(outcome, '{rules,1,points}', '2')",
        "UPDATE points_transaction SET source_key = NULL WHERE source_key LIKE '%%:earn:2'",
        "UPDATE points_transaction SET points = points + 1 WHERE source_key LIKE '%%:earn:2'",
        "UPDATE event_rules SET outcome = jsonb_set(outcome, '{rules,1,points}', '2')",
        *(
            f"UPDATE points_transaction SET {changes} WHERE source_key LIKE 'event:%%:earn:2'"
            for changes in ("source_key = NULL", "points = points + 1", "source_key = source_key || '0'")
        ),
    ],
    "a return took back what its rules gave": [
        "DELETE FROM return_rules",
        "UPDATE return_rules SET taken = jsonb_set(taken, '{points}', '1')",
        "UPDATE return_rules SET taken = jsonb_set(taken, '{given,0,points}', '999')",
        "UPDATE return_rules SET taken = jsonb_set(taken, '{given,0,rule_id}', '\"other\"')",
        "UPDATE return_rules SET taken = jsonb_set(taken, '{given,0,line_id}', '\"other\"')",
    ],
    "what members used of limits is what their purchases, events and returns say": [
        "UPDATE event_rules SET member_id = gen_random_uuid()",
        "UPDATE event_rules SET outcome = jsonb_set(outcome, '{counted,0,1}', '2')",
        "UPDATE rule_counter SET count = count + 1",
        "UPDATE rule_counter SET rule_id = 'other-' || rule_id",
        "UPDATE rule_counter SET period = '2026'",
        "DELETE FROM rule_counter",
        "UPDATE purchase_rules SET member_id = gen_random_uuid()",
        "UPDATE purchase_rules SET outcome = jsonb_set(outcome, '{counted,0,1}', '2')",
    ],
    "what was used of budgets is what purchases, events, returns and vouchers say": [
        "UPDATE budget_period SET used = used + 1",
        "UPDATE budget_period SET period = '2025'",
        "UPDATE budget_period SET each = 'other'",
        "DELETE FROM budget_period",
        "UPDATE purchase_rules SET outcome = jsonb_set(outcome, '{spent,0,count}', '77')",
        "UPDATE return_rules SET taken = jsonb_set(taken, '{spent,0,count}', '77')",
        "UPDATE event_rules SET outcome = jsonb_set(outcome, '{spent,0,count}', '77')",
    ],
    "what was used of budgets is what their days come to": [
        *(
            f"UPDATE day_part SET {changes} WHERE ledger = 'budgets'"
            for changes in ("total = total + 1", "kind = '2025'", "unit = 'another'", "ledger = 'tier_changes'")
        ),
        "DELETE FROM day_part WHERE ledger = 'budgets'",
        "UPDATE budget_period SET used = used + 1",
    ],
    "what counts for tiers of a purchase or an event is what is left of it": [
        "UPDATE tier_counted SET amount = amount + 1",
        "UPDATE tier_counted SET day = day - 300",
        "UPDATE tier_counted SET source_id = gen_random_uuid()",
        "UPDATE purchase SET returned = returned + 1 WHERE payment_id IN (SELECT source_id FROM tier_counted)",
        "INSERT INTO event_reversal (event_id, id, reason, created_at, created_by) SELECT id, id, '', recorded_at, id"
        " FROM event WHERE id IN (SELECT source_id FROM tier_counted WHERE amount > 0) AND transaction_id IS NULL",
        "DELETE FROM event_reversal",
        """UPDATE event SET data = '{"stars": 77}' WHERE id IN (SELECT source_id FROM tier_counted)""",
    ],
    "progress is what counts of purchases and events, where these count": [
        "UPDATE tier_progress SET amount = amount + 1",
        "DELETE FROM tier_progress",
        "DELETE FROM tier_counted",
    ],
    "changes of a tier are a chain": [
        "UPDATE tier_change SET number = number + 100 WHERE number > 1",
        "UPDATE tier_change SET before = 'gold' WHERE number = 2",
        "UPDATE tier_change SET after = before WHERE number = 1",
        "UPDATE tier_change SET changed_at = changed_at - interval '9 days' WHERE number = 2",
        "DELETE FROM tier_change WHERE number = 1",
    ],
    "changes of tiers are counted for their days": [
        *(
            f"UPDATE day_part SET {changes} WHERE ledger = 'tier_changes'"
            for changes in ("count = count + 1", "kind = 'merged'", "unit = 'another'")
        ),
        "DELETE FROM day_part WHERE ledger = 'tier_changes'",
        "DELETE FROM tier_change WHERE number = 1",
        "UPDATE tier_change SET cause = 'grace_ended'",
    ],
    "a member stands as the last change of the tier says": [
        *(
            f"UPDATE member_tier SET {changes}"
            for changes in (
                "changes = changes + 1",
                "since = since - interval '1 second'",
                "cause = 'merged' WHERE cause <> 'merged'",
                "tier = 'gold' WHERE override_id IS NULL",
                "override_tier = 'gold' WHERE override_id IS NOT NULL",
            )
        ),
        "DELETE FROM member_tier",
        "DELETE FROM tier_change WHERE number > 1",
    ],
    "a tier by hand that lasts is how the member stands": [
        *(
            f"UPDATE tier_override SET {changes}"
            for changes in (
                "tier = 'gold'",
                "until = created_at + interval '90 days'",
                "member_id = gen_random_uuid()",
                "ended_at = created_at",
            )
        ),
        "UPDATE member_tier SET override_id = gen_random_uuid() WHERE override_id IS NULL",
        "DELETE FROM tier_override",
    ],
    "progress is what was earned on a day, less what was taken back of it": [
        "UPDATE tier_progress SET amount = amount + 1",
        "UPDATE tier_progress SET day = day - 300",
        "UPDATE tier_progress SET member_id = gen_random_uuid()",
        "DELETE FROM tier_progress",
        *(
            f"UPDATE points_transaction SET points = points + 1 WHERE account_id IN ({_WITH_TIERS}) AND kind = '{kind}'"
            for kind in ("earned", "returned", "reversed", "cancelled")
        ),
        f"UPDATE points_transaction SET occurred_at = occurred_at - interval '3 days'"
        f" WHERE account_id IN ({_WITH_TIERS}) AND kind = 'earned'",
    ],
    "an order that earned did so by the purchase that it names": [
        f"UPDATE earned_order SET {changes}"
        for changes in ("purchase_id = gen_random_uuid()", "order_id = 'another'", "merchant_id = gen_random_uuid()")
    ],
    "an approved adjustment was posted as it was asked for": ["UPDATE adjustment_request SET points = 12"],
    "an adjustment stands as it was decided": ["UPDATE adjustment_state SET state = 'pending'"],
    "codes asked for of a pattern are those of its jobs": ["UPDATE voucher_code_pattern SET codes = codes + 1"],
    "imports posted what they say": [
        "UPDATE points_import_run SET earned = earned + 1 WHERE kind = 'commit'",
        "UPDATE points_import_run SET accepted = 0, earned_rows = 0, rows = known WHERE kind = 'commit'",
        "UPDATE points_transaction SET source_key = NULL WHERE source_key LIKE 'import:%'",
    ],
    "a finished import went through its whole file": [
        "UPDATE points_import_run SET position = position - 1 WHERE kind = 'commit'"
    ],
    "a reversed import went through all that it posted": [
        "UPDATE points_import_run SET kind = 'reversal' WHERE kind = 'validation'"
    ],
}
