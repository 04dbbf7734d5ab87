"""Identifiers: of version 7, in the order of time, each once."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from signal import SIGKILL
from uuid import RFC_4122

import pytest
import time_machine

from shared.ids import _clock, made_at, new_id, new_ids
from shared.testing.waiting import until


def test_ids_made_together_are_of_version_7_and_each_is_another() -> None:
    begun = datetime.now(UTC) - timedelta(milliseconds=1)
    made = new_ids(10_000)

    assert len(set(made)) == 10_000
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert all(begun <= made_at(one) <= datetime.now(UTC) for one in made)


def test_every_bit_that_is_free_is_random() -> None:
    fixed = (1 << 128) - 1 ^ (0xF << 76) ^ (0x3 << 62)
    random_bits = fixed & (1 << 80) - 1
    ones = zeros = 0
    for one in new_ids(1000):
        ones, zeros = ones | one.int, zeros | ~one.int

    assert ones & random_bits == random_bits
    assert zeros & random_bits == random_bits


def test_no_ids_are_made_where_none_are_asked_for() -> None:
    assert new_ids(0) == []


def test_one_id_is_of_version_7_as_well() -> None:
    assert new_id().version == 7


def test_each_id_is_larger_than_the_one_before_also_in_one_millisecond() -> None:
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
        made = [new_id(), *new_ids(100), new_id(), *(new_id() for _ in range(100)), *new_ids(3)]

    assert made == sorted(made)
    assert len(set(made)) == 205
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}


def test_ids_of_threads_are_all_different() -> None:
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: new_id(), range(4000)))

    assert len(set(made)) == 4000


@pytest.mark.parametrize(("seconds", "is_believed"), [(9, False), (11, True)])
def test_a_clock_that_is_put_back_a_little_makes_no_smaller_id(seconds: int, is_believed: bool) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        before = new_id()
    with time_machine.travel(at - timedelta(seconds=seconds), tick=False):
        made = [new_id(), *new_ids(2)]

    assert [one < before for one in made] == [is_believed] * 3


def test_operations_that_make_few_at_a_time_do_not_run_ahead_of_the_clock() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        made = [one for _ in range(2000) for one in new_ids(1)]

    assert {made_at(one) for one in made} == {at}


def test_a_fork_is_not_held_up_by_who_makes_an_id_meanwhile() -> None:
    with _clock._lock:
        child = os.fork()
        if child == 0:
            os._exit(0 if new_id().version == 7 else 1)
    ended: list[tuple[int, int]] = []
    try:
        until(lambda: ended.append(os.waitpid(child, os.WNOHANG)) or ended[-1] != (0, 0))
    except AssertionError:
        os.kill(child, SIGKILL)
        os.waitpid(child, 0)
        raise

    assert ended[-1] == (child, 0)
