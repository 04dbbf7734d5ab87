"""Typed reads of the environment; each raises at start-up with the variable's name."""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# How each session plans, so that what a statement costs follows from its text and its rows, and not from what the
# planner believes of tables (ADR 31). Rows are found by keys: neither by reading a table whole nor by joining it whole.
# `shared.db.whole_tables` is for the few jobs that want just that.
PLANNER = {
    # One plan of a prepared statement for all values: planning anew costs more than running it.
    "plan_cache_mode": "force_generic_plan",
    # Compiling a plan takes 0.3 s each time, more than any statement here takes to run.
    "jit": "off",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    # Nor by collecting and sorting all rows of an index that answers in the order that is asked for, for the first.
    "enable_bitmapscan": "off",
    # Nor by reading another index whole because it has the column too, which an index that is read alone may be.
    "enable_indexonlyscan": "off",
    # Nor by searching all of one table's rows, put aside, for each row of another: where a table has to be read whole.
    "enable_material": "off",
    # No request or job takes the processors of others.
    "max_parallel_workers_per_gather": "0",
}


_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")


class MissingSetting(RuntimeError):
    """A required environment variable is absent."""


class BadSetting(RuntimeError):
    """An environment variable has a value of the wrong form."""


def env_str(name: str, default: str | None = None) -> str:
    """Read text; an empty value counts as absent.

    :raises MissingSetting: absent, and there is no default.
    """
    value = os.environ.get(name) or default
    if value is None:
        raise MissingSetting(f"{name} is not set")
    return value


def env_secret(name: str) -> str:
    """Read a secret from `NAME`, or from the file that `NAME_FILE` points to; there is never a default.

    :raises MissingSetting: neither is set.
    :raises BadSetting: the file cannot be read.
    """
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return env_str(name)
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise BadSetting(f"{name}_FILE={path}: {error}") from error


def env_int(name: str, default: int | None = None, *, at_least: int | None = None, at_most: int | None = None) -> int:
    """Read a whole number.

    :raises BadSetting: the value is not one, or out of bounds.
    """
    text = env_str(name, None if default is None else str(default))
    try:
        value = int(text)
    except ValueError:
        raise BadSetting(f"{name}={text!r} is not a whole number") from None
    if (at_least is not None and value < at_least) or (at_most is not None and value > at_most):
        raise BadSetting(f"{name}={value} is not from {at_least} to {at_most}")
    return value


def env_bool(name: str, default: bool | None = None) -> bool:
    """Read `true` or `false`; anything else is refused, so that a typing error cannot switch a guard off.

    :raises BadSetting: the value is neither.
    """
    text = env_str(name, None if default is None else str(default)).lower()
    if text not in ("true", "false"):
        raise BadSetting(f"{name}={text!r} is neither true nor false")
    return text == "true"


def env_list(name: str, default: str | None = None) -> list[str]:
    """Read comma-separated words; blanks around them and empty ones go."""
    return [word.strip() for word in env_str(name, default).split(",") if word.strip()]


def env_hosts(name: str, default: str, *, may_be_any: bool) -> list[str]:
    """Read host names as Django's `ALLOWED_HOSTS` takes them.

    :raises BadSetting: `*` is among them, and the service may not answer to any name.
    """
    hosts = env_list(name, default)
    if "*" in hosts and not may_be_any:
        raise BadSetting(f"{name} has *, which is every host: name those that there are (* is for a sandbox)")
    return hosts


def env_origin(name: str, default: str) -> str:
    """Read `https://host` or `https://host:port`, and nothing after it: what addresses begin with.

    :raises BadSetting: the value is another.
    """
    text = env_str(name, default).rstrip("/")
    try:
        url = urlsplit(text)
        is_origin = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:  # a port or an address in brackets that is none
        is_origin = False
    if not is_origin or not _ORIGIN.fullmatch(text):
        raise BadSetting(f"{name}={text!r} is not https://host or https://host:port")
    return text


def env_database(name: str) -> dict[str, Any]:
    """Read `postgres://user:password@host:port/name?option=value` as a Django database.

    :raises BadSetting: not a PostgreSQL address, or without user, host or name.
    """
    url = urlsplit(env_secret(name))
    if url.scheme not in ("postgres", "postgresql") or not (url.username and url.hostname and url.path[1:]):
        raise BadSetting(f"{name} is not postgres://user:password@host:port/name")
    return {
        "ENGINE": "shared.postgres",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname,
        "PORT": str(url.port or 5432),
        # A new connection costs more than the whole request (5.4 ms of PostgreSQL's time).
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "options": " ".join(f"-c {name}={value}" for name, value in PLANNER.items()),
            **dict(parse_qsl(url.query)),
        },
    }
