"""The row lock of imports: an import before any account, so that its chunks come one after the other.

A chunk that begins early has its accounts first, and waits for the import once the chunk before has committed
(shared.messaging.steps).
"""

from uuid import UUID

from points.imports.errors import ImportNotFound
from points.imports.models import Import, ImportRun


def lock_import(import_id: UUID) -> Import:
    """Lock an import and read it.

    :raises ImportNotFound: there is none.
    """
    found = Import.objects.select_for_update(no_key=True).filter(id=import_id).first()
    if found is None:
        raise ImportNotFound()
    return found


def run_of(found: Import) -> ImportRun:
    """Return the pass that a locked import is in."""
    return ImportRun.objects.get(imported_id=found.id, finished_at=None)
