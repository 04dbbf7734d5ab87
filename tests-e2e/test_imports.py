"""A till's export is imported: looked at before anything moves, posted once, also when a worker dies in the middle."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from clients.api import refused
from clients.points import IMPORTS
from conftest import Command
from eventually import eventually
from people import Person

EXAMPLES = Path(__file__).parents[1] / "docs/examples"
CARDS = {"columns": {"member_id": "Card", "points": "Points"}, "constants": {"kind": "earn"}}


def in_state(operator: Person, import_id: str, state: str, *, seconds: float = 60) -> dict[str, Any]:
    eventually(lambda: operator.points.read_import(import_id)["state"], state, seconds=seconds)
    return operator.points.read_import(import_id)


def test_the_example_is_imported_as_its_page_says(
    operator: Person, member: Person, other_member: Person, programme: str
) -> None:
    # A till of its own, as its receipts are known for ever.
    till = str(uuid4())
    content = (EXAMPLES / "till.csv").read_text().replace("R-", f"{till}-")
    content = content.replace("CARD-A", member.id).replace("CARD-B", other_member.id)
    points, mapping = operator.points, json.loads((EXAMPLES / "till-mapping.json").read_text())
    import_id = points.make_import(mapping)
    points.upload(import_id, content.encode(), piece=100)
    points.validate_import(import_id)
    seen = in_state(operator, import_id, "validated")["validation"]

    names = ("rows", "accepted", "known", "refused", "refused_by_code", "earns_nothing", "points", "members")
    assert {name: seen[name] for name in names} == {
        "rows": 6, "accepted": 4, "known": 0, "refused": 1, "refused_by_code": {"imports.invalid_value": 1},
        "earns_nothing": 1, "points": 850, "members": 2,
    }  # fmt: skip
    assert [(row["row"], row["column"], row["code"]) for row in points.refused_rows(import_id)] == [
        ("6", "total", "imports.invalid_value"),
    ]
    assert (member.points.balance(), other_member.points.balance()) == (0, 0)
    refused(operator.api.post(f"{IMPORTS}/{import_id}/commit"), 409, "imports.rows_refused")
    points.commit_import(import_id, expect={"rows": 4, "points": 850}, without_refused=True)
    in_state(operator, import_id, "done")
    assert (member.points.balance(), other_member.points.balance()) == (761, 89)

    again = points.make_import(mapping)
    points.upload(again, content.encode())
    points.validate_import(again)
    assert in_state(operator, again, "validated")["validation"]["known"] == 4
    points.commit_import(again, without_refused=True)
    assert in_state(operator, again, "done")["commit"]["accepted"] == 0
    assert (member.points.balance(), other_member.points.balance()) == (761, 89)


def test_a_worker_that_is_killed_in_the_middle_of_an_import_posts_every_row_once(
    operator: Person, member: Person, programme: str, kill: Command, manage: Command
) -> None:
    rows = 20_000
    content = "No,Card,Points\n" + "".join(f"{number},{member.id},1\n" for number in range(rows))
    import_id = operator.points.make_import({**CARDS, "name": "many"})
    operator.points.upload(import_id, content.encode())
    operator.points.validate_import(import_id)
    eventually(lambda: operator.points.read_import(import_id)["validation"]["rows"], lambda done: done > 0, seconds=240)
    kill("points-worker")
    in_state(operator, import_id, "validated", seconds=240)
    operator.points.commit_import(import_id, expect={"rows": rows, "points": rows})
    eventually(lambda: _committed(operator, import_id), lambda done: done > 0, seconds=240)
    kill("points-worker")

    done = in_state(operator, import_id, "done", seconds=240)

    assert (done["commit"]["accepted"], done["commit"]["known"], member.points.balance()) == (rows, 0, rows)
    manage("points", "verify_ledger", "--member", member.id)


def _committed(operator: Person, import_id: str) -> int:
    """Return how many rows of an import were committed; its rehearsal comes first."""
    run = operator.points.read_import(import_id)["commit"]
    return run["rows"] if run else 0


def test_what_was_spent_since_the_validation_lets_nothing_be_posted(
    operator: Person, member: Person, programme: str
) -> None:
    points, mapping = operator.points, {"columns": {**CARDS["columns"], "kind": "Type"}, "name": "rewards"}
    operator.points.earn(member.id, 50)
    import_id = points.make_import(mapping)
    points.upload(import_id, f"Card,Type,Points\n{member.id},redeem,30\n{member.id},earn,5\n".encode())
    points.validate_import(import_id)
    assert in_state(operator, import_id, "validated")["validation"]["points"] == -25
    member.points.redeem(40)

    points.commit_import(import_id, expect={"rows": 2, "points": -25})

    failed = in_state(operator, import_id, "failed")
    error = failed["error"]
    assert (error["code"], error["posted_rows"], failed["commit"]) == ("imports.not_as_expected", 0, None)
    assert (error["seen_rows"], error["seen_points"], error["differs_from_row"]) == (2, -25, 1)
    assert (failed["rehearsal"]["refused_by_code"], member.points.balance()) == ({"points.insufficient": 1}, 10)


def test_a_large_file_that_meets_a_conflict_is_reversed_though_a_worker_dies_and_is_posted_whole_later(
    operator: Person, member: Person, other_member: Person, programme: str, kill: Command, manage: Command
) -> None:
    rows = 10_000  # two chunks; the conflict is in a third one
    points, mapping = operator.points, {"columns": {**CARDS["columns"], "kind": "Type"}, "name": "many"}
    points.earn(other_member.id, 50)
    lines = [f"{number},{member.id},earn,1\n" for number in range(rows)] + [f"last,{other_member.id},redeem,50\n"]
    content = ("No,Card,Type,Points\n" + "".join(lines)).encode()

    def committed() -> str:
        import_id = points.make_import(mapping)
        points.upload(import_id, content)
        points.validate_import(import_id)
        seen = in_state(operator, import_id, "validated", seconds=240)["validation"]
        assert (seen["accepted"], seen["points"], seen["known"]) == (rows + 1, rows - 50, 0)
        points.commit_import(import_id, expect={"rows": rows + 1, "points": rows - 50})
        return import_id

    import_id = committed()
    eventually(lambda: _committed(operator, import_id), lambda done: done > 0, seconds=240)
    other_member.points.redeem(1)
    eventually(lambda: points.read_import(import_id)["state"], lambda state: state != "committing", seconds=240)
    kill("points-worker")

    failed = in_state(operator, import_id, "failed", seconds=240)

    error, posted, back = failed["error"], failed["commit"], failed["reversal"]
    assert (error["code"], error["posted_rows"], error["posted_points"]) == ("imports.not_as_expected", 0, 0)
    assert (back["accepted"], back["refused"], posted["accepted"]) == (rows, 0, rows)
    assert (member.points.balance(), other_member.points.balance()) == (0, 49)
    manage("points", "verify_ledger", "--member", member.id)
    points.earn(other_member.id, 1)
    again = in_state(operator, committed(), "done", seconds=240)
    assert (again["commit"]["accepted"], again["reversal"]) == (rows + 1, None)
    assert (member.points.balance(), other_member.points.balance()) == (rows, 0)
    manage("points", "verify_ledger", "--member", member.id)


def test_an_import_is_cancelled_and_another_one_brings_the_rest(
    operator: Person, member: Person, programme: str
) -> None:
    rows = 12_000
    content = "No,Card,Points\n" + "".join(f"{number},{member.id},1\n" for number in range(rows))
    points = operator.points
    for move in ("cancel", "go on"):
        import_id = points.make_import({**CARDS, "name": move})
        points.upload(import_id, content.encode())
        points.validate_import(import_id)
        in_state(operator, import_id, "validated")
        points.commit_import(import_id)
        if move == "cancel":
            operator.api.post(f"{IMPORTS}/{import_id}/cancel")
    done = in_state(operator, import_id, "done", seconds=120)

    assert done["commit"]["accepted"] + done["commit"]["known"] == rows
    assert member.points.balance() == rows


def test_an_import_that_was_looked_at_and_given_up_posts_nothing(
    operator: Person, member: Person, programme: str
) -> None:
    import_id = operator.points.make_import({**CARDS, "name": "given up"})
    operator.points.upload(import_id, f"No,Card,Points\n1,{member.id},5\n".encode())
    operator.points.validate_import(import_id)
    assert in_state(operator, import_id, "validated")["validation"]["points"] == 5

    done = operator.points.cancel_import(import_id)

    assert (done["state"], operator.points.read_import(import_id)["state"]) == ("cancelled", "cancelled")
    assert import_id in [one["id"] for one in operator.points.imports()]
    refused(operator.api.post(f"{IMPORTS}/{import_id}/commit"), 409)
    assert member.points.balance() == 0


def test_what_is_no_text_is_refused_at_the_door(operator: Person, programme: str) -> None:
    import_id = operator.points.make_import({**CARDS, "name": "zip"})
    path = f"{IMPORTS}/{import_id}/content?offset=0"

    refused(operator.api.send("PUT", path, data=b"PK\x03\x04", headers={"Content-Type": "text/csv"}), 415)
    refused(
        operator.api.send("PUT", path, data=b"x" * (8 * 1024 * 1024 + 1), headers={"Content-Type": "text/csv"}), 413
    )
    for field in ("name", "columns", "constants"):
        refused(operator.api.post(IMPORTS, {**CARDS, "name": "zip", field: "\ud800"}), 400)
