"""Mappings, pieces and moves of imports that are refused."""

from typing import Any

import pytest

from points.imports.models import Import, ImportPiece
from points.imports.operations.uploads import LARGEST_FILE
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.api.import_requests import BODY, PATH, code, make, programme, put, upload
from tests.import_factories import work

__all__ = ["programme"]  # fixtures
MIB = 1024 * 1024
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "\x00"},
        {"programme": "x"},
        {"format": "xlsx"},
        {"encoding": "utf-16"},
        {"separator": "|"},
        {"separator": "."},
        {"decimal_mark": ","} | {"separator": ","},
        {"amounts_in": "cents"},
        {"dates": "ymd"},
        {"timezone": "Mars"},
        {"columns": {}},
        {"columns": {"member_id": "Card"}},
        {"columns": {"points": "Points"}},
        {"columns": {"member_id": "Card", "points": "Points", "colour": "x"}},
        {"columns": {"member_id": "Card", "points": ""}},
        {"columns": {"member_id": "Card", "points": 5}},
        {"columns": []},
        {"constants": {}},
        {"constants": {"kind": "steal"}},
        {"constants": {"kind": "earn", "points": "5"}},
        {"constants": {"kind": "earn", "reason": "x" * 201}},
        {"kinds": {"sale": "steal"}},
        {"kinds": {"x" * 41: "earn"}},
        {"kinds": {str(number): "earn" for number in range(51)}},
        {"key": "Receipt"},
        {"key": ["a"] * 11},
        {"key": [""]},
        {"surprise": 1},
    ],
)
def test_a_mapping_that_cannot_be_is_refused(operator: Actor, change: dict[str, Any]) -> None:
    with nothing_written():
        answer = operator.post(PATH, BODY | change)

    assert code(answer) == (400, "request.invalid")


def test_an_unknown_programme_is_refused(operator: Actor) -> None:
    with nothing_written():
        assert code(operator.post(PATH, BODY | {"programme": str(new_id())})) == (404, "programmes.not_found")


@pytest.mark.parametrize("offset", ["", "-1", "x", "1.5", "5.0", " 5", "+5", str(2**70)])
def test_an_offset_that_is_none_is_refused(operator: Actor, offset: str) -> None:
    import_id = make(operator)

    with nothing_written():
        assert code(put(operator, import_id, b"abc", offset)) == (400, "request.invalid")
        assert code(put(operator, import_id, b"abc", f"{offset}&offset={offset}")) == (400, "request.invalid")


@pytest.mark.parametrize(
    ("content", "headers", "refusal"),
    [
        (b"", {}, (400, "request.invalid")),
        (b"PK\x03\x04zip", {}, (415, "request.unsupported_media_type")),
        (b"\x1f\x8bgzip", {}, (415, "request.unsupported_media_type")),
        (b"abc", {"HTTP_CONTENT_ENCODING": "gzip"}, (415, "request.unsupported_media_type")),
        (b"abc", {"content_type": "application/zip"}, (415, "request.unsupported_media_type")),
        (b"x" * (8 * MIB + 1), {}, (413, "request.too_large")),
    ],
)
def test_a_piece_that_is_none_is_refused(operator: Actor, content: bytes, headers: Any, refusal: Any) -> None:
    import_id = make(operator)

    with nothing_written():
        assert code(put(operator, import_id, content, **headers)) == refusal


@pytest.mark.django_db(transaction=True)
def test_pieces_of_eight_mebibytes_are_taken_and_a_wrong_offset_names_the_right_one(operator: Actor) -> None:
    import_id = upload(operator, b"x" * 8 * MIB)

    with nothing_written():
        assert put(operator, import_id, b"x" * 8 * MIB).status_code == 200
        answer = put(operator, import_id, b"y", 5)
        assert (code(answer), answer.json()["expected"]) == ((409, "imports.offset_mismatch"), 8 * MIB)
        assert code(put(operator, import_id, b"y", 0)) == (409, "imports.content_differs")
    for kind in ("text/csv", "application/x-ndjson"):
        where = Import.objects.get(id=import_id).bytes
        assert put(operator, import_id, b"y", where, content_type=kind).status_code == 200
    assert ImportPiece.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_moves_in_the_wrong_state_are_refused(operator: Actor) -> None:
    import_id = make(operator)

    with nothing_written():
        assert code(operator.post(f"{PATH}/{import_id}/commit")) == (409, "imports.wrong_state")
        assert code(operator.post(f"{PATH}/{import_id}/validate")) == (409, "imports.incomplete")
        for move, body in (("validate", {"bytes": 0}), ("commit", {"expect": {"rows": -1}}), ("commit", {"x": 1})):
            assert code(operator.post(f"{PATH}/{import_id}/{move}", body)) == (400, "request.invalid")
    assert operator.post(f"{PATH}/{import_id}/cancel", key=None).json()["state"] == "cancelled"
    with nothing_written():
        assert operator.post(f"{PATH}/{import_id}/cancel", key=None).status_code == 200
        assert code(put(operator, import_id, b"abc")) == (409, "imports.wrong_state")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("has", "limit"), [({"bytes": LARGEST_FILE}, {"limit": LARGEST_FILE}), ({"pieces": 4096}, {"pieces": 4096})]
)
def test_a_file_takes_so_many_bytes_and_pieces(operator: Actor, has: dict[str, int], limit: dict[str, int]) -> None:
    import_id = make(operator)
    Import.objects.filter(id=import_id).update(**has)

    with nothing_written():
        answer = put(operator, import_id, b"x", has.get("bytes", 0))

    assert code(answer) == (413, "imports.file_too_large")
    assert answer.json() | limit == answer.json()


def test_what_is_not_as_expected_is_not_committed(operator: Actor, member: Actor) -> None:
    import_id = upload(operator, f"Card,Points\n{member.id},5\nnobody,5\n".encode())
    operator.post(f"{PATH}/{import_id}/validate")
    work()

    path = f"{PATH}/{import_id}/commit"
    with nothing_written():
        other = operator.post(path, {"expect": {"rows": 2}, "without_refused": True})
        lacking = operator.post(path, {"expect": {"rows": 1, "points": 5}})

    assert (code(other), other.json()["rows"], other.json()["points"]) == ((409, "imports.not_as_expected"), 1, 5)
    assert (code(lacking), lacking.json()["refused"]) == ((409, "imports.rows_refused"), 1)


@pytest.mark.django_db(transaction=True)
def test_a_finished_import_is_neither_validated_nor_cancelled(operator: Actor, member: Actor) -> None:
    import_id = upload(operator, f"Card,Points\n{member.id},5\n".encode())
    for move in ("validate", "commit"):
        operator.post(f"{PATH}/{import_id}/{move}")
        work()

    with nothing_written():
        for move in ("validate", "cancel"):
            assert code(operator.post(f"{PATH}/{import_id}/{move}")) == (409, "imports.wrong_state")
