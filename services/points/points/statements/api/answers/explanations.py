"""What is answered about why a balance or a transaction is what it is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from points.earning.api.answers.simulations import GivenAnswer, given_json
from points.events.api.answers import EventAnswer, event_json
from points.ledger.api.answers.pending import PendingAnswer, pending_json
from points.ledger.api.answers.transactions import TransactionAnswer, transaction_json
from points.ledger.rules.values import Kind
from points.programmes.rules import Programme
from points.programmes.rules.expiry import day_told
from points.statements.api.answers.earnings import ExplainedByRulesAnswer, RuleAnswer, by_rules_answered, rule_json
from points.statements.queries.explanations import (
    BalanceProvenance,
    LotProvenance,
    TransactionProvenance,
)
from points.statements.queries.provenance import Cause, Extended
from shared.http.times import Instant

_KINDS = [kind.value for kind in Kind]


class CauseAnswer(serializers.Serializer[Any]):
    """The transaction that points came or went by; `origin` says by which road, for example `payment`."""

    transaction_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=_KINDS)
    reason = serializers.CharField()
    reference = serializers.CharField()
    occurred_at = Instant()
    origin = serializers.CharField(allow_blank=True)

    class Meta:
        ref_name = "Cause"


class TakenAnswer(CauseAnswer):
    """Points that a transaction took from a lot; negative where it gave them back."""

    points = serializers.IntegerField()

    class Meta:
        ref_name = "Taken"


class ExtendedAnswer(CauseAnswer):
    """A later end that an activity gave a lot."""

    previous_expires_at = Instant()
    expires_at = Instant()
    expires_on = serializers.DateField()

    class Meta:
        ref_name = "Extended"


class LotProvenanceAnswer(serializers.Serializer[Any]):
    """A lot: `points` less what is in `taken_by` is what `remaining` says."""

    lot_id = serializers.UUIDField()
    points = serializers.IntegerField()
    remaining = serializers.IntegerField()
    active_from = Instant()
    expires_at = Instant(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    has_ended = serializers.BooleanField()
    came_from = CauseAnswer(allow_null=True)
    rule = RuleAnswer(allow_null=True)
    taken_by = TakenAnswer(many=True)
    extended_by = ExtendedAnswer(many=True)

    class Meta:
        ref_name = "LotProvenance"


class KindSumAnswer(serializers.Serializer[Any]):
    """All transactions of one kind, and what they did to the available points."""

    kind = serializers.ChoiceField(choices=_KINDS)
    transactions = serializers.IntegerField()
    change = serializers.IntegerField()

    class Meta:
        ref_name = "KindSum"


class OtherLotsAnswer(serializers.Serializer[Any]):
    """Lots beyond those that are told one by one."""

    lots = serializers.IntegerField()
    points = serializers.IntegerField()

    class Meta:
        ref_name = "OtherLots"


class BalanceExplanationAnswer(serializers.Serializer[Any]):
    """`posted` is the sum of `by_kind` and of `lots` and `other_lots`; less `ended` it is `available`."""

    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    available = serializers.IntegerField()
    held = serializers.IntegerField()
    pending = serializers.IntegerField()
    deficit = serializers.IntegerField()
    as_of = Instant()
    posted = serializers.IntegerField()
    ended = serializers.IntegerField()
    by_kind = KindSumAnswer(many=True)
    lots = LotProvenanceAnswer(many=True)
    other_lots = OtherLotsAnswer()

    class Meta:
        ref_name = "BalanceExplanation"


class TransactionExplanationAnswer(serializers.Serializer[Any]):
    """`balance_before` and the transaction's `change` make its `balance_after`; `pending` is what it made or closed.

    Of an earning by rules, `by_rules` has all that were looked at, and what they gave the purchase or the event in all.
    `event` is what it was earned by, where that is no purchase. Where a rule asks attributes, `attributes_version` is
    the version that it was told (0: of whom nothing was said). Of a return, or the reversal of an event, `taken_back`
    is what it took in all of which rule.
    """

    transaction = TransactionAnswer()
    balance_before = serializers.IntegerField()
    rule = RuleAnswer(allow_null=True)
    event = EventAnswer(allow_null=True)
    by_rules = ExplainedByRulesAnswer(allow_null=True)
    attributes_version = serializers.IntegerField(allow_null=True)
    taken_back = GivenAnswer(many=True, allow_null=True)
    reverses = serializers.UUIDField(allow_null=True)
    reversed_by = serializers.UUIDField(allow_null=True)
    pending = PendingAnswer(allow_null=True)
    lots = LotProvenanceAnswer(many=True)

    class Meta:
        ref_name = "TransactionExplanation"


def balance_provenance_json(
    provenance: BalanceProvenance, *, programme: Programme, member_id: UUID, at: datetime
) -> dict[str, Any]:
    """Return the provenance of a balance as it is answered."""
    account = provenance.account
    return {
        "member_id": member_id,
        "programme": programme.id,
        "available": account.available - provenance.ended,
        "held": account.held,
        "pending": account.pending,
        "deficit": account.deficit,
        "as_of": at,
        "posted": account.available,
        "ended": provenance.ended,
        "by_kind": [
            {"kind": kind, "transactions": count, "change": change} for kind, count, change in provenance.kinds
        ],
        "lots": [lot_provenance_json(lot, programme) for lot in provenance.lots],
        "other_lots": {"lots": provenance.other_lots, "points": provenance.other_points},
    }


def transaction_provenance_json(
    provenance: TransactionProvenance, *, programme: Programme, at: datetime
) -> dict[str, Any]:
    """Return the provenance of a transaction as it is answered."""
    return {
        "transaction": transaction_json(provenance.fact),
        "balance_before": provenance.fact.balance_after - provenance.fact.change,
        "rule": rule_json(provenance.purchase, programme),
        "event": event_json(provenance.event) if provenance.event else None,
        "by_rules": by_rules_answered(provenance.by_rules, programme) if provenance.by_rules else None,
        "attributes_version": provenance.by_rules and provenance.by_rules.attributes_version,
        "taken_back": [given_json(one) for one in taken] if (taken := provenance.taken_back) is not None else None,
        "reverses": provenance.reverses,
        "reversed_by": provenance.reversed_by,
        "pending": pending_json(provenance.pending, at=at) if provenance.pending else None,
        "lots": [lot_provenance_json(lot, programme) for lot in provenance.lots],
    }


def lot_provenance_json(provenance: LotProvenance, programme: Programme) -> dict[str, Any]:
    """Return a lot's provenance as it is answered."""
    lot = provenance.lot
    last = day_told(lot.expires_at, lot.expires_on, programme.timezone) if lot.expires_at else None
    return {
        "lot_id": lot.id,
        "points": lot.points,
        "remaining": lot.remaining,
        "active_from": lot.active_from,
        "expires_at": lot.expires_at,
        "expires_on": str(last) if last else None,
        "has_ended": provenance.has_ended,
        "came_from": _cause_json(provenance.came_from) if provenance.came_from else None,
        "rule": rule_json(provenance.purchase, programme),
        "taken_by": [_cause_json(taken.cause) | {"points": taken.points} for taken in provenance.taken],
        "extended_by": [_extended_json(extended) for extended in provenance.extended],
    }


def _cause_json(cause: Cause) -> dict[str, Any]:
    return cause._asdict()


def _extended_json(extended: Extended) -> dict[str, Any]:
    values = extended._asdict() | {"expires_on": str(extended.expires_on)}
    return _cause_json(values.pop("cause")) | values
