"""Proofs that a transaction is in a block."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import queries as ledger
from points.ledger.errors import TransactionNotFound
from points.seals.api.answers import ProofAnswer, block_json
from points.seals.errors import NotSealedYet, SealBroken
from points.seals.models import Block
from points.seals.queries import block_of, documents, leaves_of
from points.seals.rules import merkle
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply


class Proof(ServiceView):
    """The proof that a transaction is in a signed block."""

    scopes = {"GET": ("points:read", "points:read-any")}

    @operation(
        "prove_transaction",
        "Prove a transaction",
        answers={200: ProofAnswer},
        refuses=(NotSealedYet, SealBroken, TransactionNotFound),
    )
    def get(self, request: Request, transaction_id: UUID) -> HttpResponse:
        fact, caller = ledger.transaction(transaction_id), caller_of(request)
        if fact is None or (fact.member_id != caller.id and not caller.may("points:read-any")):
            raise TransactionNotFound()
        block = block_of(transaction_id)
        if block is None:
            raise NotSealedYet()
        return reply(_proof_json(transaction_id, block))


def _proof_json(transaction_id: UUID, block: Block) -> dict[str, Any]:
    leaves, document = leaves_of(block), documents([transaction_id])[transaction_id]
    if transaction_id not in block.transaction_ids:
        raise SealBroken()
    index = block.transaction_ids.index(transaction_id)
    if merkle.leaf(document) != leaves[index]:
        raise SealBroken()
    return {
        "transaction_id": transaction_id,
        "document": document.decode(),
        "index": index,
        "path": [step.hex() for step in merkle.path(leaves, index)],
        "block": block_json(block),
    }
