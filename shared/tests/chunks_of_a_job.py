"""A job of some chunks, done as a worker's task does them; each that is done leaves a note."""

from uuid import UUID

from shared.contracts.points import GenerateCodes
from shared.ids import new_id
from shared.jobs.slices import time_slice
from shared.messaging import inbox
from shared.messaging.inbox import Handlers
from shared.testing.messages import envelope_of
from tests.project.notes.models import Note

JOB = new_id()
LAST = 3


def receive(chunk: int = 0, *, by: Handlers, message_id: UUID | None = None) -> inbox.Receipt:
    """Do as a worker's task does with a message that arrives."""
    with time_slice() as mine:
        message = GenerateCodes(job_id=JOB, chunk=chunk)
        receipt = inbox.receive([envelope_of(message, message_id=message_id, producer="points")], by)
        mine.run(by)
    return receipt


def done() -> list[str]:
    """Return which chunks were done, in their order."""
    return list(Note.objects.order_by("id").values_list("text", flat=True))
