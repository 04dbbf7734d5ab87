import msgspec
import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared import clock
from shared.db import Prepared, array, repeated, rows, rows_in_order, text_array, unnested, whole_tables
from shared.env import PLANNER
from shared.ids import new_id
from shared.postgres.base import Link

pytestmark = pytest.mark.django_db
DIVIDE = Prepared("test_divide", "SELECT %(above)s::int / %(below)s::int")


def test_runs_with_any_values_and_returns_the_last_statements_rows() -> None:
    both = Prepared("test_both", "SELECT 1", "SELECT %(b)s::text, %(a)s::int, %(b)s::text")

    assert both.rows({"a": 1, "b": "x", "unused": None}) == [("x", 1, "x")]
    assert both.rows({"a": None, "b": "'; --"}) == [("'; --", None, "'; --")]


def test_a_first_run_that_fails_does_not_spoil_the_next() -> None:
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
        DIVIDE.rows({"above": 1, "below": 0})

    assert DIVIDE.rows({"above": 4, "below": 2}) == [(2,)]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@example("'")
@example("''\\'")
@example("\\")
@example("%s %(a)s %% %")
@example("$1 $$ $a$ :a ?")
@example("-- /* */ ;\n")
@example("\u02bc\uff07\u00bf\u5c27")
def test_any_text_comes_back_as_it_was(text: str) -> None:
    echo = Prepared("test_echo", "SELECT %(text)s::text, %(after)s::int")

    assert echo.rows({"text": text, "after": 7}) == [(text, 7)]


@given(st.integers(-(2**63), 2**63 - 1), st.binary(), st.booleans() | st.none())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_number_bytes_and_truth_come_back_as_they_were(number: int, content: bytes, is_true: bool | None) -> None:
    echo = Prepared("test_kinds", "SELECT %(n)s::bigint, %(c)s::bytea, %(t)s::boolean, 0 + %(n)s::bigint")

    [(back, raw, truth, same)] = echo.rows({"n": number, "c": content, "t": is_true})
    assert (back, bytes(raw), truth, same) == (number, content, is_true, number)


@pytest.mark.parametrize(
    ("value", "why"), [("a\0b", ValueError), ("\ud800", ValueError), (1.5, KeyError), ([1], KeyError)]
)
def test_what_has_no_literal_is_refused_before_anything_is_sent(value: object, why: type[Exception]) -> None:
    echo = Prepared("test_refused", "SELECT %(value)s::text")

    for run in (echo.rows, echo.execute, echo.later):
        with pytest.raises(why):
            run({"value": value})
    assert echo.rows({"value": "as before"}) == [("as before",)]


def test_a_server_where_a_backslash_means_something_is_refused() -> None:
    host = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    known = {name: connection.settings_dict[setting] for name, setting in host.items()}
    for options in ({"options": "-c standard_conforming_strings=off"}, {"client_encoding": "LATIN1"}):
        with pytest.raises(psycopg2.NotSupportedError, match="standard_conforming_strings"):
            psycopg2.connect(**known, **options, connection_factory=Link)


@pytest.mark.parametrize(
    "texts", [[], [""], ["", ""], ["a", "b"], ['"', "\\", '\\"', "{a,b}", "NULL", "', --"], ["a", None, ""], [None]]
)
def test_any_texts_come_back_from_an_array_as_they_were(texts: list[str | None]) -> None:
    back = Prepared("test_texts", "SELECT %(texts)s::text[]").rows({"texts": text_array(texts)})

    assert back == [(texts,)]


@pytest.mark.parametrize("texts", [["a\0b"], ["a", "\0"], ["\0"], [None, "a\0"]])
def test_a_text_with_a_nul_is_refused(texts: list[str | None]) -> None:
    with pytest.raises(ValueError, match="NUL"):
        text_array(texts)


def test_ids_instants_and_bytes_come_back_as_they_were() -> None:
    echo = Prepared("test_values", "SELECT %(id)s::uuid, %(at)s::timestamptz, %(day)s::date, %(content)s::bytea")
    sent = (new_id(), clock.now(), clock.now().date(), b"\x00\xff'")

    ((made, at, day, content),) = echo.rows(dict(zip(("id", "at", "day", "content"), sent, strict=True)))

    assert (made, at, day, bytes(content)) == sent


SHOWN = "SELECT " + ", ".join(f"current_setting('{name}')" for name in PLANNER)
AS_ALWAYS = ("force_generic_plan", "off", "off", "off", "off", "off", "off", "off", "0")


def test_each_session_finds_rows_by_key() -> None:
    assert rows(SHOWN) == [AS_ALWAYS]


def test_a_job_may_read_whole_tables_until_its_block_ends() -> None:
    with transaction.atomic():
        with whole_tables():
            assert rows(SHOWN) == [("force_custom_plan", "off", "on", "on", "on", "on", "on", "on", "0")]
        assert rows(SHOWN) == [AS_ALWAYS]


def test_no_plan_that_was_made_for_whole_tables_is_kept() -> None:
    plan = Prepared("test_kept", "SELECT count(*) FROM inbox WHERE message_id = %(id)s::uuid")
    with transaction.atomic(), whole_tables():
        plan.rows({"id": new_id()})
    plan.rows({"id": new_id()})

    made = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = 'test_kept_0'"
    assert rows(made) == [(1, 1)]


@pytest.mark.django_db(transaction=True)
def test_after_a_refusal_among_whole_tables_rows_are_found_by_key_again() -> None:
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic(), whole_tables():
        DIVIDE.rows({"above": 1, "below": 0})

    assert rows(SHOWN) == [AS_ALWAYS]
    assert DIVIDE.rows({"above": 4, "below": 2}) == [(2,)]


@pytest.mark.django_db(transaction=True)
def test_whole_tables_are_read_in_a_transaction_only() -> None:
    with pytest.raises(AssertionError), whole_tables():
        pass
    assert rows(SHOWN) == [AS_ALWAYS]


@pytest.mark.django_db(transaction=True)
def test_the_next_rows_of_an_index_are_read_along_it_and_nothing_after_it_is() -> None:
    shown = "SELECT current_setting('enable_sort')"
    with transaction.atomic():
        assert rows_in_order(shown) == [("off",)]
        assert rows(shown) == [("on",)]

    assert rows_in_order(shown) == [("off",)]
    assert rows(shown) == [("on",)]


@pytest.mark.parametrize(
    ("numbers", "sent"),
    [([1, 1, 1], [1]), ([1, 2, 1], [1, 2, 1]), ([None, None], [None]), ([None, 1], [None, 1]), ([7], [7]), ([], [])],
)
def test_a_column_that_says_the_same_in_each_row_is_sent_once_and_read_in_each(
    numbers: list[int | None], sent: list[int | None]
) -> None:
    places = list(range(len(numbers)))
    table = Prepared("test_unnested", f"SELECT * FROM {unnested({'place': 'bigint', 'number': 'bigint'})} AS t")

    assert repeated(numbers) == sent
    found = table.rows({"place": array(places), "number": array(repeated(numbers))})
    assert found == list(zip(places, numbers, strict=True))


def test_a_column_of_json_is_sent_as_lines() -> None:
    said = ["a\nb", "\\n", "'c', \u2028 \r", {"d": None}, 7]
    source = unnested({"place": "bigint", "payload": "jsonb"}, lines=["payload"])
    table = Prepared("test_lines", f"SELECT place, payload::text FROM {source} AS t")

    lines = "\n".join(msgspec.json.encode(one).decode() for one in said)
    found = table.rows({"place": array([0, 1, 2, 3, 4]), "payload": lines})

    assert [(place, msgspec.json.decode(text)) for place, text in found] == list(enumerate(said))
