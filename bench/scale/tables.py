"""What the copying of rows has to be told of a service's tables; all else it reads in the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Of every service: what is no data, or is there once.
ONCE = frozenset(
    {"django_migrations", "message_peer", "published_key", "day_totals_published", "outbox", "revocation", "test_clock"}
)
# Added to a number that names a row, for each copy: no original has as large a one.
STRIDE = 10_000_000


@dataclass(frozen=True)
class Tables:
    """`once` are tables that no copy repeats, `keys` the columns of numbers that name rows of others, and `values` the
    SQL of columns that must differ in copy `k` and hold no UUID. With `triggers` those of the tables run and keep sums.
    """

    once: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)
    triggers: bool = False


_DIGEST = "sha256(digest || int4send(k))"
SERVICES = {
    "auth": Tables(
        once=frozenset({"signing_key", "guess_count", "django_content_type", "auth_permission"}),
        values={("refresh_token", "digest"): _DIGEST, ("client_secret", "digest"): _DIGEST},
    ),
    "points": Tables(
        # Sealing the copies and adding them up is what is measured.
        once=frozenset(
            {"programme", "notice_run", "seal_block", "seal_key", "day_total", "day_total_reach"}
            | {"lot_end", "lot_end_total", "lot_end_reach", "person_day_total"}
            # A programme has so many segments, and no more.
            | {"segment"}
            # Its tiers are as few.
            | {"tier_scheme"}
            # Nobody earns by rules there, and nothing is used of budgets.
            | {"budget", "budget_period"}
            | {"rule_set", "rule_schema", "counted_member", "rule_counter"}
            | {"purchase_rules", "return_rules", "event_rules", "birthday_run"}
        ),
        keys=frozenset(
            {"account.id", "account_id", "day_part.id", "voucher_order.id", "voucher_order_payment.order_id"}
        ),
        values={
            ("voucher", "code"): "code || '-' || k::bit(16)::text",
            # Each copy of a job asks for codes of a pattern of its own: a pattern's total is that of its jobs.
            ("voucher_code_job", "pattern"): "pattern || k::text",
            ("voucher_code_pattern", "pattern"): "pattern || k::text",
        },
    ),
    "payments": Tables(once=frozenset({"clock_move", "clock_answer"}), keys=frozenset({"account.id", "account_id"})),
    "warehouse": Tables(
        once=frozenset({"dim_date", "dim_programme", "dim_rule", "dim_budget", "dim_tier", "ledger_day", "comparison"})
        | {"movement_total", "budget_total"},
        keys=frozenset({"member_key", "merchant_key", "campaign_key"}),
        triggers=True,
    ),
}
