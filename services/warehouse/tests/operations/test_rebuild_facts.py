from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from shared import clock
from shared.db import execute, rows
from shared.testing.messages import deliver, envelope_of
from tests import factories as a
from warehouse.facts import models
from warehouse.facts.operations import FACTS, rebuild_facts

pytestmark = pytest.mark.django_db
LONG_AGO, FAR_AHEAD = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)


def facts():
    return {table: sorted(rows(f"SELECT t::text FROM {table} t")) for table in FACTS}


def test_a_replay_gives_equal_facts():
    deliver(*a.one_of_each(), *a.one_of_each())
    before = facts()

    done = rebuild_facts(since=LONG_AGO, until=FAR_AHEAD)

    assert facts() == before
    assert done.removed == 49


def test_a_replay_brings_back_what_was_lost_and_corrects_what_was_changed():
    deliver(*a.one_of_each())
    before = facts()
    execute("DELETE FROM fact_points_entry WHERE kind = 'earned'")
    execute("UPDATE fact_payment_event SET amount = amount + 1")

    rebuild_facts(since=LONG_AGO, until=FAR_AHEAD)

    assert facts() == before


def test_facts_of_other_days_messages_are_left_alone():
    deliver(a.earned(120))
    execute("UPDATE fact_points_entry SET change = 1")

    rebuild_facts(since=LONG_AGO, until=clock.now() - timedelta(days=2))

    assert models.FactPointsEntry.objects.get().change == 1


def test_a_message_that_can_be_read_by_now_becomes_a_fact():
    deliver(a.earned(120))
    execute("DELETE FROM fact_points_entry")
    execute("UPDATE staging_message SET is_readable = false")

    done = rebuild_facts(since=LONG_AGO, until=FAR_AHEAD)

    assert (done.read_again, models.FactPointsEntry.objects.count()) == (1, 1)


def test_a_message_that_still_cannot_be_read_stays_without_a_fact():
    broken = envelope_of(a.earned(5))
    del broken.payload["member_id"]
    deliver(broken)

    done = rebuild_facts(since=LONG_AGO, until=FAR_AHEAD)

    assert (done.read_again, models.FactPointsEntry.objects.count()) == (0, 0)


def test_the_command_takes_both_days_and_says_what_it_did(capsys):
    deliver(a.earned(120))
    today = clock.now().date()

    call_command("rebuild_facts", "--from", str(today - timedelta(days=1)), "--to", str(today))

    assert capsys.readouterr().out == "1 facts made again, 0 more messages could be read\n"


def test_the_command_refuses_days_in_the_wrong_order():
    with pytest.raises(CommandError):
        call_command("rebuild_facts", first=date(2026, 2, 1), last=date(2026, 1, 1))
