"""The proof that all books of the service agree: a statement for each invariant, so one instant for each.

All of them look at all rows, which they join by hash: in a time that grows as the books do.
"""

from collections.abc import Callable
from typing import NamedTuple

from shared.db import rows, unit_of_work, whole_tables


class Difference(NamedTuple):
    """The first row where an invariant does not hold."""

    invariant: str
    row: str


def _posted(kind: str, source: str, account: str) -> str:
    """Return the query of things that ended well whose posting is absent or differs, and of postings without a thing.

    `source` selects id, amount (signed as the account sees it) and currency.
    """
    return f"""
        SELECT source.id, source.amount, posted.* FROM ({source}) source
        FULL JOIN (SELECT t.source_key, e.amount AS posted, a.currency AS posted_in FROM ledger_transaction t
                   JOIN entry e ON e.transaction_id = t.id JOIN account a ON a.id = e.account_id
                   WHERE t.kind = '{kind}' AND a.kind = '{account}') posted
            ON posted.source_key = '{kind}:' || source.id::text
        WHERE source.amount IS DISTINCT FROM posted.posted OR source.currency IS DISTINCT FROM posted.posted_in"""


_CARD_CHARGES = """
    SELECT a.id, i.amount, i.currency, a.status FROM payment_attempt a JOIN payment_intent i ON i.id = a.intent_id
    WHERE a.tender_type = 'card' UNION ALL SELECT id, amount, currency, status FROM topup"""

# Invariant → the rows that break it.
INVARIANTS = {
    "a transaction's entries add up to zero in each currency": """
        SELECT e.transaction_id, a.currency, sum(e.amount) FROM entry e JOIN account a ON a.id = e.account_id
        GROUP BY e.transaction_id, a.currency HAVING sum(e.amount) <> 0""",
    "a transaction has entries": """
        SELECT t.* FROM ledger_transaction t WHERE NOT EXISTS (SELECT FROM entry e WHERE e.transaction_id = t.id)""",
    "a balance is the sum of its account's entries": """
        SELECT a.*, s.sum FROM account a
        LEFT JOIN (SELECT account_id, sum(amount) FROM entry GROUP BY account_id) s ON s.account_id = a.id
        WHERE a.balance <> coalesce(s.sum, 0)""",
    "balance_after is the one before it and the entry": """
        SELECT * FROM (SELECT account_id, version, amount, balance_after,
            coalesce(lag(balance_after) OVER (PARTITION BY account_id ORDER BY version), 0) AS before FROM entry) chain
        WHERE balance_after <> before + amount""",
    "an account's entries are numbered without a gap": """
        SELECT a.id, a.version, s.* FROM account a
        LEFT JOIN (SELECT account_id, count(*), max(version) AS last FROM entry GROUP BY account_id) s
            ON s.account_id = a.id
        WHERE a.version <> coalesce(s.count, 0) OR a.version <> coalesce(s.last, 0)""",
    "no wallet is below its floor": """
        SELECT * FROM account WHERE kind = 'wallet' AND balance < 0""",
    "a payment is posted to its merchant, once and in full": _posted(
        "payment",
        "SELECT id, amount_received AS amount, currency FROM payment_intent WHERE status = 'succeeded'",
        "merchant_pending",
    ),
    "a refund is posted to its merchant, once and in full": _posted(
        "refund", "SELECT id, -amount AS amount, currency FROM refund WHERE status = 'succeeded'", "merchant_pending"
    ),
    "a top-up is posted to its wallet, once and in full": _posted(
        "topup", "SELECT id, amount, currency FROM topup WHERE status = 'succeeded'", "wallet"
    ),
    "a payment's refunds are what it says": """
        SELECT i.id, i.amount_refunded, i.amount_refunding, s.* FROM payment_intent i
        LEFT JOIN (SELECT intent_id, sum(amount) FILTER (WHERE status = 'succeeded') AS refunded,
                          sum(amount) FILTER (WHERE status = 'processing') AS refunding
                   FROM refund GROUP BY intent_id) s ON s.intent_id = i.id
        WHERE i.amount_refunded <> coalesce(s.refunded, 0) OR i.amount_refunding <> coalesce(s.refunding, 0)""",
    "a line's refunds are what it says": """
        SELECT l.intent_id, l.line_id, l.quantity_refunded, l.amount_refunded, s.* FROM intent_line l
        LEFT JOIN (SELECT r.intent_id, o.line_id, sum(o.quantity) AS quantity, sum(o.amount) AS amount
                   FROM refunded_line o JOIN refund r ON r.id = o.refund_id WHERE r.status <> 'failed'
                   GROUP BY r.intent_id, o.line_id) s ON s.intent_id = l.intent_id AND s.line_id = l.line_id
        WHERE l.quantity_refunded <> coalesce(s.quantity, 0) OR l.amount_refunded <> coalesce(s.amount, 0)""",
    "a payment that is taken has one attempt that took it": """
        SELECT i.id, i.status, s.count FROM payment_intent i
        LEFT JOIN (SELECT intent_id, count(*) FROM payment_attempt WHERE status = 'succeeded' GROUP BY intent_id) s
            ON s.intent_id = i.id
        WHERE (i.status = 'succeeded')::int <> coalesce(s.count, 0)""",
    "the card network took what we say it took": f"""
        SELECT ours.*, theirs.reference, theirs.amount AS theirs, theirs.currency AS theirs_in
        FROM ({_CARD_CHARGES}) ours
        FULL JOIN (SELECT * FROM provider_charge WHERE status = 'captured') theirs ON theirs.reference = ours.id
        WHERE ours.status IS DISTINCT FROM 'processing' AND (
            CASE WHEN ours.status = 'succeeded' THEN ours.amount END IS DISTINCT FROM theirs.amount
            OR CASE WHEN ours.status = 'succeeded' THEN ours.currency END IS DISTINCT FROM theirs.currency)""",
    "the card network gave back what we say it gave back": """
        SELECT ours.id, ours.amount, ours.status, theirs.reference, theirs.amount AS theirs
        FROM (SELECT * FROM refund WHERE tender_type = 'card') ours
        FULL JOIN provider_refund theirs ON theirs.reference = ours.id
        WHERE ours.status IS DISTINCT FROM 'processing' AND (
            CASE WHEN ours.status = 'succeeded' THEN ours.amount END IS DISTINCT FROM theirs.amount)""",
    "clearing is what the card network holds of ours": f"""
        SELECT * FROM (SELECT currency, -sum(balance) AS ours FROM account WHERE kind = 'clearing' GROUP BY currency) a
        FULL JOIN (
            SELECT currency, sum(amount) AS theirs FROM (
                SELECT c.currency, c.amount FROM provider_charge c JOIN ({_CARD_CHARGES}) o ON o.id = c.reference
                WHERE c.status = 'captured' AND o.status <> 'processing'
                UNION ALL SELECT o.currency, -p.amount FROM provider_refund p JOIN refund o ON o.id = p.reference
                WHERE o.status <> 'processing') moved GROUP BY currency) p USING (currency)
        WHERE coalesce(a.ours, 0) <> coalesce(p.theirs, 0)""",
}


def _silent(_what: str, _done: int, _total: int) -> None:
    pass


def differences(*, progress: Callable[[str, int, int], None] = _silent) -> list[Difference]:
    """Return the first row that breaks each invariant; nothing when all invariants hold.

    `progress` is told after each invariant how many were looked at, of how many.
    """
    found = []
    for number, (invariant, sql) in enumerate(INVARIANTS.items(), start=1):
        with unit_of_work(), whole_tables():
            # Materialized: a plan that hopes to meet one wrong row early looks at each right one at great cost.
            wrong = rows(
                f"WITH wrong AS MATERIALIZED ({sql}) SELECT row_to_json(wrong)::text AS found FROM wrong"
                " ORDER BY found LIMIT 1"
            )
        found += [Difference(invariant, *row) for row in wrong]
        progress("invariants", number, len(INVARIANTS))
    return found
