"""From programmes to the messages that publish them."""

from typing import Any

from points.programmes.rules import Programme
from shared.contracts import points as contracts


def programme_changed(programme: Programme, *, at: Any) -> contracts.ProgrammeChanged:
    """Return the message that a programme was made or changed."""
    return contracts.ProgrammeChanged(
        programme_id=programme.id,
        name=programme.name,
        currency=programme.currency,
        timezone=programme.timezone,
        value_points=programme.value_points,
        value_amount=programme.value_amount,
        changed_at=at,
    )
