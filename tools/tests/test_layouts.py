"""A database of another layout is left as it is, and `fresh` deletes what a stack keeps."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest

from tools.make_env import EXAMPLE, parse_env, rendered
from tools.stack import unprivileged, wiping
from tools.stack.layout import State
from tools.stack.services import Service, migrate
from tools.stack.supervisor import NotReady

NAMES = "SELECT app || '.' || name FROM django_migrations ORDER BY id"
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


def ask(url: str, *statements: str) -> list[Any]:
    """Run statements as they are; return the first column of the last one."""
    opened = psycopg2.connect(url)
    opened.autocommit = True
    cursor = opened.cursor()
    for statement in statements:
        cursor.execute(statement)
    found = [row[0] for row in cursor.fetchall()] if cursor.description else []
    opened.close()
    return found


@pytest.fixture
def database() -> Iterator[Callable[[str], str]]:
    """Makes an empty database of a service's owner, and returns its address; it is gone afterwards."""
    made = []

    def make(service: str) -> str:
        url, name = os.environ[f"{service.upper()}_OWNER_DATABASE_URL"], f"layout_{uuid4().hex}"
        ask(url, f"CREATE DATABASE {name}")
        made.append((url, name))
        return f"{url.rpartition('/')[0]}/{name}"

    yield make
    for url, name in made:
        ask(url, f"DROP DATABASE {name}")


def service(state: State, name: str, url: str) -> Service:
    settings = {**parse_env(rendered(EXAMPLE.read_text())), f"{name.upper()}_OWNER_DATABASE_URL": url}
    return Service(name, state, settings, ports={})


def test_where_one_database_has_another_layout_none_is_migrated(state: State, database: Callable[[str], str]) -> None:
    old, empty = database("points"), database("auth")
    ask(
        old,
        "CREATE TABLE django_migrations (id serial, app text, name text, applied timestamptz DEFAULT now())",
        "INSERT INTO django_migrations (app, name) VALUES"
        " ('ledger', '0001_initial'), ('ledger', '0002_of_another'), ('gone', '0001_initial')",
    )

    with pytest.raises(NotReady) as refused:
        migrate([service(state, "auth", empty), service(state, "points", old)])

    assert str(refused.value) == (
        f"the database {old.rpartition('/')[2]} was laid out by another version (gone.0001_initial and 1 more) "
        "and is left as it is: make fresh wipes all data and starts anew"
    )
    assert ask(old, NAMES) == ["ledger.0001_initial", "ledger.0002_of_another", "gone.0001_initial"]
    assert (ask(old, TABLES), ask(empty, TABLES)) == ([1], [0])


def test_a_database_of_this_layout_is_migrated_and_migrated_again(state: State, database: Callable[[str], str]) -> None:
    url = database("payments")
    for _ in range(2):
        migrate([service(state, "payments", url)])
    names = ask(url, NAMES)
    assert "ledger.0001_initial" in names
    assert len(names) == len(set(names))


def test_data_is_deleted_and_settings_logs_and_ports_stay(state: State) -> None:
    stay = ["logs/db.log", ".env", "ports.json"]
    go = ["redis/appendonly.aof", "beat-points", "db.made", "warehouse-db.made"]
    homes = [unprivileged.home(state, name) for name in ("db", "warehouse-db")]
    for path in [*(state.folder / name for name in (*stay, *go)), *(home / "data/PG_VERSION" for home in homes)]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    assert wiping.data(state) == [*homes, *(state.folder / name for name in ("db.made", "warehouse-db.made")),
                                  state.folder / "redis", state.folder / "beat-points"]  # fmt: skip
    assert wiping.names(state) == ["db", "warehouse-db", "redis", "beat-points"]
    assert wiping.wipe(state) == 0

    assert wiping.data(state) == []
    assert not [home for home in homes if home.exists()]
    assert [name for name in stay if not (state.folder / name).exists()] == []


def test_of_a_stack_that_never_was_nothing_is_deleted(tmp_path: Path) -> None:
    assert wiping.data(State(tmp_path / "never")) == []
    assert list(tmp_path.iterdir()) == []
