"""What is read of tiers does not grow with those of others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from points.ledger.posting import post
from points.ledger.rules.values import Kind
from points.programmes.models import Programme
from points.programmes.queries import default_programme
from points.tiers.operations import import_tiers, judge_periods, next_end, next_notice, tell_expiring
from points.tiers.queries.changes import tier_changes
from points.tiers.queries.imports import tier_imports
from points.tiers.queries.overrides import overrides
from points.tiers.queries.past import tier_at
from points.tiers.queries.schemes import schemes
from points.tiers.queries.tiers import tiers_of
from points.tiers.rules import Start
from shared.http.pages import Pages
from shared.ids import new_id
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read
from tests.factories import AT, give, make_programme, posting
from tests.tier_factories import by_hand, make_tiers, tier

pytestmark = pytest.mark.django_db
TABLES = ("member_tier", "tier_progress", "tier_change", "tier_override", "tier_import")
NEW_YEAR = datetime(2026, 12, 31, 23, tzinfo=UTC)
# Half of the changes are the one member's.
_TIERS = """
INSERT INTO member_tier (programme_id, member_id, tier, floor, since, cause, begins, ends, ends_at, counts_from, anchor,
    changes)
SELECT %(programme)s::uuid, gen_random_uuid(), 'silver', NULL, %(at)s::timestamptz, 'earned', '2026-01-01',
    CASE WHEN n %% 100 = 0 THEN '2027-01-01'::date ELSE '2028-01-01'::date END,
    CASE WHEN n %% 100 = 0 THEN %(end)s::timestamptz ELSE %(end)s::timestamptz + interval '365 days' END,
    '2026-01-01', '2026-01-01', 1 FROM generate_series(%(first)s::int, %(last)s::int) n
"""
_PROGRESS = """
INSERT INTO tier_progress (programme_id, member_id, day, amount)
SELECT %(programme)s::uuid, gen_random_uuid(), '2026-03-01', 10 FROM generate_series(%(first)s::int, %(last)s::int) n
"""
_CHANGES = """
INSERT INTO tier_change (programme_id, member_id, number, before, after, changed_at, cause)
SELECT %(programme)s::uuid, CASE WHEN n %% 2 = 0 THEN %(me)s::uuid ELSE gen_random_uuid() END, n + 5, NULL, 'silver',
    %(at)s::timestamptz, 'earned' FROM generate_series(%(first)s::int, %(last)s::int) n
"""
# Half of them are the one member's, and over.
_BY_HAND = """
INSERT INTO tier_override (id, programme_id, member_id, tier, reason, created_at, created_by, ended_at)
SELECT gen_random_uuid(), %(programme)s::uuid, CASE WHEN n %% 2 = 0 THEN %(me)s::uuid ELSE gen_random_uuid() END,
    'silver', 'a friend', %(at)s::timestamptz, %(me)s::uuid, CASE WHEN n %% 2 = 0 THEN %(end)s::timestamptz END
FROM generate_series(%(first)s::int, %(last)s::int) n
"""
# Half of them are another programme's.
_IMPORTS = """
INSERT INTO tier_import (id, programme_id, members, created_at, created_by)
SELECT gen_random_uuid(), CASE WHEN n %% 2 = 0 THEN %(programme)s::uuid ELSE %(other)s::uuid END, 1,
    %(at)s::timestamptz, %(me)s::uuid FROM generate_series(%(first)s::int, %(last)s::int) n
"""


@pytest.fixture
def me(member: Any) -> Any:
    make_programme()
    make_programme(name="Elsewhere")
    make_tiers(notice_days=30)
    return member.id


def filled(filling: Filling, me: UUID, use: Callable[[], Any]) -> None:
    other = Programme.objects.exclude(id=default_programme().id).get().id
    said = {"me": me, "programme": default_programme().id, "other": other, "at": AT, "end": NEW_YEAR}
    filling.fill(TABLES, _TIERS, _PROGRESS, _CHANGES, _BY_HAND, _IMPORTS, use=use, **said)
    give(me, 10)


READS: dict[str, tuple[Callable[[Any], Any], int]] = {
    "a tier": (lambda me: tier(me), 8),
    "a tier as of then": (lambda me: tier_at(default_programme(), schemes(default_programme()), me, at=AT), 10),
    "those of fifty members": (lambda me: tiers_of(default_programme(), [new_id() for _ in range(50)], at=AT), 110),
    "an earning": (lambda me: give(me, 10), 16),
    "a list of earnings": (
        lambda me: post([posting(Kind.EARNED, new_id(), 200) for _ in range(20)], at=AT), 200
    ),
    "a page of changes": (
        lambda me: list(tier_changes(default_programme().id, me).order_by("-number")[: Pages.page_size + 1]), 110
    ),
    "a page of tiers by hand": (
        lambda me: list(overrides(default_programme().id).order_by("-id")[: Pages.page_size + 1]), 110
    ),
    "a page of imports": (
        lambda me: list(tier_imports(default_programme().id).order_by("-id")[: Pages.page_size + 1]), 110
    ),
    "a tier by hand": (lambda me: by_hand(me, "gold"), 30),
    "the next end of a period": (lambda me: next_end(AT), 4),
    "the next notice": (lambda me: next_notice(AT), 4),
}  # fmt: skip


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@at_any_size
def test_reads_cost_the_same_with_ten_times_the_rows(filling: Filling, me: Any) -> None:
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
def test_a_run_reads_the_members_whose_periods_are_over(filling: Filling, me: Any) -> None:
    def use() -> None:
        with undone():
            judge_periods(at=NEW_YEAR)

    filled(filling, me, use)

    with rows_read(*TABLES) as count:
        judged = judge_periods(at=NEW_YEAR)

    assert judged == filling.size // 100 + 1
    assert count() <= 12 * judged, count.by_table()


@at_any_size
def test_a_job_reads_the_members_who_are_to_be_told(filling: Filling, me: Any) -> None:
    at = NEW_YEAR - 20 * timedelta(days=1)

    def use() -> None:
        with undone():
            tell_expiring(at=at)

    filled(filling, me, use)

    with rows_read(*TABLES) as count:
        told = tell_expiring(at=at)

    # All but me, who reached no tier.
    assert told == filling.size // 100
    assert count() <= 12 * (told + 1), count.by_table()


def test_a_list_of_tiers_from_elsewhere_takes_as_many_statements_however_long_it_is(me: Any) -> None:
    def bring(count: int) -> int:
        starts = [Start(new_id(), "gold") for _ in range(count)]
        with CaptureQueriesContext(connection) as ran:
            import_tiers(default_programme(), starts, actor_id=me, at=AT)
        return len(ran)

    bring(1)
    assert bring(40) == bring(4)
