"""The rows of GETs: one for each path of the schemas, and one for each filter of a list.

A parameter of a path is filled with the id of that name which the seed made. A path that has another, or a filter that
stands nowhere here, has no row: `lacking` tells, and the build fails on it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bench.scale.published import Published

OPERATOR, MEMBER = "operator", "member"
# Whose own things they answer with.
_OF_A_MEMBER = {"/api/v1/auth/me", "/api/v1/auth/sessions", "/api/v1/points/balance"}
# Names of what the seed made, beside `{name}` of the same name.
FILLED = frozenset(
    [
        "backtest_id",
        "budget_code",
        "campaign_id",
        "code",
        "event_id",
        "hold_id",
        "import_id",
        "intent_id",
        "job_id",
        "member_id",
        "merchant_id",
        "merge_id",
        "pending_id",
        "programme_id",
        "purchase_id",
        "redemption_id",
        "refund_id",
        "request_id",
        "run_id",
        "segment_code",
        "transaction_id",
        "user_id",
        "version",
        "wallet_id",
    ]
)
# They choose the form of an answer, or where in a list it goes on, and are no filters.
FORMS = frozenset({"cursor", "page_size", "format", "tz", "granularity"})
_DAY = {"from": "{today}", "to": "{today}"}
_INSTANTS = {"from": "{begun}", "to": "{now}"}
_WHOSE, _IN = {"member_id": "{member_id}"}, {"programme": "{programme_id}"}
# Path → queries, each a row of its own; a path that is not here has one row, without a query.
QUERIES: Mapping[str, list[dict[str, str]]] = {
    "/api/v1/auth/audit": [{}, {"event": "user.registered"}, {"actor_id": "{user_id}"}, {"subject_id": "{user_id}"}],
    "/api/v1/auth/users": [{}, {"search": "{email}"}, {"role": "member"}, {"role": "admin"}],
    "/api/v1/points/adjustments": [{}, {"state": "pending"}, {"state": "approved"}],
    "/api/v1/points/balance": [{}, {**_IN, "at": "{now}"}],
    "/api/v1/points/balance/explanation": [{**_WHOSE}, {**_WHOSE, **_IN, "at": "{now}"}],
    # The small size has fewer blocks than a page of the usual size.
    "/api/v1/points/blocks": [{"page_size": "10"}],
    "/api/v1/points/events": [{}, {**_WHOSE}],
    "/api/v1/points/expiry-forecast": [{**_WHOSE, **_IN}],
    "/api/v1/points/expiry-runs": [{}, {"state": "done"}, {"state": "failed"}],
    "/api/v1/points/lots": [{}, {**_IN}, {**_WHOSE, **_IN}],
    "/api/v1/points/members/{member_id}/attributes": [{}, {**_IN}],
    "/api/v1/points/members/{member_id}/attributes/versions": [{}, {**_IN}],
    "/api/v1/points/members/{member_id}/segments": [{}, {**_IN}],
    "/api/v1/points/members/{member_id}/balance": [{}, {**_IN, "at": "{now}"}],
    "/api/v1/points/merges": [{}, {**_WHOSE}],
    "/api/v1/points/pending": [{}, {**_IN}, {**_WHOSE}, {**_WHOSE, **_IN, "state": "cancelled"}],
    # Copies of one purchase follow each other: only in the large size do those of the newest fill a usual page.
    "/api/v1/points/purchases": [{"page_size": "10"}, {**_WHOSE}, {"purchase_id": "{purchase_reference}"}],
    "/api/v1/points/statement": [{**_WHOSE, **_IN}, {**_WHOSE, **_DAY, "format": "pdf"}],
    "/api/v1/points/tier": [{}, {**_WHOSE, **_IN}, {**_WHOSE, **_IN, "at": "{now}"}],
    "/api/v1/points/tier/changes": [{}, {**_WHOSE, **_IN}],
    "/api/v1/points/transactions": [
        {},
        {**_IN},
        {"kind": "earned"},
        {**_INSTANTS},
        {**_WHOSE},
        {**_WHOSE, **_IN, "kind": "expired"},
        {**_WHOSE, "reference": "{reference}"},
        {**_WHOSE, **_INSTANTS},
    ],
    "/api/v1/points/messages": [{}, {"state": "waiting"}],
    "/api/v1/auth/messages": [{}, {"state": "waiting"}],
    "/api/v1/payments/messages": [{}, {"state": "waiting"}],
    "/api/v1/warehouse/messages": [{}, {"state": "waiting"}],
    "/api/v1/vouchers": [{}, {**_WHOSE}],
    "/api/v1/vouchers/redemptions": [
        {},
        {**_WHOSE},
        {"merchant_id": "{merchant_id}", "order_id": "{voucher_order}"},
    ],
    "/api/v1/payments/intents": [
        {},
        {"merchant_id": "{merchant_id}"},
        {**_WHOSE},
        {"merchant_id": "{merchant_id}", "order_id": "{order_id}"},
        {"order_id": "{order_id}"},
        {"status": "succeeded"},
        {"status": "canceled"},
    ],
    "/api/v1/wallets": [{}, {**_WHOSE}],
    "/api/v1/programmes/rule-fields": [{}, {**_IN}],
    "/api/v1/reports/payments/volume": [_DAY, {}, {**_DAY, "merchant_id": "{merchant_id}"}],
    "/api/v1/reports/points/flow": [_DAY, {}, {**_DAY, **_IN}],
    "/api/v1/reports/points/rules": [_DAY, {}, {**_DAY, **_IN}, {**_DAY, "merchant_id": "{merchant_id}"}],
    "/api/v1/reports/tiers/movement": [_DAY, {}, {**_DAY, **_IN}],
    "/api/v1/reports/tiers/changes": [_DAY, {}, {**_DAY, **_IN}],
    "/api/v1/reports/tiers/members": [{}, {"day": "{today}", **_IN}],
    "/api/v1/reports/budgets": [_DAY, {}, {**_DAY, **_IN, "budget": "{budget_code}"}],
    "/api/v1/reports/reconciliation": [_DAY, {"status": "different"}, {"ledger": "points"}],
}


@dataclass(frozen=True)
class Get:
    """A row: the path as it is published, the query, and who asks."""

    service: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    asker: str = OPERATOR

    @property
    def name(self) -> str:
        """Return what the table calls it."""
        short = self.path.removeprefix("/api/v1/").replace("{", "<").replace("}", ">")
        said = (name if "{" in value else f"{name}={value}" for name, value in self.query.items())
        return f"GET {short}" + (f" ({', '.join(said)})" if self.query else "")

    def target(self, things: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """Return the path and the query with these ids in them."""
        return self.path.format(**things), {name: value.format(**things) for name, value in self.query.items()}


def rows(service: str, published: Published) -> Iterator[Get]:
    """Yield the rows of a service."""
    for path in sorted(published.gets):
        for query in QUERIES.get(path, [{}]):
            yield Get(service, path, query, MEMBER if path in _OF_A_MEMBER else OPERATOR)


def lacking(published: Mapping[str, Published]) -> list[str]:
    """Tell what has no row: parameters that nothing fills, filters that are in no query, queries of what is gone."""
    found = [one for service in published.values() for one in _lacking(service)]
    paths = {path for service in published.values() for path in service.gets}
    return found + [f"bench/scale/gets.py: {path} is published no more" for path in {*QUERIES, *_OF_A_MEMBER} - paths]


def _lacking(published: Published) -> Iterator[str]:
    for path, filters in published.gets.items():
        for name in set(re.findall(r"{(\w+)}", path)) - FILLED:
            yield f"{path}: the seed makes no {name} (bench/scale/seed.py)"
        asked = {name for query in QUERIES.get(path, []) for name in query}
        for name in set(filters) - FORMS - asked:
            yield f"{path}: no row has the filter {name} (bench/scale/gets.py)"
        for name in asked - set(filters):
            yield f"{path}: there is no filter {name}"
