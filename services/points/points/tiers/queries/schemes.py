"""Reads of what programmes say of tiers, from a memory at most a second old: every posting asks."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
from msgspec import structs

from points.earning.rules import Schema
from points.earning.rules.faults import Faults
from points.programmes.rules import Programme
from points.tiers.errors import TiersNotFound
from points.tiers.models import TierScheme
from points.tiers.rules import Scheme, Schemes, Since
from points.tiers.rules.metrics import check_metric
from shared.db import rows

_MEMORY_SECONDS = 1.0
_NEWEST = "SELECT version, document FROM tier_scheme WHERE programme_id = %s ORDER BY version DESC LIMIT 1"
_ALL = "SELECT programme_id, timezone, created_at, version, document FROM tier_scheme ORDER BY programme_id, version"


class Memory:
    """The schemes by programme, read again when they are a second old, or when one is asked for that is not there."""

    def __init__(self) -> None:
        self._schemes: dict[UUID, Schemes] = {}
        self._read_at = float("-inf")

    def find(self, programme_id: UUID) -> Schemes | None:
        """Return what a programme says of tiers, as it was a second ago at most; None where it says nothing."""
        if time.monotonic() - self._read_at > _MEMORY_SECONDS or programme_id not in self._schemes:
            self._read()
        return self._schemes.get(programme_id)

    def invalidate(self) -> None:
        """Read anew at the next question."""
        self._read_at = float("-inf")

    def _read(self) -> None:
        found: dict[UUID, list[Since]] = {}
        zones: dict[UUID, str] = {}
        for programme_id, timezone, at, version, document in rows(_ALL):
            scheme = msgspec.json.decode(document, type=Scheme)
            found.setdefault(programme_id, []).append(Since(at, version, scheme))
            zones[programme_id] = timezone
        self._schemes = {key: Schemes(zones[key], tuple(versions)) for key, versions in found.items()}
        self._read_at = time.monotonic()


MEMORY = Memory()


def schemes_of(programme: Programme) -> Schemes | None:
    """Return what a programme says of tiers; None where it has none, which costs nothing to find out."""
    return MEMORY.find(programme.id) if programme.has_tiers else None


def schemes(programme: Programme) -> Schemes:
    """Return what a programme says of tiers, also where it said so a moment ago.

    :raises TiersNotFound: it has none.
    """
    if (found := MEMORY.find(programme.id)) is None:
        raise TiersNotFound()
    return found


def tier_codes(programme_id: UUID) -> tuple[str, ...]:
    """Return the codes of a programme's tiers, as they are this moment; for what is saved and names them."""
    return tuple(tier.code for _, scheme in _newest(programme_id) for tier in scheme.tiers)


def broken_tiers(programme_id: UUID, schema: Schema) -> Iterator[dict[str, Any]]:
    """Yield each fault that a programme's tiers would have, were this its schema, with their version."""
    for version, scheme in _newest(programme_id):
        faults = Faults()
        check_metric(scheme.metric, schema, faults)
        yield from ({"tiers": version, **structs.asdict(fault)} for fault in faults.found)


def _newest(programme_id: UUID) -> list[tuple[int, Scheme]]:
    found = rows(_NEWEST, [programme_id])
    return [(version, msgspec.json.decode(document, type=Scheme)) for version, document in found]


def newest(programme_id: UUID) -> TierScheme:
    """Return the newest version of what a programme says of tiers.

    :raises TiersNotFound: it has none.
    """
    found = TierScheme.objects.filter(programme_id=programme_id).order_by("version").last()
    if found is None:
        raise TiersNotFound()
    return found
