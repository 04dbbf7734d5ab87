"""What may become of a campaign: its statuses, terms, limits and codes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from points.vouchers import errors
from points.vouchers.codes import largest_count
from points.vouchers.rules.values import Terms

# The only status moves there are; docs and tests read this table. Staying where one is, is no move.
MOVES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"active", "ended"}),
    "active": frozenset({"paused", "ended"}),
    "paused": frozenset({"active", "ended"}),
    "ended": frozenset(),
}
# Once somebody may hold a voucher, what it is worth no longer changes; redeem and claim build on that.
_ALWAYS = frozenset({"name", "ends_at", "uses_total"})
_TERMS = frozenset(
    {"kind", "amount", "percent", "max_discount", "min_spend", "starts_at"}
    | {"uses_per_code", "uses_per_member", "price_points", "prices", "tiers", "stacking", "priority"}
)
EDITABLE: Mapping[str, frozenset[str]] = {
    "draft": _ALWAYS | _TERMS,
    "active": _ALWAYS,
    "paused": _ALWAYS,
    "ended": frozenset(),
}


def check_move(now: str, requested: str) -> bool:
    """Tell whether a campaign's status changes; asking for the present status is no change.

    :raises MoveNotAllowed: the table has no such move.
    """
    if requested == now:
        return False
    if requested not in MOVES[now]:
        raise errors.MoveNotAllowed(status_now=now, requested=requested)
    return True


def check_editable(status: str, fields: Sequence[str]) -> None:
    """Check that these fields may be changed in this status.

    :raises CampaignFrozen: one of them may not.
    """
    if frozen := sorted(set(fields) - EDITABLE[status]):
        raise errors.CampaignFrozen(fields=frozen, status_now=status)


def check_terms(terms: Terms) -> None:
    """Check that a campaign's terms fit together.

    :raises CampaignTermsInvalid: the kind lacks its value or has the other's, or it ends before it starts.
    """
    wanted, other = ("amount", "percent") if terms.kind == "amount" else ("percent", "amount")
    if getattr(terms, wanted) is None:
        raise errors.CampaignTermsInvalid(f"a campaign of kind {terms.kind} needs it", field=wanted)
    if getattr(terms, other) is not None:
        raise errors.CampaignTermsInvalid(f"a campaign of kind {terms.kind} has none", field=other)
    if terms.kind == "amount" and terms.max_discount is not None:
        raise errors.CampaignTermsInvalid("only a percentage has a maximum", field="max_discount")
    if terms.ends_at <= terms.starts_at:
        raise errors.CampaignTermsInvalid("it must end after it starts", field="ends_at")


def check_prices(price_points: int, prices: Sequence[Mapping[str, Any]] | None, tiers: Sequence[str] | None) -> None:
    """Check that what some tiers pay is a price instead of another, and of those who may have a voucher.

    :raises CampaignTermsInvalid: the campaign has no price, or is not for one of these tiers.
    """
    if prices and not price_points:
        raise errors.CampaignTermsInvalid("only a campaign with a price has others for tiers", field="prices")
    if tiers and any(one["tier"] not in tiers for one in prices or ()):
        raise errors.CampaignTermsInvalid("a tier that may not have its vouchers has no price", field="prices")


def check_codes(
    tiers: Sequence[str] | None, prices: Sequence[Mapping[str, Any]] | None, *, known: Sequence[str]
) -> None:
    """Check that a campaign names tiers of its programme alone.

    :raises TierUnknown: it names others.
    """
    named = [(f"tiers.{number}", code) for number, code in enumerate(tiers or ())]
    named += [(f"prices.{number}.tier", one["tier"]) for number, one in enumerate(prices or ())]
    if found := list(_unknown(named, known)):
        raise errors.TierUnknown(errors=found)


def _unknown(named: Sequence[tuple[str, str]], known: Sequence[str]) -> Iterator[dict[str, str]]:
    for field, code in named:
        if code not in known:
            yield {"field": field, "code": "unknown_tier", "detail": "The programme has no tier with this code."}


def price_of(price_points: int, prices: Sequence[Mapping[str, Any]] | None, tier: str | None) -> int:
    """Return what a member of a tier pays for a voucher, in points."""
    return next((int(one["price_points"]) for one in prices or () if one["tier"] == tier), price_points)


def check_limits(*, uses_total: int | None, used: int, claimed: int) -> None:
    """Check that a campaign's limit is not below what was used and given out already.

    :raises LimitBelowUse: it is.
    """
    if uses_total is not None and uses_total < max(used, claimed):
        raise errors.LimitBelowUse(used=used, claimed=claimed)


def check_space(pattern: str, *, taken: int, count: int) -> None:
    """Check that so many more codes of a pattern cannot be guessed.

    :raises CodeSpaceTooSmall: the pattern has fewer than a million possible codes for each one.
    """
    largest = largest_count(pattern)
    if taken + count > largest:
        raise errors.CodeSpaceTooSmall(largest_count=max(0, largest - taken))
