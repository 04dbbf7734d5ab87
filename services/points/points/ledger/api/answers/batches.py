"""What became of the postings of a batch."""

from typing import Any

from rest_framework import serializers

from points.ledger.operations import Outcome
from points.ledger.rules.values import Posted
from shared.errors import DomainError


class BatchResult(serializers.Serializer[Any]):
    """What became of one posting; `error` is its refusal."""

    index = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["posted", "repeated", "refused"])
    transaction_id = serializers.UUIDField(allow_null=True)
    error = serializers.JSONField(allow_null=True)


class BatchAnswer(serializers.Serializer[Any]):
    """One result for each posting, in their order."""

    results = BatchResult(many=True)

    class Meta:
        ref_name = "Batch"


def result_json(index: int, outcome: Outcome) -> dict[str, Any]:
    """Return what became of a posting as it is answered."""
    if isinstance(outcome, Posted):
        status = "repeated" if outcome.is_repeated else "posted"
        return {"index": index, "status": status, "transaction_id": str(outcome.id), "error": None}
    return {"index": index, "status": "refused", "transaction_id": None, "error": error_json(outcome)}


def error_json(refusal: DomainError) -> dict[str, Any]:
    """Return the refusal of one of a batch as it is answered."""
    detail = {"detail": refusal.detail} if refusal.detail else {}
    return {"code": refusal.code, "title": refusal.title, **refusal.members, **detail}
