"""The rows of writes: single earnings and redemptions, and batches, for members at random."""

from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from uuid import uuid4

from bench.scale.asking import Lines

POINTS = "/api/v1/points"
# Postings of a batch → of how many members; the same in both sizes.
BATCHES: Mapping[int, int] = {1_000: 500, 10_000: 1_000}


def singles(lines: Lines, chance: Random) -> dict[str, Callable[[str], float]]:
    """Return what does one write of each kind in a database of a size, and returns its seconds."""
    return {
        "POST points/earnings": partial(_single, lines, chance, f"{POINTS}/earnings"),
        "POST points/redemptions": partial(_single, lines, chance, f"{POINTS}/redemptions"),
    }


def batches(lines: Lines, chance: Random) -> dict[str, Callable[[str], float]]:
    """Return what posts a batch of each size in the same way."""
    return {f"POST points/batches, {many:,} earnings": partial(_batch, lines, chance, many) for many in BATCHES}


def _single(lines: Lines, chance: Random, path: str, size: str) -> float:
    operator, _ = lines.tokens(size)
    body = {"member_id": _member(lines, chance, size), "points": 1, "reason": "scale"}
    return lines.send("points", size, "POST", path, body=body, token=operator, key=str(uuid4()))[0]


def _batch(lines: Lines, chance: Random, many: int, size: str) -> float:
    operator, _ = lines.tokens(size)
    members = [_member(lines, chance, size) for _ in range(BATCHES[many])]
    earning = {"kind": "earn", "points": 1, "reason": "scale"}
    postings = [{**earning, "key": str(uuid4()), "member_id": members[n % len(members)]} for n in range(many)]
    body = {"postings": postings}
    return lines.send("points", size, "POST", f"{POINTS}/batches", body=body, token=operator, key=str(uuid4()))[0]


def _member(lines: Lines, chance: Random, size: str) -> str:
    """Return one of the members of a family who may have points at any time."""
    return lines.data.at_random(size, chance)[chance.choice(["member_id", "other_id"])]
