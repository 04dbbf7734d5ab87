"""`make scale` knows every GET of the schemas and every periodic job: a new one without a row fails the build."""

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module

import pytest

from bench.scale import gets, jobs, verdict
from bench.scale.copies import copied, copied_things, ids_of, sql_of_text
from bench.scale.multiply import NotCopied, check_growth
from bench.scale.published import Published, published
from bench.table import Row
from tools.stack.layout import PACKAGES

ONE, OTHER = "01a226ea-0593-774c-be2b-4c3cab3e57c4", "01a226ea-023d-7dbc-9ffc-41e7ae8179ee"


@pytest.fixture(scope="module")
def all_of_them() -> Mapping[str, Published]:
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(PACKAGES, pool.map(published, PACKAGES), strict=True))


def test_every_get_of_every_schema_has_a_row_and_every_filter_of_it(all_of_them: Mapping[str, Published]) -> None:
    assert len(all_of_them["points"].gets) > 30
    assert gets.lacking(all_of_them) == []


def test_every_periodic_job_of_every_service_has_a_row(all_of_them: Mapping[str, Published]) -> None:
    assert {"purge", "seal-blocks", "expire-points"} <= set(all_of_them["points"].jobs)
    assert jobs.lacking(all_of_them) == []


def test_the_name_of_every_periodic_job_is_one_word_as_run_job_takes_it(all_of_them: Mapping[str, Published]) -> None:
    names = {name for found in all_of_them.values() for name in found.jobs}
    assert {name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)} == set()


def test_the_clients_of_the_journeys_that_make_scale_uses_are_there() -> None:
    assert import_module("bench.scale.__main__").play.__module__ == "bench.scale.filling"


def test_a_get_that_nobody_can_fill_is_found(all_of_them: Mapping[str, Published]) -> None:
    more = {"/api/v1/points/badges/{badge_id}": [], "/api/v1/points/badges": ["colour", "cursor"]}
    points = all_of_them["points"]
    spoilt = {**all_of_them, "points": replace(points, gets={**points.gets, **more})}
    assert gets.lacking(spoilt) == [
        "/api/v1/points/badges/{badge_id}: the seed makes no badge_id (bench/scale/seed.py)",
        "/api/v1/points/badges: no row has the filter colour (bench/scale/gets.py)",
    ]


def test_a_row_whose_get_is_gone_is_found(all_of_them: Mapping[str, Published]) -> None:
    auth = all_of_them["auth"]
    left = {path: filters for path, filters in auth.gets.items() if path != "/api/v1/auth/audit"}
    assert gets.lacking({**all_of_them, "auth": replace(auth, gets=left)}) == [
        "bench/scale/gets.py: /api/v1/auth/audit is published no more"
    ]


def test_a_new_job_and_one_that_is_gone_are_found(all_of_them: Mapping[str, Published]) -> None:
    others = [name for name in all_of_them["auth"].jobs if name != "purge-keys"]
    spoilt = {**all_of_them, "auth": replace(all_of_them["auth"], jobs=[*others, "polish keys"])}
    assert jobs.lacking(spoilt) == [
        "auth: the periodic job 'polish keys' has no row (bench/scale/jobs.py)",
        "auth: there is no periodic job 'purge-keys'",
    ]


def test_a_copy_has_other_ids_than_the_original_but_for_what_is_kept() -> None:
    text = f"purchase:{ONE}:of:{OTHER}"
    assert copied(text, 0x1F, kept=[OTHER]) == f"purchase:01a226ea-0593-874c-be2b-001fab3e57c4:of:{OTHER}"
    assert copied(text, 0, kept=[OTHER]) == text


def test_no_copy_has_the_id_of_its_original_whatever_digits_that_has() -> None:
    original = "01a22734-c7ba-787a-a029-001ed777eeab"
    assert copied(original, 0x1E, kept=[]) == "01a22734-c7ba-887a-a029-001ed777eeab"


def test_a_copied_family_has_a_code_of_its_own_and_shares_the_programme() -> None:
    things = {"member_id": ONE, "code": "9ULT-88T6-HEMV", "programme_id": OTHER}
    assert copied_things(things, 5, kept=[OTHER]) == {
        "member_id": "01a226ea-0593-874c-be2b-0005ab3e57c4",
        "code": "9ULT-88T6-HEMV-0000000000000101",
        "programme_id": OTHER,
    }


def test_only_ids_are_kept_in_a_copy() -> None:
    assert ids_of({"programme_id": OTHER, "version": "1", "segment_code": "vip"}) == (OTHER,)


def test_the_sql_of_a_copied_text_leaves_what_is_kept() -> None:
    assert f"(?!{OTHER})" in sql_of_text("payload::text", [OTHER])


def test_a_table_that_did_not_grow_is_found() -> None:
    with pytest.raises(NotCopied, match="token has 120 rows of 100 originals"):
        check_growth({"token": 100, "user": 100}, {"token": 120, "user": 999}, 10)


@pytest.mark.parametrize(
    ("result", "handled"),
    [(7, 7), (None, 0), (0, 0), ({"lots": 3, "points": 900}, 3), ({"published": 0, "inbox": 4}, 4)],
)
def test_what_a_job_handled_is_what_it_says(result: object, handled: int) -> None:
    line = json.dumps({"job": "x", "seconds": 0.25, "pages": 12, "result": result})
    assert jobs.runs_of(f"a log line\n{line}\n") == {"x": [jobs.Run(0.25, 12, handled)]}


def taken(seconds: float, pages: float, levels: int = verdict.LEVELS) -> Row:
    """A row that takes a second and reads 100 pages in the small size."""
    return verdict.row("a row", {"small": [1.0], "large": [seconds]}, {"small": 100, "large": pages}, levels=levels)


@pytest.mark.parametrize(
    ("seconds", "pages", "is_held"),
    [
        (1.19, 1000, True),
        (1.21, 1000, False),
        (1.21, 124, False),
        (1.21, 123, True),
        (1.49, 100, True),
        (1.51, 100, False),
    ],
)
def test_a_row_that_reads_no_more_pages_may_take_half_as_long_again_and_others_a_fifth(
    seconds: float, pages: float, is_held: bool
) -> None:
    row = taken(seconds, pages)
    assert verdict.holds(row) is is_held
    assert (" yes " if is_held else " NO ") in row.text()
    assert verdict.is_growing(row) is (pages > 123)


def test_what_is_counted_by_things_may_read_a_fifth_more_pages_of_each_and_no_page_besides() -> None:
    assert [verdict.is_growing(taken(1.0, pages, levels=0)) for pages in (120, 121)] == [False, True]


def test_the_quickest_quarter_is_what_a_row_takes() -> None:
    seconds = {"small": [9.0, 1.0, 2.0, 3.0, 8.0], "large": [2.0, 2.5, 9.0, 9.0]}
    assert verdict.row("a row", seconds, {"small": 0, "large": 0}).ratio == 2.0 / 2.5


@pytest.mark.parametrize(
    ("seconds", "again", "asked", "is_held"),
    [([1.0], 4, [1], True), ([1.3, 1.0], 4, [1, 4], True), ([1.3, 1.3], 4, [1, 4], False), ([1.3], None, [1], False)],
)
def test_a_row_fails_only_where_the_repetition_confirms_it(
    seconds: list[float], again: int | None, asked: list[int], is_held: bool
) -> None:
    times, left = [], iter(seconds)

    def measure(more: int) -> Row:
        times.append(more)
        return taken(next(left), 1000)

    assert verdict.holds(verdict.confirmed(measure, again=again)) is is_held
    assert times == asked
