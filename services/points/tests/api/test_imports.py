"""A till's export over HTTP: made, uploaded, validated, committed and watched."""

import json
from typing import Any

import pytest

from points.imports.models import Import
from shared.contracts.points import ImportRows
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver, published
from shared.testing.proofs import nothing_written
from tests.api.import_requests import BODY, PATH, actor_with, code, make, programme, put, upload
from tests.factories import points_of, prove, register
from tests.import_factories import work

__all__ = ["programme"]  # fixtures
pytestmark = pytest.mark.django_db


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


def test_lines_of_json_are_imported_too(operator: Actor, member: Actor) -> None:
    content = "".join(json.dumps({"Card": str(member.id), "Points": points}) + "\n" for points in (5, 7))
    import_id = upload(operator, content.encode(), format="ndjson")
    operator.post(f"{PATH}/{import_id}/validate")
    work()
    operator.post(f"{PATH}/{import_id}/commit")
    work()

    assert points_of(member.id) == (12, 0)


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
