"""Writes of what programmes say of tiers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import structs

from points.earning import queries as earning
from points.earning.locks import lock_rules
from points.earning.rules import RulesInvalid
from points.earning.rules.faults import Fault, Faults
from points.messages.outgoing.tiers import tiers_changed
from points.programmes import queries as programmes
from points.programmes.models import Programme
from points.tiers.errors import TiersRefused
from points.tiers.models import TierScheme
from points.tiers.queries.schemes import MEMORY
from points.tiers.rules import Scheme, read_scheme, scheme_json
from points.tiers.rules.metrics import check_metric
from shared.db import unit_of_work
from shared.ids import new_id
from shared.messaging.outbox import publish


def change_scheme(programme_id: UUID, document: Any, *, actor_id: UUID, at: datetime) -> TierScheme:
    """Let a programme have these tiers from now on, and publish them; the same again changes nothing.

    Members keep the tiers that they have, and the periods that they are in; what is new decides from then on.

    :raises ProgrammeNotFound: there is none.
    :raises TiersRefused: the document says no tiers, or others than before: it lacks one, or counts something else; or
        it counts events or a field that the programme's schema has not.
    """
    scheme = _read(document)
    with unit_of_work():
        lock_rules(programme_id)
        before = TierScheme.objects.filter(programme_id=programme_id).order_by("version").last()
        if before and before.document == scheme_json(scheme):
            return before
        if before:
            _check_kept(scheme, before.document)
        _check_counts(scheme, programme_id)
        programme = Programme.objects.get(id=programme_id)
        made = TierScheme.objects.create(
            id=new_id(),
            programme_id=programme_id,
            version=before.version + 1 if before else 1,
            document=scheme_json(scheme),
            timezone=before.timezone if before else programme.timezone,
            created_at=at,
            created_by=actor_id,
        )
        Programme.objects.filter(id=programme_id).update(has_tiers=True)
        publish([tiers_changed(made, scheme)], at=at)
    programmes.MEMORY.invalidate()
    MEMORY.invalidate()
    return made


def _read(document: Any) -> Scheme:
    try:
        return read_scheme(document)
    except RulesInvalid as invalid:
        raise TiersRefused(errors=[structs.asdict(fault) for fault in invalid.faults]) from None


def _check_counts(scheme: Scheme, programme_id: UUID) -> None:
    faults = Faults()
    check_metric(scheme.metric, earning.schema(programme_id), faults)
    if faults.found:
        raise TiersRefused(errors=[structs.asdict(fault) for fault in faults.found])


def _check_kept(scheme: Scheme, before: dict[str, Any]) -> None:
    """Check that members can keep the tiers and the progress that they have."""
    faults = []
    if scheme_json(scheme)["metric"] != before["metric"]:
        faults.append(Fault("/metric", "metric_fixed", "What counts stays what it was."))
    there = {tier.code for tier in scheme.tiers}
    missing = [tier["code"] for tier in before["tiers"] if tier["code"] not in there]
    faults += [
        Fault("/tiers", "tier_missing", f"The tier {code} is missing: members may be in it.") for code in missing
    ]
    if faults:
        raise TiersRefused(errors=[structs.asdict(fault) for fault in faults])
