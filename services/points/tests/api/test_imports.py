"""A till's export over HTTP: made, uploaded, validated, committed, watched; and what is refused."""

import csv
import io
import json
from typing import Any

import pytest

from points.imports.models import Import, ImportPiece
from points.imports.operations.uploads import LARGEST_FILE
from shared.callers import Caller
from shared.contracts.points import ImportRows
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.factories import make_programme, points_of, prove, register
from tests.import_factories import work

PATH = "/api/v1/points/imports"
BODY: dict[str, Any] = {
    "name": "till 7, March",
    "columns": {"member_id": "Card", "points": "Points"},
    "constants": {"kind": "earn"},
}
MIB = 1024 * 1024
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def make(actor: Actor, **changes: Any) -> str:
    answer = actor.post(PATH, BODY | changes)
    assert answer.status_code == 201, answer.content
    found: str = answer.json()["id"]
    return found


def put(actor: Actor, import_id: str, content: Any, offset: Any = 0, **headers: Any) -> Any:
    path = f"{PATH}/{import_id}/content?offset={offset}"
    kind = headers.pop("content_type", "application/octet-stream")
    return actor._client().generic("PUT", path, content, content_type=kind, **headers)


def upload(actor: Actor, content: bytes, **changes: Any) -> str:
    import_id = make(actor, **changes)
    answer = put(actor, import_id, content)
    assert (answer.status_code, answer.json()["bytes"]) == (200, len(content)), answer.content
    return import_id


def code(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return answer.status_code, answer.json()["code"]


def test_an_import_from_its_making_to_its_end(operator: Actor, member: Actor, programme: Any) -> None:
    content = f"Card;Type;Total\n{member.id};SALE;12,99\n{member.id};SALE;0,50\n".encode()
    columns = {"member_id": "card", "kind": "type", "amount": "total"}
    how = {"columns": columns, "constants": {}, "kinds": {"Sale": "earn"}, "decimal_mark": ",", "dates": "dmy"}
    import_id = upload(operator, content, **how)

    asked = operator.post(f"{PATH}/{import_id}/validate", {"bytes": len(content)})
    assert (asked.status_code, asked.json()["state"]) == (202, "validating")
    work()
    seen = operator.get(f"{PATH}/{import_id}").json()

    assert (seen["state"], seen["programme"], seen["error"]) == ("validated", str(programme.id), None)
    assert seen["mapping"]["columns"] == columns
    found = seen["validation"]
    names = ("rows", "accepted", "known", "refused", "earns_nothing", "points", "members")
    assert {name: found[name] for name in names} == {
        "rows": 2, "accepted": 1, "known": 0, "refused": 0, "earns_nothing": 1, "points": 12, "members": 1,
    }  # fmt: skip
    assert (found["amount"], found["bytes_read"]) == ({"amount": 1299, "currency": "EUR"}, len(content))
    begun = operator.post(f"{PATH}/{import_id}/commit", {"expect": {"rows": 1, "points": 12}})
    assert (begun.status_code, begun.json()["state"]) == (202, "committing")
    work()
    done = operator.get(f"{PATH}/{import_id}").json()
    assert (done["state"], done["commit"]["accepted"], done["commit"]["eta_seconds"]) == ("done", 1, None)
    counts = ("rows", "accepted", "earns_nothing", "refused_by_code", "points", "amount", "already_expired", "left_out")
    assert [done["rehearsal"][name] for name in counts] == [done["commit"][name] for name in counts]
    assert done["committed_by"] == str(operator.id)
    assert points_of(member.id) == (12, 0)
    prove()


def test_progress_has_a_rate_and_how_long_the_rest_takes(operator: Actor, member: Actor, monkeypatch: Any) -> None:
    from points.imports.operations import reading

    monkeypatch.setattr(reading, "CHUNK", 1)
    import_id = upload(operator, f"Card,Points\n{member.id},5\n{member.id},6\n".encode())
    operator.post(f"{PATH}/{import_id}/validate")
    deliver(published(ImportRows)[0])

    found = operator.get(f"{PATH}/{import_id}").json()["validation"]

    assert (found["rows"], found["bytes_read"], found["finished_at"]) == (1, 51, None)
    assert found["eta_seconds"] >= 0
    assert found["rate"] > 0


def test_refused_rows_are_downloaded_without_formulas(operator: Actor, member: Actor) -> None:
    import_id = upload(operator, f"Card,Points\n\"=cmd|' /C calc'!A0\",5\n{member.id},5\n".encode())
    operator.post(f"{PATH}/{import_id}/validate")
    work()

    answer = operator.get(f"{PATH}/{import_id}/errors")

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows == [
        {
            "row": "1",
            "column": "Card",
            "code": "imports.invalid_value",
            "detail": "Card: a UUID is expected.",
            "line": "\"=cmd|' /C calc'!A0\",5",
        }
    ]


def test_lines_of_json_are_imported_too(operator: Actor, member: Actor) -> None:
    content = "".join(json.dumps({"Card": str(member.id), "Points": points}) + "\n" for points in (5, 7))
    import_id = upload(operator, content.encode(), format="ndjson")
    operator.post(f"{PATH}/{import_id}/validate")
    work()
    operator.post(f"{PATH}/{import_id}/commit")
    work()

    assert points_of(member.id) == (12, 0)


@pytest.mark.parametrize("wrong", ["\x00", "\x85", "a\x1fb"], ids=ascii)
@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_a_row_with_what_is_no_text_in_a_cell_that_nothing_reads_is_refused_and_the_others_are_posted(
    operator: Actor, member: Actor, kind: str, wrong: str
) -> None:
    said = [(5, "a shop"), (6, f"x{wrong}y"), (7, "\U0001f469\u200d\U0001f467")]
    rows = {
        "csv": "".join(["Card,Points,Shop\n", *(f"{member.id},{points},{shop}\n" for points, shop in said)]),
        "ndjson": "".join(json.dumps({"Card": str(member.id), "Points": n, "Shop": s}) + "\n" for n, s in said),
    }
    import_id = upload(operator, rows[kind].encode(), format=kind)
    operator.post(f"{PATH}/{import_id}/validate")
    work()
    operator.post(f"{PATH}/{import_id}/commit", {"without_refused": True})
    work()

    found = operator.get(f"{PATH}/{import_id}").json()
    for done in (found["validation"], found["commit"]):
        assert (done["accepted"], done["refused_by_code"]) == (2, {"imports.row_malformed": 1})
    (row,) = csv.DictReader(io.StringIO(errors_of(operator, import_id)))
    assert (row["row"], row["column"].casefold()) == ("2", "shop")
    assert row["detail"].casefold().startswith("shop: control and unassigned characters")
    assert points_of(member.id) == (12, 0)


def errors_of(actor: Actor, import_id: str) -> str:
    answer: Any = actor.get(f"{PATH}/{import_id}/errors")
    return b"".join(answer.streaming_content).decode()


@pytest.mark.parametrize("name", ["\\ud800", "a\\u0000", "P\\u0085"])
def test_an_object_with_a_name_that_is_no_text_is_refused(operator: Actor, member: Actor, name: str) -> None:
    content = f'{{"Card": "{member.id}", "Points": 5, "{name}": "x"}}\n'
    import_id = upload(operator, content.encode(), format="ndjson")
    operator.post(f"{PATH}/{import_id}/validate")
    work()

    found = operator.get(f"{PATH}/{import_id}").json()["validation"]
    assert (found["accepted"], found["refused_by_code"]) == (0, {"imports.row_malformed": 1})
    (row,) = csv.DictReader(io.StringIO(errors_of(operator, import_id)))
    assert row["detail"].startswith("The name '")


def test_the_same_key_makes_validates_and_commits_once(operator: Actor, member: Actor) -> None:
    first = operator.post(PATH, BODY, key="k")
    assert operator.post(PATH, BODY, key="k").content == first.content
    assert Import.objects.count() == 1
    import_id = first.json()["id"]
    put(operator, import_id, f"Card,Points\n{member.id},5\n".encode())
    for move in ("validate", "commit"):
        path = f"{PATH}/{import_id}/{move}"
        begun = operator.post(path, key=move)
        assert begun.status_code == 202, begun.content
        with nothing_written():
            assert operator.post(path, key=move).content == begun.content
        work()
    assert points_of(member.id) == (5, 0)


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


def test_imports_are_listed_by_cursor_with_their_passes(operator: Actor, member: Actor) -> None:
    made = [make(operator, name=str(number)) for number in range(3)]
    put(operator, made[0], f"Card,Points\n{member.id},5\n".encode())
    operator.post(f"{PATH}/{made[0]}/validate")
    work()

    first = operator.get(PATH, page_size=2).json()
    second = operator.get(first["next"]).json()

    assert [one["id"] for one in (*first["results"], *second["results"])] == made[::-1]
    assert second["results"][0]["validation"]["rows"] == 1
    assert (first["results"][0]["validation"], second["next"]) == (None, None)


def actor_with(*scopes: str) -> Actor:
    return Actor(Caller(new_id(), frozenset(scopes)))


def test_a_caller_sees_its_own_imports_and_who_adjusts_sees_all(operator: Actor) -> None:
    till, other = actor_with("points:earn"), actor_with("points:earn")
    import_id = make(till)

    assert [one["id"] for one in till.get(PATH).json()["results"]] == [import_id]
    assert other.get(PATH).json()["results"] == []
    assert operator.get(f"{PATH}/{import_id}").status_code == 200
    with nothing_written():
        for path in (f"{PATH}/{import_id}", f"{PATH}/{import_id}/errors"):
            assert code(other.get(path)) == (404, "imports.not_found")
        for move in ("validate", "commit", "cancel"):
            assert code(other.post(f"{PATH}/{import_id}/{move}")) == (404, "imports.not_found")
        assert code(put(other, import_id, b"abc")) == (404, "imports.not_found")
        assert code(operator.get(f"{PATH}/{new_id()}")) == (404, "imports.not_found")


def test_rows_of_a_kind_need_its_scope(member: Actor) -> None:
    till = actor_with("points:earn")
    with nothing_written():
        assert code(till.post(PATH, BODY | {"constants": {"kind": "adjust"}})) == (403, "auth.insufficient_scope")
    columns = {"member_id": "Card", "points": "Points", "kind": "Type"}
    content = f"Card,Points,Type\n{member.id},5,earn\n{member.id},5,adjust\n".encode()
    import_id = upload(till, content, columns=columns, constants={})
    till.post(f"{PATH}/{import_id}/validate")
    work()

    lines = b"".join(till.get(f"{PATH}/{import_id}/errors").streaming_content).decode().splitlines()
    assert [line.split(",")[2] for line in lines] == ["code", "auth.insufficient_scope"]


def test_who_may_not_import(member: Actor, merchant: Actor, analyst: Actor, operator: Actor) -> None:
    import_id = make(operator)
    with nothing_written():
        for actor in (member, merchant, analyst):
            assert actor.post(PATH, BODY).status_code == 403
            assert put(actor, import_id, b"abc").status_code == 403
            for path in (PATH, f"{PATH}/{import_id}", f"{PATH}/{import_id}/errors"):
                assert actor.get(path).status_code == 403
            for move in ("validate", "commit", "cancel"):
                assert actor.post(f"{PATH}/{import_id}/{move}").status_code == 403


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


def test_rows_of_members_who_never_registered_are_counted_and_may_be_expected(operator: Actor, member: Actor) -> None:
    register(member.id)
    content = f"Card,Points\n{member.id},5\n{new_id()},7\n{new_id()},8\n".encode()
    import_id = upload(operator, content)
    operator.post(f"{PATH}/{import_id}/validate")
    work()
    path = f"{PATH}/{import_id}/commit"

    with nothing_written():
        other = operator.post(path, {"expect": {"unknown_members": 1}})
    operator.post(path, {"expect": {"unknown_members": 2}})
    register(new_id())
    work()

    assert (code(other), other.json()["unknown_members"]) == ((409, "imports.not_as_expected"), 2)
    done = operator.get(f"{PATH}/{import_id}").json()
    assert (done["state"], done["commit"]["accepted"], done["commit"]["unknown_members"]) == ("done", 3, 2)


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
