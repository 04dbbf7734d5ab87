"""What a dry run of an import promises is what its commit does, or nothing is posted."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from points.imports import operations, queries
from points.imports.errors import NotAsExpected
from points.imports.models import Import, ImportChunk, ImportIdentity, ImportMember, ImportRun
from points.imports.operations import reading
from points.imports.rules.tallies import Tally
from points.ledger import operations as ledger
from points.ledger.models import Transaction
from points.ledger.rules.earnings import Wait
from points.ledger.rules.postings import LARGEST_BALANCE
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.programmes.rules.expiry import policy_of
from shared.errors import DomainError
from shared.testing.proofs import nothing_written
from tests.factories import AT, buy, give, hold, make_programme, points_of, prove, spend, take_back
from tests.import_factories import OPERATOR, make_import
from tests.voucher_factories import refused

pytestmark = pytest.mark.django_db
ROWS: dict[str, Any] = {
    "columns": {"member_id": "Card", "kind": "Type", "points": "Points", "occurred_at": "Sold", "expires_at": "Ends"},
    "constants": {},
}
HEAD = "Card,Type,Points,Sold,Ends\n"
NOW = AT + timedelta(days=3)
DAY = timedelta(days=1)
_WORKED_ON = ("validating", "committing", "reversing")


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme(lot_days=180)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 2)


def row(member_id: UUID, kind: str, points: int, *, days_ago: int = 0, ends: datetime | None = None) -> str:
    sold = (AT - days_ago * DAY).isoformat() if days_ago else ""
    if kind != "adjust":
        points = abs(points)
    return f"{member_id},{kind},{points},{sold},{ends.isoformat() if ends else ''}\n"


def work_at(import_id: UUID, at: datetime, *, chunks: int = 10**6) -> Import:
    """Do so many chunks of a pass that was asked for, at an instant."""
    while (found := Import.objects.get(id=import_id)).state in _WORKED_ON and chunks:
        operations.IMPORTS.run_chunk(import_id, chunk=found.chunk, at=at)
        chunks -= 1
    return found


def seen(content: str, *, at: datetime = AT, **how: Any) -> ImportRun:
    """Validate a file and return what that counted."""
    made = make_import(content, **(ROWS | how))
    operations.validate_import(made.id, at=at)
    assert work_at(made.id, at).state == "validated"
    return run_of(made.id, "validation")


def run_of(import_id: UUID, kind: str) -> ImportRun:
    return ImportRun.objects.get(imported_id=import_id, kind=kind)


def commit(run: ImportRun, *, at: datetime = AT, **expected: Any) -> UUID:
    """Ask for a commit of what a validation counted."""
    expect = expected or {"rows": run.accepted, "points": Tally.of(run).points}
    import_id: UUID = run.imported_id
    operations.commit_import(import_id, **expect, without_refused=True, committed_by=OPERATOR, at=at)
    return import_id


def codes(import_id: UUID) -> list[tuple[int, str]]:
    return [(one.row, one.code) for one in queries.refusals_of(import_id)]


def test_points_that_have_ended_are_foreseen_to_pay_nothing(member: Any) -> None:
    content = HEAD + row(member.id, "earn", 100, days_ago=200) + row(member.id, "redeem", 60, days_ago=150)

    run = seen(content)

    assert (run.accepted, run.refused, Tally.of(run).points) == (1, 1, 100)
    assert (run.already_expired_rows, run.already_expired) == (1, 100)
    assert run.refused_by_code == {"points.insufficient": 1}
    with nothing_written(), refused(NotAsExpected):
        operations.commit_import(run.imported_id, rows=2, points=40, committed_by=OPERATOR, at=AT)
    import_id = commit(run)
    assert work_at(import_id, AT).state == "done"
    assert Tally.of(run_of(import_id, "commit")) == Tally.of(run)
    assert (codes(import_id), points_of(member.id)) == ([(2, "points.insufficient")], (0, 0))
    prove()


def test_those_of_a_named_end_neither_and_both_can_be_left_out(member: Any, other_member: Any) -> None:
    lines = row(member.id, "earn", 100, days_ago=200) + row(member.id, "earn", 7, ends=AT - DAY)
    lines += row(member.id, "adjust", 5, days_ago=200) + row(other_member.id, "earn", 9, days_ago=10, ends=AT + DAY)

    posted, left_out = seen(HEAD + lines), seen(HEAD + lines, already_expired="leave_out")

    assert (posted.accepted, posted.left_out, posted.already_expired_rows, posted.already_expired) == (4, 0, 3, 112)
    assert (left_out.accepted, left_out.left_out, left_out.already_expired_rows) == (1, 3, 3)
    assert (left_out.already_expired, left_out.earned, left_out.refused) == (112, 9, 0)
    assert work_at(commit(left_out), AT).state == "done"
    assert [points_of(one.id) for one in (member, other_member)] == [(0, 0), (9, 0)]
    assert Transaction.objects.count() == 1


def test_points_that_have_ended_still_pay_what_is_owed(member: Any) -> None:
    bought = buy(member.id, {"book": (1, 5000)})
    spend(member.id, 50)
    take_back(bought)
    assert points_of(member.id) == (0, -50)
    lines = row(member.id, "earn", 30, days_ago=200) + row(member.id, "earn", 25) + row(member.id, "redeem", 5)

    run = seen(HEAD + lines + row(member.id, "redeem", 1))

    assert codes(run.imported_id) == [(4, "points.insufficient")]
    assert work_at(commit(run), AT).state == "done"
    assert (codes(run.imported_id), points_of(member.id)) == ([(4, "points.insufficient")], (0, 0))


def test_an_account_that_would_be_too_large_is_foreseen_over_all_chunks(member: Any, small_chunks: None) -> None:
    give(member.id, LARGEST_BALANCE - 3)
    lines = [row(member.id, kind, points) for kind, points in (("earn", 2), ("redeem", 9), ("earn", 1), ("earn", 1))]

    run = seen(HEAD + "".join(lines))

    assert codes(run.imported_id) == [(4, "points.balance_too_large")]
    assert work_at(commit(run), AT).state == "done"
    assert codes(run.imported_id) == [(4, "points.balance_too_large")]


def test_rows_too_small_for_a_point_are_no_refusals(member: Any) -> None:
    columns = {"member_id": "Card", "amount": "Total"}
    content = f"Card,Total\n{member.id},0.99\n{member.id},0.00\n{member.id},12.00\n"
    how: dict[str, Any] = {"columns": columns, "constants": {"kind": "earn"}}

    run = seen(content, **how)

    assert (run.rows, run.accepted, run.refused, run.earns_nothing, run.earned) == (3, 1, 0, 2, 12)
    operations.commit_import(run.imported_id, rows=1, points=12, committed_by=OPERATOR, at=AT)
    assert work_at(run.imported_id, AT).state == "done"
    done = run_of(run.imported_id, "commit")
    assert (done.accepted, done.earns_nothing, points_of(member.id)) == (1, 2, (12, 0))
    assert (seen(content, **how).known, seen(content, **how).earns_nothing) == (1, 2)


@pytest.mark.usefixtures("small_chunks")
def test_nothing_is_posted_where_a_posting_after_the_validation_changes_the_totals(member: Any) -> None:
    give(member.id, 50)
    run = seen(HEAD + "".join(row(member.id, "redeem", 10 + number) for number in range(3)))
    assert run.accepted == 3
    spend(member.id, 40)
    before = Transaction.objects.count()

    import_id = commit(run)
    found = work_at(import_id, AT)

    assert found.state == "failed"
    assert found.error == {
        "code": "imports.not_as_expected", "title": NotAsExpected.title,
        "detail": "The validation saw 3 rows of -33 points, and from row 1 of the file on they come to something else.",
        "seen_rows": 3, "seen_points": -33, "posted_rows": 0, "posted_points": 0, "differs_from_row": 1,
    }  # fmt: skip
    assert (Transaction.objects.count(), points_of(member.id)) == (before, (10, 0))
    assert codes(import_id) == [(2, "points.insufficient"), (3, "points.insufficient")]
    assert not any(table.objects.exists() for table in (ImportChunk, ImportIdentity, ImportMember))
    prove()


def test_nor_where_time_does(member: Any) -> None:
    give(member.id, 50, expires_at=AT + DAY)
    run = seen(HEAD + row(member.id, "redeem", 10))

    found = work_at(commit(run, at=AT + 2 * DAY), AT + 2 * DAY)

    assert (found.state, found.error["code"]) == ("failed", "imports.not_as_expected")
    assert run_of(run.imported_id, "rehearsal").refused_by_code == {"points.insufficient": 1}


def test_nor_where_a_refused_row_would_now_be_accepted_or_another_import_posted_a_row(member: Any) -> None:
    spends, gives = HEAD + row(member.id, "redeem", 10), HEAD + row(member.id, "earn", 10)
    refusing, accepting, other = seen(spends), seen(gives), seen(gives)
    work_at(commit(other), AT)

    for run in (refusing, accepting):
        assert work_at(commit(run), AT).error["code"] == "imports.not_as_expected"

    assert points_of(member.id) == (10, 0)


@pytest.mark.usefixtures("small_chunks")
def test_chunks_without_rows_are_promised_too(member: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WINDOW", 200)
    content = HEAD + row(member.id, "earn", 1) + "\n" * 500 + row(member.id, "earn", 2) + "\n" * 500

    run = seen(content)

    assert work_at(commit(run), AT).state == "done"
    assert (run_of(run.imported_id, "commit").rows, points_of(member.id)) == (2, (3, 0))


@pytest.mark.usefixtures("small_chunks")
def test_a_chunk_of_which_nothing_was_promised_is_not_posted(member: Any) -> None:
    run = seen(HEAD + "".join(row(member.id, "earn", points) for points in (1, 2, 4, 8)))
    import_id = commit(run)
    work_at(import_id, AT, chunks=2)
    ImportChunk.objects.filter(start__lt=100).delete()

    assert work_at(import_id, AT).error["posted_rows"] == 0
    assert points_of(member.id) == (0, 0)


def test_a_cancelled_rehearsal_posts_nothing(member: Any) -> None:
    import_id = commit(seen(HEAD + row(member.id, "earn", 5)))

    operations.IMPORTS.cancel(import_id, at=AT)

    with nothing_written():
        assert work_at(import_id, AT).state == "cancelled"
        operations.IMPORTS.run_chunk(import_id, chunk=Import.objects.get().chunk, at=AT)
    assert not Transaction.objects.exists()


def test_who_expects_nothing_is_not_rehearsed_for(member: Any) -> None:
    run = seen(HEAD + row(member.id, "earn", 5))

    operations.commit_import(run.imported_id, committed_by=OPERATOR, at=AT)

    assert work_at(run.imported_id, AT).state == "done"
    assert set(ImportRun.objects.values_list("kind", flat=True)) == {"validation", "commit"}


def test_the_rate_of_a_pass_of_one_chunk_is_what_it_did_per_second(member: Any) -> None:
    made = make_import(HEAD + row(member.id, "earn", 5), **ROWS)
    operations.validate_import(made.id, at=AT)

    operations.IMPORTS.run_chunk(made.id, chunk=1, at=AT + DAY)

    run = run_of(made.id, "validation")
    assert run.started_at == AT + DAY
    assert run.finished_at
    assert timedelta(0) < run.finished_at - run.started_at < timedelta(minutes=5)


MEMBERS = [UUID(int=number) for number in (1, 2)]
_points = st.integers(1, 40)
_who = st.sampled_from(MEMBERS)
_lines = st.lists(
    st.tuples(_who, st.sampled_from(["earn", "redeem", "adjust"]), st.integers(-40, 40),
              st.sampled_from([0, 1, 9]), st.sampled_from([None, None, -2])),
    min_size=4, max_size=9,
)  # fmt: skip
_before = st.lists(
    st.tuples(
        st.sampled_from(["earn", "earn", "end soon", "hold", "wait", "spend", "debt"]), _who, _points, st.booleans()
    ),
    max_size=8,
)
_policies = [{"kind": kind, "count": count, "unit": "day"} for kind in ("rolling", "sliding") for count in (2, 5)]
_expiry = st.sampled_from([None, *_policies])


def _prepare(kind: str, member_id: UUID, points: int, is_over: bool) -> None:
    """Bring a member somewhere, before NOW; what ends or is due has done so by then, or not."""
    ends_at = NOW - DAY if is_over else NOW + DAY
    if kind == "debt":
        bought = buy(member_id, {"book": (1, points * 100)})
        spend(member_id, points)
        take_back(bought)
    elif kind == "hold":
        hold(member_id, points, expires_at=ends_at)
    elif kind == "spend":
        spend(member_id, points)
    else:
        more: dict[str, Any] = {"end soon": {"expires_at": ends_at}, "wait": {"wait": Wait(at=ends_at)}}.get(kind, {})
        give(member_id, points, **more)


def _line(line: tuple[UUID, str, int, int, int | None]) -> str:
    member_id, kind, points, days_ago, ends = line
    end = (NOW + ends * DAY) if ends is not None else None
    sold = (NOW - days_ago * DAY).isoformat() if days_ago else ""
    if kind != "adjust":
        points = abs(points)
    return f"{member_id},{kind},{points},{sold},{end.isoformat() if end else ''}\n"


@example(
    before=[("debt", MEMBERS[0], 20, False)],
    lines=[(MEMBERS[0], *one) for one in (
        ("earn", 15, 9, None), ("earn", 10, 0, None), ("redeem", 5, 0, None), ("adjust", -1, 0, None))],
    expiry=_policies[0], pending_days=None, merges=False, again=False, chunk=2, leaves_out=False,
)  # fmt: skip
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    before=_before, lines=_lines, expiry=_expiry, pending_days=st.sampled_from([None, 2]), merges=st.booleans(),
    again=st.booleans(), chunk=st.integers(1, 4), leaves_out=st.booleans(),
)  # fmt: skip
def test_a_commit_does_what_any_dry_run_promised(
    before: Any, lines: Any, expiry: Any, pending_days: Any, merges: bool, again: bool, chunk: int, leaves_out: bool
) -> None:
    with transaction.atomic(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "CHUNK", chunk)
        _become(expiry, pending_days)
        for one in before:
            try:
                with transaction.atomic():
                    _prepare(*one)
            except DomainError:
                continue
        if merges:
            whose = {"from_member_id": MEMBERS[0], "into_member_id": MEMBERS[1]}
            ledger.merge_members(**whose, reason="r", actor_id=OPERATOR, void_holds=True, at=AT)
        if again:
            first = seen(HEAD + _line(lines[0]), at=NOW, timezone="UTC")
            work_at(commit(first, at=NOW), NOW)
        _keeps_its_promise(HEAD + "".join(map(_line, lines)), leaves_out)
        transaction.set_rollback(True)


def _become(expiry: Any, pending_days: int | None) -> None:
    changes = {"pending_days": pending_days, **({"expiry": policy_of(expiry)} if expiry else {})}
    change_programme(default_programme().id, changes=changes, at=AT)


def _keeps_its_promise(content: str, leaves_out: bool) -> None:
    run = seen(content, at=NOW, already_expired="leave_out" if leaves_out else "post")
    foreseen = codes(run.imported_id)

    found = work_at(commit(run, at=NOW), NOW)

    assert (found.state, found.error) == ("done", None)
    done = run_of(run.imported_id, "commit")
    assert Tally.of(done) == Tally.of(run)
    assert (codes(run.imported_id), done.refused_by_code) == (foreseen, run.refused_by_code)
