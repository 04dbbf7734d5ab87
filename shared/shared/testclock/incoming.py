"""What every service does when the test clock is moved: let the time stand, and answer when all is done."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from shared import clock
from shared.contracts.clock import ClockMoved
from shared.db import execute
from shared.messaging.inbox import Delivery
from shared.testclock.answering import answer
from shared.testclock.reading import READING

_ROW = """
INSERT INTO test_clock (id_of_one, "offset", ahead, number, answered) VALUES (1, interval '0', interval '0', 0, 0)
ON CONFLICT DO NOTHING
"""
# What comes late finds a larger number and changes nothing; nothing ever turns the time back.
_STAND = """
UPDATE test_clock SET number = %(number)s, target = %(target)s, stands_at = greatest(stands_at, %(at)s),
    ahead = greatest(ahead, %(at)s - %(machine)s),
    begun_at = CASE WHEN move_id = %(move_id)s THEN begun_at ELSE %(machine)s END, move_id = %(move_id)s
WHERE number < %(number)s
"""
_GO_ON = """
UPDATE test_clock SET number = %(number)s, answered = %(number)s, "offset" = greatest("offset", %(offset)s),
    ahead = greatest(ahead, %(offset)s), stands_at = NULL WHERE number < %(number)s
"""


class NoSandbox(Exception):
    """A move of the test clock reached an installation that has none: the message is parked, and people see it."""


def move_clock(deliveries: Sequence[Delivery]) -> None:
    """Take what the owner of the test clock says, the last of it; what it asks is answered behind this transaction.

    :raises NoSandbox: the time of this installation is the machine's.
    """
    if not settings.SANDBOX:
        raise NoSandbox()
    messages: list[ClockMoved] = [delivery.message for delivery in deliveries]
    last = max(messages, key=lambda message: message.number)
    execute(_ROW)
    values = {"number": last.number, "move_id": last.move_id, "at": last.at, "target": last.target}
    if last.offset_microseconds is None:
        execute(_STAND, {**values, "machine": clock.machine_now()})
        # Robust: what fails here is logged, and beat's next `answer-clock` does it again.
        transaction.on_commit(answer, robust=True)
    else:
        execute(_GO_ON, {**values, "offset": timedelta(microseconds=last.offset_microseconds)})
    transaction.on_commit(READING.forget)
