import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.seals.rules import merkle
from points.seals.rules.documents import (
    NO_BLOCK,
    AllocationRow,
    EntryRow,
    Header,
    LotRow,
    Row,
    canonical,
    document,
    instant,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_leaves_and_nodes_are_hashed_apart() -> None:
    assert merkle.leaf(b"a") == sha256(b"\x00a").digest()
    assert merkle.root([b"l" * 32, b"r" * 32]) == sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()


def test_a_tree_splits_at_the_largest_power_of_two() -> None:
    a, b, c = (merkle.leaf(name) for name in (b"a", b"b", b"c"))

    assert merkle.root([a, b, c]) == merkle.node(merkle.node(a, b), c)
    assert merkle.path([a, b, c], 0) == [b, c]
    assert merkle.path([a, b, c], 2) == [merkle.node(a, b)]


def test_the_root_of_the_rfcs_test_tree() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]

    leaves = [merkle.leaf(bytes.fromhex(text)) for text in inputs]

    assert merkle.root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(size=st.integers(1, 70), data=st.data())
def test_every_leaf_has_a_proof_and_no_other_document_fits_it(size: int, data: st.DataObject) -> None:
    documents = [bytes([number]) for number in range(size)]
    leaves = [merkle.leaf(one) for one in documents]
    index = data.draw(st.integers(0, size - 1))
    steps = merkle.path(leaves, index)

    assert merkle.root_from(documents[index], index, size, steps) == merkle.root(leaves)
    assert merkle.root_from(b"other", index, size, steps) != merkle.root(leaves)
    assert merkle.root_from(documents[index], index, size, [*steps, NO_BLOCK]) != merkle.root(leaves)
    if steps:
        assert merkle.root_from(documents[index], index, size, steps[:-1]) != merkle.root(leaves)


def test_a_document_is_the_same_bytes_for_ever() -> None:
    row = Row(UUID(int=1), 7, UUID(int=2), UUID(int=3), 2, "earned", 5, 5, 5, "", 'ü "x"', None, None, None, AT, AT)

    found = document(
        row,
        [EntryRow(1, "available", 5, 5), EntryRow(2, "issued", -5, -5)],
        [LotRow(UUID(int=1), 5, AT, None)],
        [AllocationRow(UUID(int=4), -1)],
    )

    assert found.decode() == (
        '{"account_id":7,"actor_id":null,"allocations":[{"lot_id":"00000000-0000-0000-0000-000000000004","points":-1}],'
        '"balance_after":5,"change":5,"entries":[{"balance_after":5,"bucket":"available","points":5,"version":1},'
        '{"balance_after":-5,"bucket":"issued","points":-5,"version":2}],"id":"00000000-0000-0000-0000-000000000001",'
        '"kind":"earned","lots":[{"active_from":"2026-03-01T12:00:00.000000Z","expires_at":null,"id":"00000000-0000-0000-0000-000000000001",'
        '"points":5}],'
        '"member_id":"00000000-0000-0000-0000-000000000003","occurred_at":"2026-03-01T12:00:00.000000Z","points":5,'
        '"posted_at":"2026-03-01T12:00:00.000000Z","programme_id":"00000000-0000-0000-0000-000000000002",'
        '"reason":"ü \\"x\\"","reference":"","reverses_id":null,"source_key":null,"v":1,"version":2}'
    )


@pytest.mark.parametrize("name", ["no", "size", "last_xid"])
def test_a_header_that_differs_in_anything_has_another_hash(name: str) -> None:
    values = {"no": 1, "previous": NO_BLOCK, "root": NO_BLOCK, "size": 1, "last_xid": 9, "last_id": UUID(int=1)}
    header = Header(**values, sealed_at=AT, kid="k")  # type: ignore[arg-type]

    other = Header(**(values | {name: 2}), sealed_at=AT, kid="k")  # type: ignore[arg-type]

    assert header.hash != other.hash
    assert header.hash == sha256(header.document).digest()


@given(text=st.text(st.characters(exclude_categories=["Cs"])), number=st.integers(-(2**63), 2**63 - 1))
def test_a_document_is_json_with_sorted_names_whatever_is_in_it(text: str, number: int) -> None:
    value = {"b": text, "a": [{"d": number, "c": None}], "id": str(UUID(int=7))}

    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert canonical(value | {"id": UUID(int=7)}) == plain.encode()


def test_an_instant_is_written_to_the_microsecond_in_utc() -> None:
    east = datetime(2026, 3, 1, 13, 0, 0, 5, tzinfo=timezone(timedelta(hours=13)))

    assert instant(east) == "2026-03-01T00:00:00.000005Z"
    assert instant(AT) == "2026-03-01T12:00:00.000000Z"
