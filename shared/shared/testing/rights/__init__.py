"""Has the role that serves the rights that its service needs? Derived from all its SQL, and asked of the database."""

from collections.abc import Iterable, Set

from shared.db import rows
from shared.testing.rights.models import needs_of_models
from shared.testing.rights.statements import Known, Need, Unread, mentions, needs
from shared.testing.rights.texts import Text, texts

_TABLES = (
    "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')"
)
_FUNCTIONS = """
SELECT proname::text, prosrc, NOT prosecdef FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
_OF_TRIGGERS = """
SELECT DISTINCT tgrelid::regclass::text, proname::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal
"""
_ALLOWED = {
    "SELECT": "has_any_column_privilege({table}, 'SELECT')",
    "LOCK ROWS": "has_any_column_privilege({table}, 'SELECT') AND has_any_column_privilege({table}, 'UPDATE')",
    "LOCK TABLE": "has_table_privilege({table}, 'UPDATE, DELETE, TRUNCATE')",
    "EXECUTE": "(SELECT bool_and(has_function_privilege(oid, 'EXECUTE')) FROM pg_proc WHERE proname = {table}"
    " AND pronamespace = 'public'::regnamespace)",
}
_WRITE = """
has_table_privilege({table}, {privilege}) OR (SELECT bool_and(has_column_privilege({table}, name, {privilege}))
FROM unnest({columns}) AS name) IS TRUE
"""
# Who inserts takes a number of these themselves; identity columns do not ask.
_SEQUENCES = """
SELECT s.oid::regclass::text FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype = 'a'
WHERE d.refobjid = %s::regclass AND CASE s.relkind WHEN 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE') END
"""


def missing_rights(*packages: str, of_migrations: Set[str] = frozenset()) -> list[str]:
    """Return what the role of this connection lacks for the locks and writes of packages, and where each stands.

    It reads all SQL of the packages, the ORM's calls, and the functions and triggers that these reach and that run with
    the caller's rights. `of_migrations` names what only migrations use, though it stands elsewhere (`module.name`).

    :raises AssertionError: a lock or a write could not be read.
    """
    found, unread = rights_needed(*packages, of_migrations=of_migrations)
    assert not unread, "\n".join(unread)
    lacking = [f"{need.privilege} on {need.on} {_of(need)}: {found[need]}" for need in found if not _is_allowed(need)]
    inserted = sorted({need.on for need in found if need.privilege == "INSERT"})
    return lacking + [f"USAGE on {name}" for table in inserted for (name,) in rows(_SEQUENCES, [table])]


def rights_needed(*packages: str, of_migrations: Set[str] = frozenset()) -> tuple[dict[Need, str], list[str]]:
    """Return each right that packages need, with a place that needs it; and what could not be read."""
    functions = rows(_FUNCTIONS)
    known = Known({name for (name,) in rows(_TABLES)}, {name for name, *_ in functions})
    found: dict[Need, str] = {}
    unread: list[str] = []
    for package in packages:
        _add(found, unread, _largest(texts(package, of_migrations=of_migrations)), known)
        for where, need in needs_of_models(package):
            if isinstance(need, Unread):
                unread.append(f"{where}: {need}")
            else:
                found.setdefault(need, where)
    bodies = [Text(name, body) for name, body, is_of_caller in functions if is_of_caller]
    while reached := [body for body in bodies if body.where in _called(found)]:
        bodies = [body for body in bodies if body not in reached]
        _add(found, unread, reached, known)
    return found, unread


def _add(found: dict[Need, str], unread: list[str], of: Iterable[Text], known: Known) -> None:
    for text in of:
        try:
            for need in needs(text.sql, known):
                found.setdefault(need, text.where)
        except Unread as problem:
            unread.append(f"{text.where}: {problem}")


def _largest(found: list[Text]) -> list[Text]:
    """Return the texts that read, lock or write, but for pieces that others are made of."""
    candidates = {text.sql: text for text in found if mentions(text.sql) or "FROM" in text.sql}
    whole = sorted(candidates, key=len, reverse=True)
    kept: list[str] = []
    for sql in whole:
        if not any(sql in larger for larger in kept):
            kept.append(sql)
    return [candidates[sql] for sql in kept]


def _called(found: dict[Need, str]) -> set[str]:
    """Return the functions that are called, and those of the triggers of tables that are written to."""
    written = {need.on for need in found if need.privilege in ("INSERT", "UPDATE", "DELETE")}
    of_triggers = {function for table, function in rows(_OF_TRIGGERS) if table in written}
    return of_triggers | {need.on for need in found if need.privilege == "EXECUTE"}


def _is_allowed(need: Need) -> bool:
    asked = _ALLOWED.get(need.privilege, _WRITE)
    sql = asked.format(table="%(table)s", privilege="%(privilege)s", columns="%(columns)s::text[]")
    values = {"table": need.on, "privilege": need.privilege, "columns": sorted(need.columns or [])}
    ((is_allowed,),) = rows(f"SELECT {sql}", values)
    return bool(is_allowed)


def _of(need: Need) -> str:
    return f"({', '.join(sorted(need.columns))})" if need.columns else ""
