"""The posting engine: the only writer of the ledger, for one transfer and for thousands."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from payments.ledger.rules import AccountKey, AccountState, Posted, Transfer, decide
from shared.db import Prepared, array, columns, execute, text_array, unit_of_work

# Locked in the order of their ids, everywhere, so that two postings wait for each other and never in a ring.
# NO KEY: an entry's foreign key may be checked meanwhile. Each is found by its key (OFFSET 0) before all are locked.
_LOCK = Prepared(
    "money_lock",
    """
SELECT a.kind, a.owner_id, a.currency, a.shard, a.id, a.balance, a.version
FROM account a WHERE a.id = ANY (ARRAY(
    SELECT found.id FROM unnest(%(kinds)s::text[], %(owners)s::uuid[], %(currencies)s::text[], %(shards)s::smallint[])
      AS wanted (kind, owner_id, currency, shard)
    CROSS JOIN LATERAL (SELECT id FROM account WHERE kind = wanted.kind AND owner_id = wanted.owner_id
        AND currency = wanted.currency AND shard = wanted.shard OFFSET 0) AS found))
ORDER BY a.id FOR NO KEY UPDATE
""",
)
_OPEN = """
INSERT INTO account (kind, owner_id, currency, shard, floor, balance, version)
SELECT *, 0, 0 FROM unnest(%s::text[], %s::uuid[], %s::text[], %s::smallint[], %s::bigint[])
ON CONFLICT DO NOTHING
"""
_WRITE = Prepared(
    "money_write",
    """
WITH written AS (
  INSERT INTO ledger_transaction (id, kind, source_key, reference, posted_at)
  SELECT *, %(at)s::timestamptz
  FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(sources)s::text[], %(references)s::text[])
), moved AS (
  UPDATE account a SET balance = new.balance, version = new.version
  FROM unnest(%(accounts)s::bigint[], %(balances)s::bigint[], %(versions)s::bigint[]) AS new (id, balance, version)
  WHERE a.id = new.id AND a.id = ANY (%(accounts)s::bigint[])
)
INSERT INTO entry (transaction_id, account_id, version, amount, balance_after)
SELECT * FROM unnest(%(e_transactions)s::uuid[], %(e_accounts)s::bigint[], %(e_versions)s::bigint[],
                     %(e_amounts)s::bigint[], %(e_balances)s::bigint[])
""",
)


def post(transfers: Sequence[Transfer], *, at: datetime) -> list[Posted]:
    """Post transfers, all or none, and return their entries in the order of the legs.

    Three statements at most, however many transfers there are, and one more where an account is new.

    :raises InsufficientFunds: an account would go under its floor.
    :raises IntegrityError: a source key was posted before, at the latest by the commit; callers look that up under a
        lock of their own.
    """
    if not transfers:
        return []
    with unit_of_work():
        states = _lock_accounts({leg.account for transfer in transfers for leg in transfer.legs})
        entries = decide(transfers, states)
        _write(transfers, entries, at)
    return entries


def _lock_accounts(keys: set[AccountKey]) -> dict[AccountKey, AccountState]:
    states = _read_locked(keys)
    if missing := keys - states.keys():
        _open_accounts(missing)
        # All again, or the new ones would be locked after others with higher ids.
        states = _read_locked(keys)
    return states


def _read_locked(keys: Iterable[AccountKey]) -> dict[AccountKey, AccountState]:
    wanted = columns(((key.kind, key.owner_id, key.currency, key.shard) for key in keys), 4)
    parameters = dict(zip(("kinds", "owners", "currencies", "shards"), map(array, wanted), strict=True))
    return {
        AccountKey(kind, owner_id, currency, shard): AccountState(account_id, balance, version)
        for kind, owner_id, currency, shard, account_id, balance, version in _LOCK.rows(parameters)
    }


def _open_accounts(keys: Iterable[AccountKey]) -> None:
    # In one order, so that two postings that open the same accounts wait for each other and never in a ring.
    wanted = sorted((key.kind, key.owner_id, key.currency, key.shard, key.floor) for key in keys)
    execute(_OPEN, columns(wanted, 5))


def _write(transfers: Sequence[Transfer], entries: Sequence[Posted], at: datetime) -> None:
    ids, kinds, sources, references = columns(((t.id, t.kind, t.source_key, t.reference) for t in transfers), 4)
    last = {entry.account_id: entry for entry in entries}
    accounts, balances, versions = columns(((e.account_id, e.balance_after, e.version) for e in last.values()), 3)
    written = columns(((e.transaction_id, e.account_id, e.version, e.amount, e.balance_after) for e in entries), 5)
    names = ("e_transactions", "e_accounts", "e_versions", "e_amounts", "e_balances")
    _WRITE.later(
        {
            "at": at,
            "ids": array(ids), "kinds": array(kinds),
            "sources": text_array(sources), "references": text_array(references),
            "accounts": array(accounts), "balances": array(balances), "versions": array(versions),
            **dict(zip(names, map(array, written), strict=True)),
        }
    )  # fmt: skip
