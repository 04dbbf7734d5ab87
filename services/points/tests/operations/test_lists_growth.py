"""Lists and jobs beside the ledger read a page or what they handle, however much others did."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from points.expiry import operations
from points.expiry.operations import expiry_runs as running
from points.expiry.queries import lots_due
from points.expiry.rows import expiry_runs
from points.imports.operations import purge_imports
from points.programmes.operations import change_programme
from points.vouchers import jobs
from points.vouchers.jobs import start_code_job
from shared.db import execute
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read
from tests.event_factories import let_earn, tell
from tests.expiry_factories import NOW, give_dead, progress, start, work
from tests.factories import AT, make_programme, prove
from tests.voucher_factories import OPERATOR, make_campaign

pytestmark = pytest.mark.django_db
ME = UUID(int=7_000_000)
PAGE = 51
_ROWS = "generate_series(%(first)s::integer, %(last)s::integer) AS n"
_N = "lpad(to_hex(n), 32, '0')::uuid"
_TIME = "%(at)s - interval '1 year' + n * interval '1 second'"
MERGES = f"""
INSERT INTO member_merge (id, from_member_id, into_member_id, reason, merged_by, merged_at)
SELECT {_N}, lpad(to_hex(n + 1000000), 32, '0')::uuid, CASE n %% 2 WHEN 0 THEN %(me)s::uuid
    ELSE lpad(to_hex(n + 2000000), 32, '0')::uuid END, '', %(me)s::uuid, {_TIME} FROM {_ROWS}
"""
# One in a hundred was recorded without a merchant, the others by payments or by many merchants.
PURCHASES = f"""
INSERT INTO purchase (payment_id, programme_id, member_id, amount, points, returned, points_returned, spent, reference,
    merchant_id, currency, money_amount, occurred_at, channel, store, metadata, lines_by)
SELECT {_N}, %(programme)s, CASE WHEN n %% 100 < 3 THEN %(me)s::uuid ELSE {_N} END, 100, 1, 0, 0, 0,
    CASE WHEN n %% 100 < 50 THEN 'till-' || n END,
    CASE WHEN n %% 100 BETWEEN 1 AND 49 THEN lpad(to_hex(n %% 100), 32, '0')::uuid END, 'EUR', 100, %(at)s,
    'till', 'berlin-1', '{{}}', 'merchant' FROM {_ROWS}
"""
# Half of them are registrations; one in a hundred was told without a merchant.
EVENTS = f"""
INSERT INTO event (id, programme_id, trigger, merchant_id, event_id, name, member_id, occurred_at, recorded_at, data,
    points, no_points_reason)
SELECT {_N}, %(programme)s, CASE WHEN n %% 100 < 50 THEN 'event' ELSE 'registration' END,
    CASE WHEN n %% 100 BETWEEN 1 AND 49 THEN lpad(to_hex(n %% 100), 32, '0')::uuid END,
    CASE WHEN n %% 100 < 50 THEN 'told-' || n END, CASE WHEN n %% 100 < 50 THEN 'visit' ELSE '' END,
    CASE WHEN n %% 100 < 3 THEN %(me)s::uuid ELSE {_N} END, %(at)s, %(at)s, '{{}}', 0, 'no_rules' FROM {_ROWS}
"""
ADJUSTMENTS = (
    f"""
INSERT INTO adjustment_request (id, programme_id, member_id, points, reference, reason, requested_by, requested_at)
SELECT {_N}, %(programme)s, {_N}, 5, '', '', %(me)s::uuid, {_TIME} FROM {_ROWS}
""",
    f"""
INSERT INTO adjustment_decision (request_id, requested_by, state, reason, decided_by, decided_at)
SELECT {_N}, %(me)s::uuid, 'rejected', '', lpad(to_hex(n + 1000000), 32, '0')::uuid, %(at)s FROM {_ROWS} WHERE n > 3
""",
    f"""
INSERT INTO adjustment_state (request_id, state, requested_at)
SELECT {_N}, CASE WHEN n > 3 THEN 'rejected' ELSE 'pending' END, {_TIME} FROM {_ROWS}
""",
)
RUNS = f"""
INSERT INTO expiry_run (id, as_of, total, done, points, chunk, state, error, created_at, started_at, finished_at)
SELECT {_N}, {_TIME}, 0, 0, 0, 1, CASE WHEN n = 2 THEN 'failed' ELSE 'done' END, 'a code', {_TIME}, {_TIME}, {_TIME}
FROM {_ROWS}
"""
IMPORTS = f"""
INSERT INTO points_import (id, programme_id, name, state, plan, bytes, pieces, chunk, created_by, committed_by,
    created_at, finished_at, purged_at)
SELECT {_N}, %(programme)s, '', 'done', '{{}}', 0, 0, 1, %(me)s::uuid, %(me)s::uuid, {_TIME}, {_TIME}, %(at)s
FROM {_ROWS}
"""
ABANDONED = """
INSERT INTO points_import (id, programme_id, name, state, plan, bytes, pieces, chunk, created_by, created_at)
VALUES (%(id)s, %(programme)s, '', 'uploading', '{}', 0, 0, 0, %(id)s, %(at)s - interval '31 days')
"""
JOBS = f"""
INSERT INTO voucher_code_job (id, campaign_id, count, done, chunk, state, pattern, requested_by, created_at,
    finished_at, error)
SELECT {_N}, %(campaign)s, 1, 1, 1, 'done', '####-####-####', %(me)s::uuid, {_TIME}, {_TIME}, '' FROM {_ROWS}
"""


def filled(filling: Filling, tables: list[str], *inserts: str, **values: Any) -> UUID:
    programme = make_programme()
    filling.fill(tables, *inserts, me=ME, programme=programme.id, at=AT, **values)
    return programme.id


def results_of(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


@at_any_size
def test_merges_are_read_by_the_page_of_all_and_of_a_member(filling: Filling, operator: Any) -> None:
    filled(filling, ["member_merge"], MERGES)
    old = UUID(int=1_000_000 + 4)

    with rows_read("member_merge") as read:
        newest = results_of(operator.get("/api/v1/points/merges"))
        into = results_of(operator.get("/api/v1/points/merges", member_id=str(ME)))
        (of_old,) = results_of(operator.get("/api/v1/points/merges", member_id=str(old)))

    assert [UUID(one["id"]).int for one in newest] == list(range(filling.size, filling.size - 50, -1))
    assert [UUID(one["id"]).int for one in into] == list(range(filling.size, filling.size - 100, -2))
    assert of_old["from_member_id"] == str(old)
    assert read() <= 3 * PAGE


def test_the_pages_of_a_members_merges_have_each_once_and_the_members_own_first(operator: Any) -> None:
    filled(Filling(9, "true"), ["member_merge"], MERGES)
    execute(
        "INSERT INTO member_merge (id, from_member_id, into_member_id, reason, merged_by, merged_at)"
        " VALUES (%s, %s, %s, '', %s, %s)",
        [UUID(int=99), ME, UUID(int=98), ME, AT],
    )

    path: str | None = f"/api/v1/points/merges?member_id={ME}&page_size=2"
    found, back = [], None
    while path:
        page = operator.get(path).json()
        found += [UUID(one["id"]).int for one in page["results"]]
        back, path = page["previous"], page["next"]

    assert found == [99, 8, 6, 4, 2]
    assert back
    assert [UUID(one["id"]).int for one in operator.get(back).json()["results"]] == [6, 4]


@at_any_size
def test_purchases_are_found_by_their_reference_their_member_or_by_who_recorded_them(
    filling: Filling, operator: Any
) -> None:
    filled(filling, ["purchase"], PURCHASES)
    service = Actor(replace(operator.caller, id=new_id(), scopes=frozenset({"points:earn"})))
    path, of_me = "/api/v1/points/purchases", {"member_id": str(ME)}
    counts = {}

    def ask(name: str, client: Any, **query: Any) -> list[dict[str, Any]]:
        with rows_read("purchase") as read:
            found = results_of(client.get(path, **query))
        counts[name] = read()
        return found

    assert len(ask("all", operator)) == 50
    assert [one["purchase_id"] for one in ask("by reference", operator, purchase_id="till-7")] == ["till-7"]
    assert len(ask("of a member", operator, **of_me)) == min(3 * filling.size // 100, 50)
    recorded_by_none = ask("recorded without a merchant", service)
    assert len(recorded_by_none) == min(filling.size // 100, 50)
    assert {one["merchant_id"] for one in recorded_by_none} == {None}
    # Each row of a page is read once more, with all of its own.
    assert {name: count for name, count in counts.items() if count > 3 * PAGE} == {}
    assert counts["by reference"] <= 2


@at_any_size
def test_events_of_a_programme_are_read_by_the_page_however_many_others_have(filling: Filling, operator: Any) -> None:
    many = filled(filling, ["event"], EVENTS)
    few = make_programme(name="Few").id
    let_earn(programme_id=few)
    tell(ME, programme_id=few)
    counts, sizes = {}, {}

    for programme_id in (many, few):
        with rows_read("event") as read:
            sizes[programme_id] = len(results_of(operator.get(f"/api/v1/programmes/{programme_id}/events")))
        counts[programme_id] = read()

    assert sizes == {many: 50, few: 1}
    assert counts[many] <= 3 * PAGE
    assert counts[few] <= 3


@at_any_size
def test_events_are_found_by_their_member_or_by_who_told_them(filling: Filling, operator: Any) -> None:
    filled(filling, ["event"], EVENTS)
    service = Actor(replace(operator.caller, id=new_id(), scopes=frozenset({"points:earn"})))
    path, of_me = "/api/v1/points/events", {"member_id": str(ME)}
    counts = {}

    def ask(name: str, client: Any, **query: Any) -> list[dict[str, Any]]:
        with rows_read("event") as read:
            found = results_of(client.get(path, **query))
        counts[name] = read()
        return found

    assert len(ask("all", operator)) == 50
    assert len(ask("of a member", operator, **of_me)) == min(3 * filling.size // 100, 50)
    told_by_none = ask("told without a merchant", service)
    assert len(told_by_none) == min(filling.size // 100, 50)
    assert {(one["merchant_id"], one["trigger"]) for one in told_by_none} == {(None, "event")}
    with rows_read("event", "event_rules") as read:
        assert operator.get(f"{path}/{UUID(int=filling.size // 2)}").status_code == 200
    assert read() <= 2
    # Each row of a page is read once more, with what became of it.
    assert {name: count for name, count in counts.items() if count > 3 * PAGE} == {}


@at_any_size
def test_adjustments_that_wait_are_found_among_those_that_were_decided(filling: Filling, operator: Any) -> None:
    tables = ["adjustment_request", "adjustment_decision", "adjustment_state"]
    filled(filling, tables, *ADJUSTMENTS)
    path = "/api/v1/points/adjustments"

    with rows_read(*tables) as waiting:
        assert [UUID(one["id"]).int for one in results_of(operator.get(path, state="pending"))] == [3, 2, 1]
        assert results_of(operator.get(path, state="approved")) == []
    with rows_read(*tables) as rejected:
        found = results_of(operator.get(path, state="rejected"))

    assert [UUID(one["id"]).int for one in found] == list(range(filling.size, filling.size - 50, -1))
    assert waiting() <= 12, waiting.by_table()
    assert rejected() <= 4 * PAGE


@at_any_size
def test_an_expiry_run_that_failed_or_is_open_is_found_among_all(filling: Filling, operator: Any) -> None:
    filled(filling, ["expiry_run"], RUNS)

    with rows_read("expiry_run") as read:
        (failed,) = results_of(operator.get("/api/v1/points/expiry-runs", state="failed"))
        assert not expiry_runs.is_any_open()
    start()
    with rows_read("expiry_run") as opened:
        assert expiry_runs.is_any_open()

    assert UUID(failed["id"]).int == 2
    assert read() <= 2
    assert opened() <= 1


@at_any_size
def test_the_purge_of_imports_reads_those_that_it_gives_up(filling: Filling) -> None:
    programme = filled(filling, ["points_import"], IMPORTS)
    given_up = new_id()
    execute(ABANDONED, {"id": given_up, "programme": programme, "at": AT})

    with rows_read("points_import") as read:
        assert purge_imports(at=AT) == 0
    assert read() <= 6
    assert purge_imports(at=AT + 31 * (NOW - AT)) == 1


@at_any_size
def test_asking_for_codes_reads_no_other_job(filling: Filling) -> None:
    campaign = make_campaign()
    filled(filling, ["voucher_code_job"], JOBS, campaign=campaign.id)

    with rows_read("voucher_code_job", "voucher_code_pattern") as read:
        start_code_job(campaign.id, count=10, pattern="####-####-####", requested_by=OPERATOR, at=AT)

    assert read() <= 2


def test_codes_of_a_pattern_are_those_that_its_jobs_made_or_will_make() -> None:
    campaign, pattern = make_campaign(), "####-####-####"

    def job(count: int) -> UUID:
        return start_code_job(campaign.id, count=count, pattern=pattern, requested_by=OPERATOR, at=AT).id

    jobs.CODE_JOBS.run_chunk(job(5), chunk=0, at=AT)
    jobs.CODE_JOBS.cancel(job(7), at=AT)
    jobs.CODE_JOBS.cancel(job(9), at=AT)
    job(11)

    assert jobs._codes_asked_for(pattern) == 16
    assert jobs._codes_asked_for("????-????-????") == 0
    prove()


def test_a_run_of_one_programme_passes_what_is_due_of_others_once(monkeypatch: pytest.MonkeyPatch) -> None:
    make_programme()
    give_dead(*[1] * 20)
    mine = make_programme(name="Mine").id
    change_programme(mine, changes={"is_default": True}, at=AT)
    give_dead(*[2] * 9)
    monkeypatch.setattr(running, "CHUNK", 3)
    seen = []

    def due(**how: Any) -> Any:
        with rows_read("lot") as read:
            found = lots_due(**how)
        seen.append(read())
        return found

    monkeypatch.setattr(running.queries, "lots_due", due)
    run = start(programme_id=mine)
    work()

    assert progress(run) == ("done", 9, 9, 18)
    assert sum(seen) <= 20 + 9 + len(seen)
    assert operations.expire_all(at=NOW) == (20, 20)
