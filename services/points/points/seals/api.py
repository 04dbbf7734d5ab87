"""Blocks, proofs and the keys to check them with, over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from points.ledger import queries as ledger
from points.ledger.errors import TransactionNotFound
from points.seals.crypto import base64url
from points.seals.errors import NotSealedYet, SealBroken
from points.seals.models import Block
from points.seals.queries import block_of, documents, header_of, leaves_of, public_keys
from points.seals.rules import merkle
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_of
from shared.http.pagination import CursorPages
from shared.http.swagger import operation
from shared.http.times import Instant
from shared.http.views import ServiceView, caller_of, reply

CACHED_SECONDS = 60


class BlockAnswer(serializers.Serializer[Any]):
    """A block: `header` are the very bytes that were signed, and `hash` is their SHA-256."""

    no = serializers.IntegerField()
    header = serializers.CharField()
    hash = serializers.CharField()
    kid = serializers.CharField()
    signature = serializers.CharField()
    sealed_at = Instant()

    class Meta:
        ref_name = "Block"


class ProofAnswer(serializers.Serializer[Any]):
    """`document` are the very bytes that were sealed; with `path` (RFC 9162) they lead to the block's root."""

    transaction_id = serializers.UUIDField()
    document = serializers.CharField()
    index = serializers.IntegerField()
    path = serializers.ListField(child=serializers.CharField())
    block = BlockAnswer()

    class Meta:
        ref_name = "InclusionProof"


class SealKeyAnswer(serializers.Serializer[Any]):
    """A public key (RFC 8037)."""

    kty = serializers.ChoiceField(choices=["OKP"])
    crv = serializers.ChoiceField(choices=["Ed25519"])
    use = serializers.ChoiceField(choices=["sig"])
    alg = serializers.ChoiceField(choices=["EdDSA"])
    kid = serializers.CharField()
    x = serializers.CharField()

    class Meta:
        ref_name = "SealKey"


class SealKeysAnswer(serializers.Serializer[Any]):
    """The public keys that blocks were signed with."""

    keys = SealKeyAnswer(many=True)


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


class _Newest(CursorPages):
    ordering = ("-no",)


class Blocks(ServiceView):
    """The chain of blocks, the newest first; whoever keeps a hash can tell a chain that was made anew."""

    scopes = {"GET": ("points:read", "points:read-any")}

    @operation("list_seal_blocks", "List blocks", query=PageQuery, answers={200: page_of(BlockAnswer)})
    def get(self, request: Request) -> Any:
        parse(PageQuery, request.query_params.dict())
        pages = _Newest()
        page = pages.paginate_queryset(Block.objects.defer("leaves", "transaction_ids"), request, view=self) or []
        return pages.get_paginated_response([_block_json(block) for block in page])


class SealKeys(ServiceView):
    """The keys to check blocks with."""

    public = True
    authentication_classes = []

    @operation("list_seal_keys", "Public keys of blocks", answers={200: SealKeysAnswer})
    def get(self, _request: Request) -> HttpResponse:
        answer = reply({"keys": list(public_keys().values())})
        answer["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
        return answer


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
        "block": _block_json(block),
    }


def _block_json(block: Block) -> dict[str, Any]:
    header = header_of(block)
    return {
        "no": block.no,
        "header": header.document.decode(),
        "hash": header.hash.hex(),
        "kid": block.kid,
        "signature": base64url(bytes(block.signature)),
        "sealed_at": Instant().to_representation(block.sealed_at),
    }
