"""What is answered about seals."""

from typing import Any

from rest_framework import serializers

from points.seals.crypto import base64url
from points.seals.models import Block
from points.seals.queries import header_of
from shared.http.times import Instant


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


def block_json(block: Block) -> dict[str, Any]:
    """Return a block as it is answered."""
    header = header_of(block)
    return {
        "no": block.no,
        "header": header.document.decode(),
        "hash": header.hash.hex(),
        "kid": block.kid,
        "signature": base64url(bytes(block.signature)),
        "sealed_at": Instant().to_representation(block.sealed_at),
    }
