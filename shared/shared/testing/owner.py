"""The owner of the tables in tests: it makes and migrates the test database, and every test has the role that serves.

What a test must do as the owner goes through `as_owner` and nothing else: damage that a proof must find, statistics of
a table, what is refused to the owner too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg2.extensions import quote_ident

from shared.env import env_database

# A database has the rights of tools/servers/service.sql; those of its schema come with the template (tests.sql).
_HAND_OVER = """
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
REVOKE TEMPORARY ON DATABASE {database} FROM CURRENT_USER;
GRANT CONNECT ON DATABASE {database} TO {role};
CREATE SCHEMA IF NOT EXISTS testing;
GRANT USAGE ON SCHEMA testing TO {role};
CREATE OR REPLACE FUNCTION testing.as_owner(statements text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE changed bigint;
BEGIN
  EXECUTE statements;
  GET DIAGNOSTICS changed = ROW_COUNT;
  RETURN changed;
END $$;
"""


def as_owner(sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> int:
    """Run statements as the owner of the tables, on the tests' own connection; return how many rows the last changed.

    They run in a function: so they see, and are undone with, what the test did. VACUUM, COMMIT and SAVEPOINT cannot.
    """
    with connection.cursor() as cursor:
        text = cursor.mogrify(sql, parameters or None).decode()
        cursor.execute("SELECT testing.as_owner(%s)", [text])
        changed: int = cursor.fetchone()[0]
        return changed


def warnings() -> list[str]:
    """Return what the server warned this connection of since it was asked last: a statement that did nothing, mostly.

    A role that may not ANALYZE a table, or GRANT what it has not, is warned, and refused nothing.
    """
    plain = connection.connection
    if plain is None:
        return []
    said = [notice.strip() for notice in plain.notices if notice.startswith("WARNING")]
    plain.notices.clear()
    return said


def connect_as_owner() -> None:
    """Let all connections be the owner's: only while the test database is made, migrated and dropped."""
    connect_as(env_database(f"{settings.SERVICE.upper()}_OWNER_DATABASE_URL"))


def hand_over() -> None:
    """Give the migrated database to the role that serves, and let all connections from now on be that role's."""
    serving = env_database(f"{settings.SERVICE.upper()}_DATABASE_URL")
    with connection.cursor() as cursor:
        plain = cursor.connection
        names = {"database": connection.settings_dict["NAME"], "role": serving["USER"]}
        cursor.execute(_HAND_OVER.format(**{name: quote_ident(value, plain) for name, value in names.items()}))
    connect_as(serving)


def connect_as(address: Mapping[str, Any]) -> None:
    """Let this connection, and those of all threads to come, have the user of another address."""
    connection.close()
    connection.settings_dict.update(USER=address["USER"], PASSWORD=address["PASSWORD"])
