"""Reads of programmes, from a memory at most a second old: every posting asks."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from points.programmes import models
from points.programmes.errors import ProgrammeNotFound
from points.programmes.rules import Programme, end_of_lot
from points.programmes.rules.expiry import LotEnd, Policy
from shared.db import rows

COLUMNS = (
    "id, name, currency, timezone, earn_points, earn_amount, lot_days, value_points, value_amount, rounding,"
    " status, is_default, created_at, adjustment_limit, pending_days, return_policy, arrears_cap, expiry, grace_days,"
    " notice_days, unknown_members, merchants, max_points_per_purchase, max_amount, max_purchase_age_days,"
    " limit_raised_by, limit_before, has_tiers"
)
_NAMES = COLUMNS.replace(" ", "").split(",")
_POLICY = msgspec.json.Decoder(Policy | None)
_MEMORY_SECONDS = 1.0
_MINUTE = 60.0


def programme_of(row: Sequence[Any]) -> Programme:
    """Return a programme from its columns."""
    facts = dict(zip(_NAMES, row, strict=True))
    policy = _POLICY.decode(facts["expiry"] or "null")
    merchants = None if facts["merchants"] is None else frozenset(facts["merchants"])
    return Programme(**facts | {"expiry": policy, "notice_days": tuple(facts["notice_days"]), "merchants": merchants})


class Memory:
    """The programmes by id, read again when they are a second old or when one is asked for that is not there."""

    def __init__(self) -> None:
        self._programmes: dict[UUID | None, Programme] = {}
        self._read_at = float("-inf")

    def find(self, programme_id: UUID | None, *, seconds: float | None = None) -> Programme | None:
        """Return the programme with this id, the default one for None, as it was some seconds ago at most, or one."""
        is_old = time.monotonic() - self._read_at > (_MEMORY_SECONDS if seconds is None else seconds)
        if is_old or programme_id not in self._programmes:
            self._read()
        return self._programmes.get(programme_id)

    def all(self) -> list[Programme]:
        """Return all programmes, as they were a second ago at most."""
        self.find(None)
        return [programme for key, programme in self._programmes.items() if key is not None]

    def invalidate(self) -> None:
        """Read the programmes anew at the next question."""
        self._read_at = float("-inf")

    def _read(self) -> None:
        found: dict[UUID | None, Programme] = {}
        for row in rows(f"SELECT {COLUMNS} FROM programme"):
            programme = programme_of(row)
            found[programme.id] = programme
            if programme.is_default:
                found[None] = programme
        self._programmes, self._read_at = found, time.monotonic()


MEMORY = Memory()


def programme(programme_id: UUID | None) -> Programme:
    """Return the programme with this id, the default one for None.

    :raises ProgrammeNotFound: there is none.
    """
    found = MEMORY.find(programme_id)
    if found is None:
        raise ProgrammeNotFound()
    return found


def known_programme(programme_id: UUID) -> Programme | None:
    """Return the programme of a posting, None where there is none.

    Whoever asked for the posting has asked for the programme just now, but for captures of holds, which may see it as
    it was a minute ago.
    """
    return MEMORY.find(programme_id, seconds=_MINUTE)


def end_of_lot_in(programme_id: UUID, opened_at: datetime) -> LotEnd:
    """Return when a lot ends that opens then in a programme."""
    return end_of_lot(programme(programme_id), earned_at=opened_at)


def default_programme() -> Programme:
    """Return the programme that is meant where none is named.

    :raises ProgrammeNotFound: none was made yet.
    """
    return programme(None)


def default_programme_or_none() -> Programme | None:
    """Return the programme that is meant where none is named, None while there is none."""
    return MEMORY.find(None)


def active_programmes() -> list[Programme]:
    """Return the programmes that give points."""
    return [found for found in MEMORY.all() if found.status == "active"]


def programmes_with_notices() -> list[tuple[Programme, int]]:
    """Return the programmes that tell members before points end, each with the longest grace that lots may have."""
    found = rows(f"SELECT longest_grace, {COLUMNS} FROM programme WHERE notice_days <> '{{}}' ORDER BY id")
    return [(programme_of(row), longest_grace) for longest_grace, *row in found]


def programmes_with_tiers() -> list[Programme]:
    """Return the programmes that have tiers, each as it is now."""
    return [programme_of(row) for row in rows(f"SELECT {COLUMNS} FROM programme WHERE has_tiers ORDER BY id")]


def all_programmes() -> QuerySet[models.Programme]:
    """Return all programmes, for lists."""
    return models.Programme.objects.all()
