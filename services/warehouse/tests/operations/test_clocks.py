"""The installation's clock is ahead: reports say so; keys of messages go by the machine's."""

from datetime import timedelta

import pytest

from shared import clock
from shared.messaging.models import InboxMessage
from shared.messaging.tasks import purge
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from tests import factories as a
from warehouse.intake.models import StagedMessage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ahead")]


def test_what_comes_in_is_staged_at_the_installations_time_and_remembered_by_the_machines(analyst: Actor) -> None:
    before = clock.now()
    deliver(a.earned())

    assert set(purge().values()) == {0}
    staged = StagedMessage.objects.get()
    assert before <= staged.occurred_at <= staged.staged_at
    # Ids are made in order though a test before has put the clock forward: by ten seconds at most.
    assert -10_000 <= staged.delay_ms < timedelta(minutes=1).total_seconds() * 1000
    assert InboxMessage.objects.get().received_at <= clock.machine_now()
    assert analyst.get("/api/v1/reports/freshness").json()["as_of"] == clock.iso(staged.staged_at)
