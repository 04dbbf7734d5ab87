"""What goes with some accounts, read once by its keys; the invariants of accounts look at that."""

_OF = "= ANY(%(accounts)s::bigint[])"


def _by_key(table: str, of: str, which: str) -> str:
    return f"SELECT x.* FROM {of} t CROSS JOIN LATERAL (SELECT * FROM {table} x WHERE {which} OFFSET 0) x"


_PARTS = {
    "accounts": f"SELECT * FROM account WHERE id {_OF}",
    "transactions": f"SELECT * FROM points_transaction WHERE account_id {_OF}",
    "entries": f"SELECT * FROM entry WHERE account_id {_OF}",
    "lots": _by_key("lot", "transactions", "x.id = t.id AND x.opened_by_id IS NULL")
    + " UNION ALL " + _by_key("lot", "transactions", "x.opened_by_id = t.id"),
    "allocations": _by_key("allocation", "transactions", "x.transaction_id = t.id"),
    "holds": _by_key("hold", "transactions", "x.id = t.id"),
    "waiting": f"SELECT * FROM pending_points WHERE account_id {_OF}",
    "purchases": _by_key("purchase", "(SELECT DISTINCT member_id FROM accounts)", "x.member_id = t.member_id"),
    "returns": _by_key("purchase_return", "purchases", "x.payment_id = t.payment_id"),
    "judged": _by_key("purchase_rules", "purchases", "x.payment_id = t.payment_id"),
    "events": _by_key("event", "(SELECT DISTINCT member_id FROM accounts)", "x.member_id = t.member_id"),
    "events_judged": _by_key("event_rules", "events", "x.event_id = t.id"),
    "taken": _by_key("return_rules", "returns", "x.refund_id = t.refund_id"),
    "spends": _by_key("purchase_spend", "purchases", "x.payment_id = t.payment_id"),
}  # fmt: skip
OF_ACCOUNTS = ", ".join(f"{name} AS MATERIALIZED ({sql})" for name, sql in _PARTS.items())
