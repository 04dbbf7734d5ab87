"""Rows of an import that are refused are told, and the others are posted."""

import csv
import io
import json
from typing import Any

import pytest

from shared.testing.actors import Actor
from shared.testing.proofs import nothing_written
from tests.api.import_requests import BODY, PATH, actor_with, code, programme, upload
from tests.factories import points_of
from tests.import_factories import work

__all__ = ["programme"]  # fixtures
pytestmark = pytest.mark.django_db


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
