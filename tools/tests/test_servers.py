"""What each role may do on the servers that the stack and the tests run on."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
import redis
from psycopg2.extensions import connection, parse_dsn

from tools.make_env import write_env
from tools.stack.layout import ROOT, State
from tools.stack.postgres import SETTINGS, Postgres, ServerRefused
from tools.stack.servers import BUFFERS, FEW_BUFFERS, stack_servers

PORTS = {"db": 1, "warehouse-db": 2, "broker": 3}


def connect(url: str) -> connection:
    opened = psycopg2.connect(url)
    opened.autocommit = True
    return opened


@pytest.fixture
def owner() -> Iterator[connection]:
    """The owner's connection; its table `thing` is gone afterwards."""
    opened = connect(os.environ["POINTS_OWNER_DATABASE_URL"])
    opened.cursor().execute("CREATE TABLE thing (id serial PRIMARY KEY)")
    yield opened
    opened.cursor().execute("DROP TABLE thing")
    opened.close()


def test_the_application_writes_rows_and_changes_no_table(owner: connection) -> None:
    cursor = owner.cursor()
    cursor.execute("SET ROLE points")
    cursor.execute("INSERT INTO thing DEFAULT VALUES RETURNING id")
    assert cursor.fetchone() == (1,)
    for sql in ("CREATE TABLE other ()", "ALTER TABLE thing ADD x int", "DROP TABLE thing", "TRUNCATE thing"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(sql)
    cursor.execute("RESET ROLE")


def test_a_service_cannot_connect_to_the_database_of_another() -> None:
    elsewhere = os.environ["POINTS_OWNER_DATABASE_URL"].rsplit("/", 1)[0] + "/payments"
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        connect(elsewhere)


def test_a_cluster_made_with_another_password_is_kept_and_named(state: State) -> None:
    cluster = Postgres("db", state, port=1, password="one")
    cluster.prepare()
    cluster.prepare()
    with pytest.raises(ServerRefused, match="made with another POSTGRES_PASSWORD"):
        Postgres("db", state, port=1, password="two").prepare()


def test_a_server_is_not_ready_while_another_that_takes_its_password_has_its_port(state: State) -> None:
    port = int(parse_dsn(os.environ["POINTS_OWNER_DATABASE_URL"])["port"])
    another = Postgres("db", state, port=port, password=os.environ["POSTGRES_PASSWORD"])
    assert another.psql("SELECT 1").stdout == "1\n"
    assert not another.is_ready()


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """The broker as the points service sees it."""
    client = redis.Redis.from_url(os.environ["POINTS_BROKER_URL"])
    yield client
    client.delete("points:key")


def test_a_service_reaches_its_own_keys_and_others_inboxes(broker: redis.Redis) -> None:
    assert broker.set("points:key", "1")
    assert broker.lpush(f"payments:{uuid4()}.inbox.points", "message") == 1
    assert broker.lpush(f"payments:{uuid4()}.inbox.points.bulk", "message") == 1
    assert broker.lpush(f"payments:{uuid4()}.acks", "message") == 1


def test_a_service_reads_nothing_of_another(broker: redis.Redis) -> None:
    for attempt in (
        lambda: broker.get("payments:key"),
        lambda: broker.set("payments:key", "1"),
        lambda: broker.lrange("payments:payments.inbox.points", 0, -1),
        lambda: broker.lpush("payments:payments.jobs", "task"),
        # In the name of a third service.
        lambda: broker.lpush("payments:payments.inbox.auth", "task"),
        lambda: broker.lpush("payments:payments.inbox.auth.bulk", "task"),
        broker.flushall,
        broker.config_get,
    ):
        with pytest.raises(redis.exceptions.NoPermissionError):
            attempt()


def test_the_broker_keeps_everything(broker: redis.Redis) -> None:
    told = broker.info()
    assert (told["aof_enabled"], told["maxmemory_policy"]) == (1, "noeviction")


def test_without_a_password_one_may_only_ask_for_life() -> None:
    host = os.environ["POINTS_BROKER_URL"].rpartition("@")[2]
    nobody = redis.Redis.from_url(f"redis://{host}")
    assert nobody.ping()
    with pytest.raises(redis.exceptions.NoPermissionError):
        nobody.get("points:key")


def test_the_servers_of_compose_run_with_the_same_settings() -> None:
    command = (ROOT / "docker-compose.yml").read_text().partition("command: [\n    postgres")[2].partition("]")[0]
    said = dict(re.findall(r'-c, "?(\w+)=([^,"]+)', command))
    assert said == {**SETTINGS, "shared_buffers": f"${{{BUFFERS}:-{FEW_BUFFERS}}}"}


def test_a_server_keeps_as_much_in_memory_as_the_settings_say(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.make()
    write_env(state.env_file)
    assert stack_servers(state, PORTS).databases["db"].options == {"shared_buffers": FEW_BUFFERS}
    state.env_file.write_text(f"{state.env_file.read_text()}{BUFFERS}=3GB\n")
    server = stack_servers(state, PORTS).databases["warehouse-db"]
    assert "shared_buffers=3GB" in server.process().command
