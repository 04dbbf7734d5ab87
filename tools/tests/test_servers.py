"""What each role may do on the servers that the stack and the tests run on."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
from psycopg2.extensions import connection, parse_dsn

from tools.make_env import write_env
from tools.stack.layout import PACKAGES, ROOT, State
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
    administrator().delete(
        *(f"payments:payments.{queue}" for queue in ("inbox.points", "inbox.points.bulk", "acks.points"))
    )


def test_a_service_reaches_its_own_keys_and_others_inboxes(broker: redis.Redis) -> None:
    assert broker.set("points:key", "1")
    for queue in ("inbox.points", "inbox.points.bulk", "acks.points"):
        assert broker.lpush(f"payments:payments.{queue}", "message") == 1
        assert broker.llen(f"payments:payments.{queue}") == 1


def test_a_service_reads_nothing_of_another_and_takes_nothing_away(broker: redis.Redis) -> None:
    for attempt in (
        lambda: broker.get("payments:key"),
        lambda: broker.set("payments:key", "1"),
        lambda: broker.lrange("payments:payments.inbox.points", 0, -1),
        lambda: broker.lpush("payments:payments.jobs", "task"),
        # In the name of a third service.
        lambda: broker.lpush("payments:payments.inbox.auth", "task"),
        lambda: broker.lpush("payments:payments.inbox.auth.bulk", "task"),
        lambda: broker.lpush("payments:payments.acks.auth", "report"),
        lambda: broker.publish("payments:/0.celery.pidbox", "shutdown"),
        # What another service was sent by us is its own.
        lambda: broker.delete("payments:payments.inbox.points"),
        broker.function_flush,
        broker.script_flush,
        broker.flushall,
        broker.config_get,
    ):
        with pytest.raises(redis.exceptions.NoPermissionError):
            attempt()


SERVICES = tuple(PACKAGES)
# What a service may do with a key that it does not own, by what that is to it; else nothing, with any command.
INTO_OTHERS = {
    "{other}:{other}.inbox.{me}": {"lpush", "llen"},
    "{other}:{other}.inbox.{me}.bulk": {"lpush", "llen"},
    "{other}:{other}.acks.{me}": {"lpush", "llen"},
    "{other}:_kombu.binding.{other}.inbox.{me}": {"sadd", "smembers"},
    "{other}:_kombu.binding.{other}.inbox.{me}.bulk": {"sadd", "smembers"},
    "{other}:_kombu.binding.{other}.acks.{me}": {"sadd", "smembers"},
    "{other}:_kombu.binding_permanent.{other}.acks.{me}": {"sadd", "smembers"},
    "{other}:{other}.inbox.{third}": {"llen"},
    "{other}:{other}.acks.{third}": {"llen"},
    "{other}:_kombu.binding.{other}.inbox.{third}": set(),
    "{other}:{other}.jobs": set(),
    "{other}:_kombu.binding.{other}.jobs": set(),
    "{other}:unacked": set(),
    "{other}:unacked_index": set(),
    "{other}:ping.worker": set(),
    "of.nobody": set(),
}
# A lock of kombu's ends by a script; the others tell of nobody's data.
SCRIPTS = {"evalsha", "script|load", "script|exists"}
HARMLESS = {"info"}


def administrator() -> Any:
    host = os.environ["POINTS_BROKER_URL"].rpartition("@")[2]
    password = os.environ["REDIS_ADMIN_PASSWORD"]
    return redis.Redis.from_url(f"redis://{host}", username="admin", password=password, decode_responses=True)


def named(admin: Any, *categories: str) -> list[str]:
    """The commands of these categories that this server has."""
    return sorted({name for category in categories for name in admin.execute_command("ACL", "CAT", category)})


def may(admin: Any, user: str, command: str, *words: str) -> bool:
    """Whether a user may run a command; words that are missing are filled up."""
    info = admin.execute_command("COMMAND", "INFO", command)
    arity = abs(next(iter(info.values()))["arity"] if isinstance(info, dict) else info[0][1])
    parts = [*command.split("|"), *words]
    parts += [words[0] if words else "1"] * (arity - len(parts))
    return bool(admin.execute_command("ACL", "DRYRUN", user, *parts) == "OK")


def commands_on_keys(admin: Any) -> dict[str, tuple[str, ...]]:
    """The commands whose first word is a key, each with what has to follow it; `clusterscan` is for clusters alone."""
    return {
        name: ("1",) if "movablekeys" in info["flags"] else ()
        for name, info in admin.command().items()
        if info["first_key_pos"] == 1 and "pubsub" not in info["flags"] and name != "clusterscan"
    }


@pytest.mark.parametrize("user", SERVICES)
def test_a_user_runs_nothing_that_is_for_administrators_or_takes_scripts_away(user: str) -> None:
    admin = administrator()
    risky = named(admin, "admin", "dangerous", "scripting")
    assert {"flushall", "function|flush", "script|flush", "config|set", "acl|setuser"} <= set(risky)

    allowed = {name for name in risky if may(admin, user, name)}

    assert allowed == SCRIPTS | HARMLESS


@pytest.mark.parametrize("user", SERVICES)
@pytest.mark.parametrize("key", INTO_OTHERS)
def test_a_user_does_nothing_but_this_with_anothers_key(user: str, key: str) -> None:
    admin, commands = administrator(), commands_on_keys(administrator())
    assert len(commands) > 100

    for other in set(SERVICES) - {user}:
        third = next(name for name in SERVICES if name not in (user, other))
        whole = key.format(other=other, me=user, third=third)
        allowed = {name for name, more in commands.items() if may(admin, user, name, whole, *more)}
        assert allowed == INTO_OTHERS[key], whole


@pytest.mark.parametrize("user", SERVICES)
def test_a_user_publishes_and_listens_on_channels_of_its_own(user: str) -> None:
    admin = administrator()
    for owner in SERVICES:
        for command, channel in (
            ("publish", f"{owner}:/0.celeryev/worker.heartbeat"),
            ("publish", f"{owner}:/0.celery.pidbox"),
            ("psubscribe", f"{owner}:/0.celeryev/*"),
            ("psubscribe", f"{owner}:/0.celeryev/worker.*"),
            ("psubscribe", f"{owner}:/0.celery.pidbox"),
            ("subscribe", f"{owner}:/0.celery.pidbox"),
        ):
            assert may(admin, user, command, channel) == (owner == user), (command, channel)
    assert not may(admin, user, "psubscribe", "*")


@pytest.mark.parametrize("role", ["DATABASE_URL", "OWNER_DATABASE_URL"])
@pytest.mark.parametrize("service", SERVICES)
def test_nobody_makes_temporary_objects(service: str, role: str) -> None:
    cursor = connect(os.environ[f"{service.upper()}_{role}"]).cursor()
    for sql in ("CREATE TEMPORARY TABLE account (id int)", "CREATE FUNCTION pg_temp.f() RETURNS int RETURN 1"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(sql)


def test_the_broker_keeps_everything(broker: redis.Redis) -> None:
    info = broker.info()
    assert (info["aof_enabled"], info["maxmemory_policy"]) == (1, "noeviction")


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
