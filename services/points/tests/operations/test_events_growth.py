"""What judging events reads does not grow with what others did, or with what the member did before."""

from typing import Any

import pytest
from django.db import transaction

from points.earning.queries import MEMORY
from points.events import operations
from points.events.operations import Registration
from points.events.rules.events import Recorded
from points.programmes.queries import default_programme
from shared.ids import new_id
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read
from tests.event_factories import NOBODY, let_earn, on, registering, tell, told
from tests.factories import AT, make_programme
from tests.judging_factories import ONCE
from tests.operations.test_rules_growth import _COUNTED, _COUNTERS, _PURCHASES, LISTED, MOST_OF_ONE

pytestmark = pytest.mark.django_db
TABLES = ("rule_counter", "counted_member", "member_merge", "purchase", "event", "event_rules", "known_member")
NEW = {"field": "member.is_first_purchase", "op": "eq", "value": True}
# Half of them are the one member's.
_EVENTS = """
INSERT INTO event (id, programme_id, trigger, event_id, name, member_id, occurred_at, recorded_at, data, points,
    no_points_reason)
SELECT gen_random_uuid(), %(programme)s::uuid, CASE WHEN n %% 4 > 1 THEN 'registration' ELSE 'event' END,
    CASE WHEN n %% 4 < 2 THEN n::text END, CASE WHEN n %% 4 < 2 THEN 'review' ELSE '' END,
    CASE WHEN n %% 4 = 0 THEN %(me)s::uuid ELSE gen_random_uuid() END, '2025-01-01', '2025-01-01', '{}', 0, 'no_rules'
FROM generate_series(%(first)s::int, %(last)s::int) n
"""


@at_any_size
def test_telling_and_registering_read_what_they_are_about(filling: Filling, member: Any) -> None:
    make_programme(unknown_members="accept")
    let_earn(on("once", 25, limits=ONCE), on("new", 7, NEW), registering(50))
    me, others = member.id, [new_id() for _ in range(LISTED)]

    def tell_all() -> list[Any]:
        return operations.record_events([told(who) for who in others], teller=NOBODY, at=AT)

    def register_all() -> None:
        operations.earn_by_registrations([Registration(who, AT) for who in others], at=AT)

    def use() -> None:
        """Do all once, so that plans are made and kept, and let nothing of it stay."""
        with transaction.atomic():
            tell(me)
            tell_all()
            register_all()
            transaction.set_rollback(True)

    filling.fill(
        ("rule_counter", "counted_member", "purchase", "event"), _COUNTERS, _COUNTED, _PURCHASES, _EVENTS, use=use,
        me=me, programme=default_programme().id,
    )  # fmt: skip

    with rows_read(*TABLES) as of_one:
        event = tell(me)
    with rows_read(*TABLES) as of_list:
        found = tell_all()
    with rows_read(*TABLES) as of_registrations:
        register_all()

    assert event.points == 32
    assert all(isinstance(one, Recorded) and one.event.points == 32 for one in found)
    assert {table: count for table, count in of_one.by_table().items() if count > MOST_OF_ONE} == {}
    for read in (of_list, of_registrations):
        assert {table: count for table, count in read.by_table().items() if count > 4 * LISTED} == {}
    MEMORY.invalidate()
