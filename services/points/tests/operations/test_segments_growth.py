"""What is read of attributes and segments does not grow with those of others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from points.events.operations import give_birthdays, next_birthdays
from points.events.rows import birthdays
from points.programmes.queries import default_programme
from points.segments import operations
from points.segments.queries.attributes import attribute_versions
from points.segments.queries.segments import known_of, members_of, segment
from points.segments.rules.members import EVERYTHING
from shared.http.pages import Pages
from shared.ids import new_id
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read
from tests.factories import AT, make_programme
from tests.judging_factories import activate
from tests.rules.earning.factories import fixed, rule, rule_set
from tests.segment_factories import CITY, know, make_segment, name_attributes

pytestmark = pytest.mark.django_db
TABLES = ("member_attributes", "member_attributes_version", "segment", "segment_member", "member_merge", "event")
PAGE = 50
# Every tenth lives in the city, one in a hundred has a birthday on that day; half of the versions are the one member's.
_ATTRIBUTES = """
INSERT INTO member_attributes (programme_id, member_id, version, attributes, birthday, changed_at, changed_by)
SELECT %(programme)s::uuid, gen_random_uuid(), 1,
    jsonb_build_object('city', jsonb_build_object('text', CASE WHEN n %% 10 = 0 THEN 'Köln' ELSE 'Bonn' END)),
    CASE WHEN n %% 100 = 0 THEN 301 ELSE 1101 END, now(), gen_random_uuid()
FROM generate_series(%(first)s::int, %(last)s::int) n
"""
_VERSIONS = """
INSERT INTO member_attributes_version (programme_id, member_id, version, attributes, changed_at, changed_by)
SELECT %(programme)s::uuid, CASE WHEN n %% 2 = 0 THEN %(me)s::uuid ELSE gen_random_uuid() END, n + 5, '{}', now(),
    gen_random_uuid() FROM generate_series(%(first)s::int, %(last)s::int) n
"""
_LISTED = """
INSERT INTO segment_member (segment_id, member_id, added_at, added_by)
SELECT %(segment)s::uuid, gen_random_uuid(), now(), gen_random_uuid()
FROM generate_series(%(first)s::int, %(last)s::int) n
"""


def filled(filling: Filling, me: Any, use: Callable[[], Any]) -> None:
    programme = default_programme()
    filling.fill(
        ("member_attributes", "member_attributes_version", "segment_member"), _ATTRIBUTES, _VERSIONS, _LISTED, use=use,
        me=me, programme=programme.id, segment=segment(programme.id, "vip").id,
    )  # fmt: skip


def page(found: Any, *ordering: str) -> list[Any]:
    """Read a page and one more, as a list over HTTP does."""
    return list(found.order_by(*ordering)[: Pages.page_size + 1])


@pytest.fixture
def me(member: Any) -> Any:
    make_programme()
    name_attributes()
    make_segment("vip")
    make_segment("local", CITY)
    return member.id


def _known(*member_ids: Any) -> Any:
    return known_of(default_programme().id, member_ids, EVERYTHING)


READS: dict[str, tuple[Callable[[Any], Any], int]] = {
    "a member's attributes and segments": (lambda me: _known(me), 8),
    "those of fifty members": (lambda me: _known(*(new_id() for _ in range(50))), 110),
    "a change of attributes": (lambda me: know(me, city="Köln"), 12),
    "versions": (lambda me: page(attribute_versions(default_programme().id, me), "-version"), 2 * PAGE),
    "a list": (lambda me: page(members_of(segment(default_programme().id, "vip")), "member_id"), 2 * PAGE),
    # One of ten meets it.
    "a condition": (lambda me: page(members_of(segment(default_programme().id, "local")), "member_id"), 20 * PAGE),
    "members who come to a list and leave it": (
        lambda me: operations.change_members(
            default_programme().id, "vip", add=[me, new_id()], remove=[new_id()], actor_id=me, at=AT
        ),
        16,
    ),
    "the next birthday": (lambda me: next_birthdays(AT), 8),
    "members of a birthday": (
        lambda me: birthdays.next_members(default_programme(), 301, year=2026, after=birthdays.FIRST_ID, limit=5), 20
    ),
}  # fmt: skip


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@at_any_size
def test_reads_cost_the_same_with_ten_times_the_rows(filling: Filling, me: Any) -> None:
    activate(rule_set(rule("cake", fixed(5), trigger="birthday")))

    def use() -> None:
        for read, _ in READS.values():
            with undone():
                read(me)

    filled(filling, me, use)
    passed = dict[str, dict[str, int]]()
    for name, (read, most) in READS.items():
        with undone(), rows_read(*TABLES) as count:
            read(me)
        if count() > most:
            passed[name] = count.by_table()

    assert passed == {}


@at_any_size
def test_a_day_of_birthdays_reads_its_members(filling: Filling, me: Any) -> None:
    activate(rule_set(rule("cake", fixed(5), trigger="birthday")))

    def use() -> None:
        with undone():
            give_birthdays(at=AT)

    filled(filling, me, use)

    with rows_read(*TABLES) as count:
        given = give_birthdays(at=AT)

    assert given == filling.size // 100
    assert count() <= 12 * given, count.by_table()
