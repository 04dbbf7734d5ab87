"""Reads of vouchers."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet, Value
from django.db.models.functions import Replace

from points.earning.rules import Spent
from points.ledger.merges import EARLIER_MEMBERS
from points.vouchers import orders
from points.vouchers.errors import VoucherNotFound
from points.vouchers.models import CodeJob, Voucher, VoucherCampaign, VoucherRedemption
from points.vouchers.rules import Counts, Offer, Order, Redemption, Standing, Terms
from shared.db import Prepared, Row, rows, rows_in_order
from shared.errors import NotFound
from shared.lists import owned

_TERMS = tuple(Terms.__dataclass_fields__)
_REDEMPTION = tuple(Redemption.__dataclass_fields__)
# Its member took it off orders that were paid by then, and the payments' messages came later.
_LATE = """CASE WHEN v.released_at IS NULL THEN 0 ELSE (
    SELECT count(*) FROM voucher_redemption r WHERE r.voucher_id = v.id AND r.is_released AND EXISTS (
        SELECT FROM voucher_order o JOIN voucher_order_payment p ON p.order_id = o.id
        WHERE o.order_id = r.order_id AND o.merchant_id IS NOT DISTINCT FROM r.merchant_id
        AND p.returned_at IS NULL AND p.paid_at BETWEEN r.redeemed_at AND r.rolled_back_at)) END"""
_COLUMNS = f"""v.id, v.campaign_id, c.programme_id, v.code, v.member_id, {", ".join(f"c.{name}" for name in _TERMS)},
    v.uses, v.uses_max, coalesce(m.used, 0), c.uses_per_member, c.used, c.uses_total, v.cancelled_at, {_LATE}"""
_FOUND = """
FROM voucher v JOIN voucher_campaign c ON c.id = v.campaign_id
LEFT JOIN voucher_member_use m ON m.campaign_id = v.campaign_id AND m.member_id = v.member_id
{and_order} WHERE replace(v.code, '-', '') = %(code)s::text
"""
# One statement for a code that exists and one that does not: the answer to a guess takes the same work.
_OFFER = f"SELECT {_COLUMNS} {_FOUND.format(and_order='')}"
_OFFER_ON = Prepared(
    "voucher_offer_on",
    orders.LOCK,
    f"SELECT {orders.STANDING}, {_COLUMNS} {_FOUND.format(and_order=f'JOIN voucher_order o ON {orders.WHICH}')}",
)
_HOLDS = f"""
SELECT EXISTS (SELECT FROM voucher WHERE replace(code, '-', '') = %(code)s
    AND member_id = ANY (%(member)s::uuid || ARRAY({EARLIER_MEMBERS})))
"""
_NEXT_WINDOW = """
SELECT min(edge) FROM voucher_campaign CROSS JOIN LATERAL (VALUES (starts_at), (ends_at)) AS window_of (edge)
WHERE status = 'active' AND edge > %s
"""
_CODES = """
SELECT id, code, coalesce(member_id::text, ''), uses, uses_max, created_at, issued_at
FROM voucher WHERE campaign_id = %s AND id > %s ORDER BY id LIMIT %s
"""
_SERVED = """
SELECT count(DISTINCT member_id) FROM voucher_redemption
WHERE redeemed_by = %s AND redeemed_at > %s AND redeemed_by <> member_id AND status = 'redeemed'
"""
# As the index has it.
_BARE = Replace("code", Value("-"), Value(""))
_FIRST = UUID(int=0)
_PAGE = 5000


def offer_of(code: str) -> Offer | None:
    """Return a code, with or without its dashes, with all that decides about it, unlocked; None when there is none."""
    found = rows(_OFFER, {"code": _bare(code)})
    return _offer(found[0]) if found else None


def offer_on(code: str, order: Order) -> tuple[Offer | None, Standing]:
    """Lock an order until the transaction ends; return a code as `offer_of` does, and how the order stands."""
    which = {"order": order.id, "merchant": order.merchant_id, "currency": order.currency, "total": order.total}
    found = _OFFER_ON.rows({"code": _bare(code), **which})
    if not found:
        return None, Standing(order.currency, order.total, 0, ())
    currency, total, discount, uses, *offer = found[0]
    return _offer(offer), Standing(currency, total, discount, orders.placed(order) if uses else ())


def _bare(code: str) -> str:
    """Return a code without its dashes, by which it is found: no two codes differ by these alone."""
    return code.replace("-", "")


def _offer(row: Sequence[Any]) -> Offer:
    voucher_id, campaign_id, programme_id, code, member_id, *rest, cancelled_at, late_uses = row
    terms, counts = Terms(*rest[: len(_TERMS)]), Counts(*rest[len(_TERMS) :])
    return Offer(voucher_id, campaign_id, programme_id, code, member_id, terms, counts, cancelled_at, late_uses)


def cancelled_at(voucher_id: UUID) -> datetime | None:
    """Return when a voucher was cancelled, as it is now."""
    return Voucher.objects.values_list("cancelled_at", flat=True).get(id=voucher_id)


def late_uses(voucher_id: UUID) -> int:
    """Return how many uses a voucher's member released after the order was paid."""
    return int(rows(f"SELECT {_LATE} FROM voucher v WHERE v.id = %s", [voucher_id])[0][0])


def released_at(voucher_id: UUID) -> datetime | None:
    """Return when its member last took a voucher off an order."""
    return Voucher.objects.values_list("released_at", flat=True).get(id=voucher_id)


def terms_of(campaign: VoucherCampaign) -> Terms:
    """Return a campaign's terms."""
    return Terms(*(getattr(campaign, name) for name in _TERMS))


def campaigns() -> QuerySet[VoucherCampaign]:
    """Return all campaigns."""
    return VoucherCampaign.objects.all()


def open_campaigns(*, at: datetime) -> QuerySet[VoucherCampaign]:
    """Return the campaigns that members can take part in now."""
    return owned(VoucherCampaign.objects.filter(starts_at__lte=at, ends_at__gt=at), status="active")


def campaign(campaign_id: UUID) -> VoucherCampaign:
    """Return a campaign.

    :raises NotFound: there is none.
    """
    found = VoucherCampaign.objects.filter(id=campaign_id).first()
    if found is None:
        raise NotFound()
    return found


def known_campaign(campaign_id: UUID) -> VoucherCampaign:
    """Return a campaign that members may know of: any but a draft.

    :raises NotFound: there is none, or it is a draft.
    """
    found = campaign(campaign_id)
    if found.status == "draft":
        raise NotFound()
    return found


def vouchers_of(member_id: UUID | None) -> QuerySet[Voucher]:
    """Return a member's vouchers with their campaigns; of None, those that anybody has."""
    found = Voucher.objects.select_related("campaign")
    return found.filter(member_id=member_id) if member_id else found.filter(member_id__isnull=False)


def voucher(code: str, *, of: Collection[UUID] | None) -> Voucher:
    """Return the voucher of a code that one of these members holds; `of` None reads anybody's and nobody's.

    :raises VoucherNotFound: no such code, or none of theirs.
    """
    found = Voucher.objects.alias(bare=_BARE).select_related("campaign").filter(bare=_bare(code)).first()
    if found is None or (of is not None and found.member_id not in of):
        raise VoucherNotFound()
    return found


def holds(code: str, member_id: UUID) -> bool:
    """Tell whether a member holds the voucher of a code, or did before a merge into them."""
    return bool(rows(_HOLDS, {"code": _bare(code), "member": member_id})[0][0])


def customers_served(account_id: UUID, *, since: datetime) -> int:
    """Return of how many members an account has used vouchers since then that are used still, its own not counted."""
    return int(rows(_SERVED, [account_id, since])[0][0])


def redemptions_of(member_id: UUID | None) -> QuerySet[VoucherRedemption]:
    """Return a member's redemptions; of None, everybody's."""
    found = VoucherRedemption.objects.all()
    return found.filter(member_id=member_id) if member_id else found


def redemptions_on(order_id: str, merchant_id: UUID, *, member_id: UUID | None = None) -> QuerySet[VoucherRedemption]:
    """Return the redemptions on a merchant's order, those that were rolled back too: a member's, or of None all."""
    return owned(redemptions_of(member_id), order_id=order_id, merchant_id=merchant_id)


def lock_voucher(voucher_id: UUID) -> Voucher:
    """Lock a voucher and read it with its campaign; nobody uses it until the transaction ends."""
    locked = Voucher.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("campaign").get(id=voucher_id)


def redemption_seen_by(redemption_id: UUID, *, actor_id: UUID, merchant_id: UUID | None) -> Redemption:
    """Return a redemption to its member, to whoever made it, and to that one's merchant.

    :raises NotFound: there is none, or the actor is none of these.
    """
    found = any_redemption(redemption_id)
    if not (found.member_id == actor_id or _is_made_by(found, actor_id, merchant_id)):
        raise NotFound()
    return found


def redemption_made_by(redemption_id: UUID, *, actor_id: UUID, merchant_id: UUID | None) -> Redemption:
    """Return a redemption to whoever made it and to that one's merchant: these may roll it back.

    A member whose voucher a merchant took may not, or goods would leave and the voucher stay.

    :raises NotFound: there is none, or the actor is none of these.
    """
    found = any_redemption(redemption_id)
    if not _is_made_by(found, actor_id, merchant_id):
        raise NotFound()
    return found


def any_redemption(redemption_id: UUID) -> Redemption:
    """Return a redemption.

    :raises NotFound: there is none.
    """
    found = VoucherRedemption.objects.filter(id=redemption_id).first()
    if found is None:
        raise NotFound()
    values = {name: getattr(found, name) for name in _REDEMPTION}
    return Redemption(**values | {"spent": msgspec.convert(found.spent or [], tuple[Spent, ...])})


def _is_made_by(redemption: Redemption, actor_id: UUID, merchant_id: UUID | None) -> bool:
    return redemption.redeemed_by == actor_id or (merchant_id is not None and redemption.merchant_id == merchant_id)


def rolled_back(redemption: Redemption, *, at: datetime) -> Redemption:
    """Return a redemption as it is after its rollback."""
    return replace(redemption, status="rolled_back", rolled_back_at=at)


def code_job(job_id: UUID) -> CodeJob:
    """Return a code job.

    :raises NotFound: there is none.
    """
    found = CodeJob.objects.filter(id=job_id).first()
    if found is None:
        raise NotFound()
    return found


def codes_of(campaign_id: UUID) -> Iterator[Row]:
    """Yield all codes of a campaign in order, page by page: no transaction stays open however slow the reader is."""
    last = _FIRST
    while page := _page_of_codes(campaign_id, last):
        yield from page
        last = page[-1][0]


def _page_of_codes(campaign_id: UUID, last: UUID) -> list[Row]:
    return rows_in_order(_CODES, [campaign_id, last, _PAGE])


def next_window(at: datetime) -> datetime | None:
    """Return when the next active campaign begins or ends, after an instant."""
    ((edge,),) = rows(_NEXT_WINDOW, [at])
    found: datetime | None = edge
    return found
