"""The lock of a programme's rules: who changes versions or the schema waits for the one before."""

from uuid import UUID

from points.programmes.errors import ProgrammeNotFound
from shared.db import rows


def lock_rules(programme_id: UUID) -> str:
    """Lock a programme's rules, and return how the programme rounds; postings and purchases do not wait for it.

    :raises ProgrammeNotFound: there is none.
    """
    found = rows("SELECT rounding FROM programme WHERE id = %s FOR NO KEY UPDATE", [programme_id])
    if not found:
        raise ProgrammeNotFound()
    return str(found[0][0])
