"""docs/points/invariants.md says where each invariant stands, and here each is broken in each of these places."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction

from points.ledger.models import Account
from points.ledger.proofs import INVARIANTS, differences, invariants
from shared.db import execute, rows
from shared.testing.actors import Actor
from shared.testing.owner import as_owner
from shared.testing.proofs import nothing_written
from tests.factories import give, make_programme, prove, spend
from tests.invariants import world
from tests.invariants.found import FOUND
from tests.invariants.page import Row, table
from tests.invariants.refused import REFUSED
from tests.invariants.written import CALLS, OPTIMISTIC, earnings, write, write_optimistically

pytestmark = pytest.mark.django_db
CASES = {"refused": REFUSED, "function": CALLS | OPTIMISTIC, "found": FOUND}
ROWS = {row.invariant: row for row in table()}
# What writes postings for whoever serves, and what it may not do itself; the rest are constraints and triggers.
FUNCTIONS = ("ledger_post", "ledger_optimistic")
BY_RIGHT = (*FUNCTIONS, "rights")
_GUARDS = """
SELECT conname::text FROM pg_constraint WHERE contype = 'c' AND conrelid::regclass::text = ANY(%(tables)s)
UNION SELECT indexrelid::regclass::text FROM pg_index
WHERE indisunique AND NOT indisprimary AND indrelid::regclass::text = ANY(%(tables)s)
UNION SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%(tables)s)
"""
_FUNCTIONS_OF = (
    "SELECT p.proname::text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgname::text = ANY(%s)"
)


@pytest.fixture
def everything(member: Actor, other_member: Actor) -> None:
    world.fill(member.id, other_member.id)
    prove()


@pytest.fixture
def mine(member: Actor) -> Account:
    """My account, with four entries."""
    make_programme()
    give(member.id, 100)
    spend(member.id, 30)
    return Account.objects.get(member_id=member.id)


@pytest.fixture
def other(mine: Account, other_member: Actor) -> Account:
    """Another member's account, with two."""
    give(other_member.id, 50)
    return Account.objects.get(member_id=other_member.id)


def guards(tables: list[str]) -> set[str]:
    return {name for (name,) in rows(_GUARDS, {"tables": tables})}


def named(row: Row, among: set[str]) -> set[str]:
    """The constraints and triggers that a row names, of those that there are."""
    return {name for name in among for pattern in row.database if fnmatch(name, pattern)}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def refusal_of(run: Any, *arguments: Any) -> tuple[str, set[str]]:
    """What the server says, and which constraint, invariant and functions say it."""
    try:
        with undone():
            run(*arguments)
    except DatabaseError as error:
        found: Any = error.__cause__
        by = {found.diag.constraint_name or "", str(found).partition(": ")[0]}
        return str(found), by | set(re.findall(r"function (?:\w+\.)?(\w+)\(", found.diag.context or ""))
    return "nothing refuses it", set()


def test_each_row_is_tried_where_it_says_and_nothing_else_is() -> None:
    tried = {kind: set(cases) for kind, cases in CASES.items()}

    assert len(ROWS) == len(table())
    assert {kind: {name for name, row in ROWS.items() if kind in row.test} for kind in CASES} == tried
    assert all(attempts for cases in CASES.values() for attempts in cases.values())


def test_what_is_proven_is_tried_and_each_law_is_an_invariant() -> None:
    assert {name for name, row in ROWS.items() if row.proof} == set(INVARIANTS) == set(FOUND)
    for name, row in ROWS.items():
        assert not row.proof or name in getattr(invariants, row.proof[0]), name


def test_each_rule_is_there() -> None:
    for row in ROWS.values():
        for rule in row.rule:
            module, _, function = f"points.{rule}".rpartition(".")
            assert callable(getattr(import_module(module), function)), rule


def test_no_invariant_stands_in_more_than_three_places() -> None:
    """A rule, the function or a constraint that guards one statement, and the proof."""
    for row in ROWS.values():
        assert len(row.rule) <= 1, row
        assert len(row.proof) <= 1, row
        assert len(row.database) == 1 or not {*row.database} & {*BY_RIGHT}, row


def test_the_page_names_all_constraints_and_triggers_of_the_ledger() -> None:
    there = guards([model._meta.db_table for model in apps.get_app_config("ledger").get_models()])
    anywhere = guards([name for (name,) in rows("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")])

    assert there - {name for row in ROWS.values() for name in named(row, there)} == set()
    for row in ROWS.values():
        for pattern in set(row.database) - {*BY_RIGHT}:
            assert any(fnmatch(name, pattern) for name in anywhere), pattern


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_page_names_what_a_function_refuses(function: str) -> None:
    ((source,),) = rows("SELECT prosrc FROM pg_proc WHERE proname = %s", [function])
    said = re.findall(r"(?:raise_violation\(|THEN )'((?:[^'{}]|'')+ (?:[^'{}]|'')+)'", source)
    of_function = {name for name, row in ROWS.items() if function in row.database}

    assert {text.replace("''", "'") for text in said} == of_function & {*CASES["function"]}


def test_a_statement_that_breaks_an_invariant_is_refused(everything: None, subtests: pytest.Subtests) -> None:
    anywhere = guards([name for (name,) in rows("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")])
    with nothing_written():
        for name, statements in REFUSED.items():
            guarding = named(ROWS[name], anywhere)
            guarding |= {function for (function,) in rows(_FUNCTIONS_OF, [list(guarding)])}
            for statement in statements:
                with subtests.test(msg=name, statement=statement):
                    said, by = refusal_of(execute, statement)
                    assert "permission denied" in said or by & guarding, said
                    assert guarding or "permission denied" in said, said
                    if guarding:
                        said, by = refusal_of(as_owner, statement)
                        assert by & guarding, said


def test_a_function_refuses_what_breaks_an_invariant(mine: Account, other: Account, subtests: pytest.Subtests) -> None:
    with nothing_written():
        for name, calls in CALLS.items():
            for changes in calls:
                with subtests.test(msg=name, changes=changes):
                    said, by = refusal_of(write, earnings(mine, other, **changes))
                    assert name in by, said
        for name, wrong in OPTIMISTIC.items():
            for kind, points in wrong:
                with subtests.test(msg=name, kind=kind, points=points):
                    said, by = refusal_of(write_optimistically, mine.member_id, kind, points)
                    assert name in by, said


def test_what_the_owner_writes_by_hand_is_found_and_named(everything: None, subtests: pytest.Subtests) -> None:
    for name, statements in FOUND.items():
        for statement in statements:
            with subtests.test(msg=name, statement=statement), undone():
                for changed in set(re.findall(r"(?:UPDATE|DELETE FROM|INSERT INTO) (\w+)", statement)):
                    as_owner(f"ALTER TABLE {changed} DISABLE TRIGGER USER")
                assert as_owner(statement)
                found = {difference.invariant for difference in differences()}
                assert name in found, found
