"""The statements that write intents: few and set-based, because each payment pays for every round trip."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F

from payments.intents.errors import OrderAlreadyPaidFor
from payments.intents.models import ONE_FOR_ORDER, IntentLine, IntentMove, PaymentAttempt, PaymentIntent
from payments.intents.rules import Line, RefundLine, check_move
from shared.db import Prepared, array, columns, execute, text_array, violated
from shared.http.views import to_json

# One statement for all of it. Nothing is written when the merchant is unknown, or another intent holds the order.
_INSERT = Prepared(
    "intent_insert",
    """
WITH made AS (
  INSERT INTO payment_intent (id, merchant_id, member_id, made_by, order_id, amount, currency, status, tender_type,
    amount_received, amount_refunded, amount_refunding, channel, store, metadata, created_at, captured_at)
  SELECT %(id)s::uuid, merchant.id, %(member_id)s::uuid, %(made_by)s::text, %(order_id)s::text, %(amount)s::bigint,
    %(currency)s::text, %(status)s::text, %(tender_type)s::text, %(amount_received)s::bigint, 0, 0, %(channel)s::text,
    %(store)s::text, %(metadata)s::jsonb, %(created_at)s::timestamptz, %(captured_at)s::timestamptz
  FROM merchant WHERE merchant.id = %(merchant_id)s::uuid AND NOT EXISTS (
    SELECT FROM payment_intent held WHERE held.merchant_id = %(merchant_id)s AND held.order_id = %(order_id)s
      AND held.status IN ('processing', 'succeeded'))
  ON CONFLICT DO NOTHING
  RETURNING id
), lines AS (
  INSERT INTO intent_line (intent_id, position, line_id, sku, category, brand, metadata, quantity, unit_amount,
    quantity_refunded, amount_refunded)
  SELECT made.id, new.*, 0, 0 FROM made, unnest(%(positions)s::smallint[], %(line_ids)s::text[], %(skus)s::text[],
    %(categories)s::text[], %(brands)s::text[], %(metadatas)s::jsonb[], %(quantities)s::bigint[],
    %(unit_amounts)s::bigint[]) AS new
), attempt AS (
  INSERT INTO payment_attempt (id, intent_id, number, tender_type, status, card_brand, card_last4, card_fingerprint,
    decline_code, created_at, finished_at)
  SELECT attempt.id, made.id, 1, %(tender_type)s, %(attempt_status)s::text, %(card_brand)s::text,
    %(card_last4)s::text, %(card_fingerprint)s::text, '', %(created_at)s, %(captured_at)s
  FROM made, unnest(%(attempt_ids)s::uuid[]) AS attempt (id)
), move AS (
  INSERT INTO intent_move (intent_id, from_status, to_status, at)
  SELECT made.id, 'requires_confirmation', %(status)s, %(created_at)s FROM made
  WHERE %(status)s <> 'requires_confirmation'
)
SELECT id FROM made
""",
)
_TAKE_BACK = """
UPDATE intent_line l SET quantity_refunded = quantity_refunded + back.quantity,
                         amount_refunded = amount_refunded + back.amount
FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS back (line_id, quantity, amount)
WHERE l.intent_id = %s AND l.line_id = back.line_id
"""


# One that is being confirmed is locked, and passed over. The statuses are written as the index has them.
_CANCEL = """
WITH due AS (
  SELECT id, status FROM payment_intent WHERE status IN ('requires_confirmation', 'failed') AND created_at <= %s
  ORDER BY created_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
), given_up AS (
  UPDATE payment_intent SET status = 'canceled' FROM due WHERE payment_intent.id = due.id RETURNING due.id, due.status
)
INSERT INTO intent_move (intent_id, from_status, to_status, at) SELECT id, status, 'canceled', %s FROM given_up
"""
_CANCELED_AT_ONCE = 500


def insert_intent(intent: PaymentIntent, lines: Sequence[Line], attempt: PaymentAttempt | None) -> bool:
    """Write a new intent with its lines, its first attempt and its move; return False where nothing was written."""
    shown = (
        (n, o.line_id, o.sku, o.category, o.brand, to_json(o.metadata).decode(), o.quantity, o.unit_amount)
        for n, o in enumerate(lines)
    )
    names = ("positions", *_TEXTS, "quantities", "unit_amounts")
    shown_columns = dict(zip(names, columns(shown, len(names)), strict=True))
    values = {
        **{name: getattr(intent, name) for name in _INTENT_COLUMNS},
        "metadata": to_json(intent.metadata).decode(),
        **{name: (text_array if name in _TEXTS else array)(values) for name, values in shown_columns.items()},
        "attempt_ids": array([attempt.id] if attempt else []),
        "attempt_status": attempt.status if attempt else "",
        "card_brand": attempt.card_brand if attempt else "",
        "card_last4": attempt.card_last4 if attempt else "",
        "card_fingerprint": attempt.card_fingerprint if attempt else "",
    }
    return bool(_INSERT.rows(values))


_INTENT_COLUMNS = (
    "id", "merchant_id", "member_id", "made_by", "order_id", "amount", "currency", "status", "tender_type",
    "amount_received", "channel", "store", "created_at", "captured_at",
)  # fmt: skip
_TEXTS = ("line_ids", "skus", "categories", "brands", "metadatas")


def lock_intent(intent_id: UUID) -> PaymentIntent:
    """Read an intent and hold it: every change of an intent, its attempts and its refunds begins here."""
    return PaymentIntent.objects.select_for_update(no_key=True).get(id=intent_id)


def lines_of(intent_id: UUID) -> tuple[Line, ...]:
    """Return the lines of an intent as the rules see them."""
    return tuple(map(as_line, IntentLine.objects.filter(intent_id=intent_id).order_by("position")))


def as_line(row: IntentLine) -> Line:
    """Return a line as the rules see it."""
    return Line(**{name.name: getattr(row, name.name) for name in fields(Line)})


def move_intent(intent: PaymentIntent, to_status: str, *, at: datetime) -> None:
    """Move a locked intent to another state and keep the move.

    :raises NotAllowedNow: its state does not allow it.
    :raises OrderAlreadyPaidFor: another intent of its order is paid or being paid; the transaction is over then.
    """
    check_move(intent.status, to_status)
    IntentMove.objects.create(intent=intent, from_status=intent.status, to_status=to_status, at=at)
    intent.status = to_status
    try:
        intent.save(update_fields=["status", "tender_type", "amount_received", "last_error", "captured_at"])
    except IntegrityError as error:
        if violated(error) == ONE_FOR_ORDER:
            raise OrderAlreadyPaidFor() from None
        raise


def cancel_some(*, older_than: datetime, at: datetime) -> int:
    """Give up the oldest unpaid intents made at an instant or before; return how many, 0 when none is left."""
    return execute(_CANCEL, [older_than, _CANCELED_AT_ONCE, at])


def take_back_lines(intent_id: UUID, lines: Iterable[RefundLine], *, sign: int = 1) -> None:
    """Count what a refund takes of each line; with -1 as sign count it back, because the refund failed."""
    back = columns(((line.line_id, sign * line.quantity, sign * line.amount) for line in lines), 3)
    execute(_TAKE_BACK, [*back, intent_id])


def set_aside(intent: PaymentIntent, *, refunding: int = 0, refunded: int = 0) -> None:
    """Add to what is on its way back and to what has been given back; the table refuses more than was received."""
    PaymentIntent.objects.filter(id=intent.id).update(
        amount_refunding=F("amount_refunding") + refunding, amount_refunded=F("amount_refunded") + refunded
    )
    intent.amount_refunding += refunding
    intent.amount_refunded += refunded
