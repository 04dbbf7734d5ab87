"""Making facts from staged messages, and making them again."""

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from shared.db import Prepared, execute, unit_of_work, whole_tables
from warehouse.intake.operations import Slice, read_again

_SQL = Path(__file__).parent / "sql"
_POINTS = frozenset(
    f"points_{kind}"
    for kind in (
        "earned",
        "redeemed",
        "expired",
        "adjusted",
        "returned",
        "restored",
        "sent",
        "received",
        "pending",
        "activated",
        "cancelled",
        "reinstated",
    )
)
_PAYMENTS = frozenset({"payment_captured", "payment_refunded", "payment_failed"})
_VOUCHERS = frozenset({"voucher_issued", "voucher_redeemed", "voucher_released", "voucher_cancelled"})
_WALLETS = frozenset({"wallet_changed"})
# Those that say by which rules.
_RULES = frozenset({"points_earned", "points_pending", "points_returned", "points_adjusted"})
_TIERS = frozenset({"tier_changed"})
_BUDGETS = frozenset({"budget_used"})
FACTS = (
    "fact_points_entry",
    "fact_points_rule",
    "fact_tier_change",
    "fact_budget_use",
    "fact_payment_event",
    "fact_wallet_entry",
    "fact_voucher_event",
)
_REMOVALS = [
    f"DELETE FROM {table} AS fact USING staging_message AS message WHERE fact.message_id = message.message_id"
    " AND message.occurred_at BETWEEN %(since)s AND %(until)s"
    for table in FACTS
]
_LAST_SEQ = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Step:
    """One file of `facts/sql`, and the messages it reads."""

    file: str
    reads: frozenset[str]


# Dimensions first, because facts carry their keys; always in this order, so that two packs cannot lock in a ring.
STEPS = (
    Step("dim_merchant", _PAYMENTS | _RULES | {"merchant_created"}),
    Step("dim_programme", _POINTS | _TIERS | {"programme_changed", "budget_changed"}),
    Step("dim_rule", _RULES | {"rule_changed"}),
    Step("dim_budget", _BUDGETS | {"budget_changed"}),
    Step("dim_tier", frozenset({"tiers_changed"})),
    Step("dim_campaign", _VOUCHERS | {"voucher_campaign_changed"}),
    Step("dim_member", _POINTS | _TIERS | _PAYMENTS | _VOUCHERS | _WALLETS | {"user_registered", "user_deactivated"}),
    Step("fact_points_entry", _POINTS),
    Step("fact_points_rule", _RULES),
    Step("fact_tier_change", _TIERS),
    Step("fact_budget_use", _BUDGETS),
    Step("fact_payment_event", _PAYMENTS),
    Step("fact_wallet_entry", _WALLETS),
    Step("fact_voucher_event", _VOUCHERS),
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: how many facts were removed, and how many messages can be read now that could not before."""

    removed: int
    read_again: int


def load_facts(messages: Slice, *, names: Collection[str]) -> None:
    """Make the dimension rows and facts of staged messages; a fact that exists is left as it is.

    One statement for each table that the named messages touch, however many messages there are. The
    slice may hold other transactions' messages: their facts exist already.
    """
    with unit_of_work():
        _load(messages, [step for step in STEPS if not step.reads.isdisjoint(names)])


def rebuild_facts(*, since: datetime, until: datetime) -> Rebuilt:
    """Remove the facts of all messages from `since` up to, not at, `until`, and make them again, in one transaction.

    Messages that nobody could read when they came are tried again. Dimensions stay, so keys stay too.
    Intake may go on meanwhile.
    """
    everything = Slice(0, _LAST_SEQ, since, until - timedelta(microseconds=1))
    with unit_of_work(), whole_tables():
        mended = read_again(since=since, until=until)
        # Dimensions before any fact is touched, as packs do: one that tells again what is removed here waits for this.
        _load(everything, [step for step in STEPS if step.file not in FACTS])
        removed = sum(execute(removal, asdict(everything)) for removal in _REMOVALS)
        _load(everything, [step for step in STEPS if step.file in FACTS])
    return Rebuilt(removed=removed, read_again=mended)


def _load(messages: Slice, steps: Sequence[Step]) -> None:
    for step in steps:
        _prepared(step.file).later(asdict(messages))


@cache
def _prepared(file: str) -> Prepared:
    """Return a file's statements; each ends with a semicolon at the end of a line."""
    text = (_SQL / f"{file}.sql").read_text()
    statements = [statement for statement in re.split(r";$", text, flags=re.MULTILINE) if statement.strip()]
    return Prepared(f"load_{file}", *statements)
