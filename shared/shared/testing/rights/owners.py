"""What runs with its owner's rights, and who could put something of their own into its way."""

from shared.db import rows

_OPEN_FUNCTIONS = """
SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef AND pronamespace <> 'pg_catalog'::regnamespace
AND NOT EXISTS (SELECT FROM unnest(proconfig) AS setting WHERE setting ~ '^search_path=.+, *pg_temp$') ORDER BY 1
"""
_FUNCTIONS = "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1"
_OF_EVERYBODY = """
SELECT oid::regprocedure::text FROM pg_proc p WHERE has_function_privilege('public', oid, 'EXECUTE')
AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY 1
"""
_MAY_MAKE_TEMPORARY = """
SELECT DISTINCT rolname || ' in ' || datname FROM pg_roles r CROSS JOIN pg_database d
WHERE NOT rolsuper AND datname IN (current_database(), 'postgres', 'template1')
AND has_database_privilege(r.oid, d.oid, 'TEMPORARY') ORDER BY 1
"""


def functions_of_owner() -> list[str]:
    """Return the names of the service's functions that run with their owner's rights."""
    return [row[0] for row in rows(_FUNCTIONS)]


def open_functions() -> list[str]:
    """Return the functions with their owner's rights that look for names where their caller says, or among temporary
    objects before the service's own (search_path without `pg_temp` at its end)."""
    return [row[0] for row in rows(_OPEN_FUNCTIONS)]


def functions_of_everybody() -> list[str]:
    """Return the functions, but for those of PostgreSQL and its extensions, that any role may call."""
    return [row[0] for row in rows(_OF_EVERYBODY)]


def who_may_make_temporary_objects() -> list[str]:
    """Return the roles that may, superusers apart, here or in the databases that every server has.

    A temporary table is found before all others.
    """
    return [row[0] for row in rows(_MAY_MAKE_TEMPORARY)]
