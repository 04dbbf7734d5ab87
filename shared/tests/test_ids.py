"""Identifiers: of version 7, in the order of time, each once."""

from datetime import UTC, datetime, timedelta

from shared.ids import made_at, new_id, new_ids


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
