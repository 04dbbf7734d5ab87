"""Merkle trees as in RFC 9162: a byte in front tells leaves from nodes, so that none can pass for the other."""

from collections.abc import Sequence
from hashlib import sha256


def leaf(document: bytes) -> bytes:
    """Return the hash of what a leaf stands for."""
    return sha256(b"\x00" + document).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the hash of a whole tree of one leaf or more."""
    if len(leaves) == 1:
        return leaves[0]
    middle = _middle(len(leaves))
    return node(root(leaves[:middle]), root(leaves[middle:]))


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from one leaf to the root, the nearest first."""
    if len(leaves) == 1:
        return []
    middle = _middle(len(leaves))
    if index < middle:
        return [*path(leaves[:middle], index), root(leaves[middle:])]
    return [*path(leaves[middle:], index - middle), root(leaves[:middle])]


def root_from(document: bytes, index: int, size: int, steps: Sequence[bytes]) -> bytes | None:
    """Return the root that a proof leads to (RFC 9162, 2.1.3.2); None where it is the proof of no such tree."""
    found, last = leaf(document), size - 1
    for step in steps:
        if not last:
            return None
        if index % 2 or index == last:
            found = node(step, found)
            while index and not index % 2:
                index, last = index // 2, last // 2
        else:
            found = node(found, step)
        index, last = index // 2, last // 2
    return None if last else found


def _middle(size: int) -> int:
    """Return the largest power of two below a size."""
    return int(1 << (size - 1).bit_length() - 1)
