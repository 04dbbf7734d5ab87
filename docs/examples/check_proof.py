"""Checks offline that a transaction is in a signed block: `python check_proof.py proof.json jwks.json`.

proof.json is the answer of GET /api/v1/points/transactions/{id}/proof, jwks.json that of GET /api/v1/points/jwks.json.
Needs the package `cryptography` and nothing else.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def check(proof, jwks):
    """Return what was sealed of the transaction; a ValueError says what is wrong."""
    keys = {key["kid"]: base64.urlsafe_b64decode(key["x"] + "=") for key in jwks["keys"]}
    signed, signature = proof["block"]["header"], base64.urlsafe_b64decode(proof["block"]["signature"] + "==")
    header = json.loads(signed)
    if header["kid"] not in keys:
        raise ValueError("the block is signed by a key that is not published")
    try:
        Ed25519PublicKey.from_public_bytes(keys[header["kid"]]).verify(signature, signed.encode())
    except InvalidSignature:
        raise ValueError("the block's signature is wrong") from None
    found, index, last = hashlib.sha256(b"\x00" + proof["document"].encode()), proof["index"], header["size"] - 1
    for step in map(bytes.fromhex, proof["path"]):  # RFC 9162, 2.1.3.2
        if index % 2 or index == last:
            found = hashlib.sha256(b"\x01" + step + found.digest())
            while index and not index % 2:
                index, last = index // 2, last // 2
        else:
            found = hashlib.sha256(b"\x01" + found.digest() + step)
        index, last = index // 2, last // 2
    if last or found.hexdigest() != header["root"]:
        raise ValueError("the document is not in the block")
    return json.loads(proof["document"])


if __name__ == "__main__":
    try:
        sealed = check(*(json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3]))
    except ValueError as wrong:
        sys.exit(f"wrong: {wrong}")
    print(f"right: {sealed['kind']} {sealed['points']} points, transaction {sealed['id']}")
