import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from points.seals.models import Block
from points.seals.operations import seal_all, seal_next
from shared.ids import new_id
from shared.testing.actors import anonymous
from shared.testing.owner import as_owner
from tests.factories import AT, UNKNOWN_ID, give, make_programme, spend

TRANSACTIONS = "/api/v1/points/transactions"
BLOCKS = "/api/v1/points/blocks"
JWKS = "/api/v1/points/jwks.json"
CHECKER = Path(__file__).parents[4] / "docs/examples/check_proof.py"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def proof_of(actor: Any, transaction_id: Any) -> Any:
    return actor.get(f"{TRANSACTIONS}/{transaction_id}/proof")


def check(folder: Path, proof: Any) -> tuple[int, str]:
    """Run the published checker as anybody would: with two files, and nothing of ours."""
    (folder / "proof.json").write_text(json.dumps(proof))
    (folder / "jwks.json").write_text(json.dumps(anonymous().get(JWKS).json()))
    command = [sys.executable, "-I", str(CHECKER), "proof.json", "jwks.json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_each_transaction_is_proven_offline(member: Any, tmp_path: Path) -> None:
    facts = [give(member.id, points, reason="Grüße") for points in range(1, 7)] + [spend(member.id, 5)]
    seal_all(at=AT)

    for fact in facts:
        proof = proof_of(member, fact.id).json()
        kind, points = ("redeemed", 5) if fact == facts[-1] else ("earned", fact.points)
        assert check(tmp_path, proof) == (0, f"right: {kind} {points} points, transaction {fact.id}")
        sealed = json.loads(proof["document"])
        assert (sealed["id"], sealed["member_id"], sealed["points"]) == (str(fact.id), str(member.id), points)
        assert [(one["bucket"], one["points"]) for one in sealed["entries"]] == [one[:2] for one in fact.entries]


def test_a_forged_proof_is_refused(member: Any, tmp_path: Path) -> None:
    for _ in range(5):
        fact = give(member.id, 10)
    seal_all(at=AT)
    proof = proof_of(member, fact.id).json()
    block = proof["block"]
    more = proof["document"].replace('"points":10', '"points":99')

    forgeries = [
        proof | {"document": more},
        proof | {"index": 1},
        proof | {"path": proof["path"][:-1]},
        proof | {"block": block | {"header": block["header"].replace('"no":1', '"no":2')}},
        proof | {"block": block | {"header": block["header"].replace(block["kid"], "k")}},
    ]

    assert [check(tmp_path, forged) for forged in forgeries] == [
        (1, "wrong: the document is not in the block"),
        (1, "wrong: the document is not in the block"),
        (1, "wrong: the document is not in the block"),
        (1, "wrong: the block's signature is wrong"),
        (1, "wrong: the block is signed by a key that is not published"),
    ]


def test_what_is_not_sealed_yet_is_told_so(member: Any) -> None:
    fact = give(member.id, 10)

    answer = proof_of(member, fact.id)

    assert (answer.status_code, answer.json()["code"]) == (409, "points.not_sealed_yet")
    assert Block.objects.count() == 0


def test_what_was_changed_from_outside_has_no_proof(member: Any) -> None:
    fact = give(member.id, 10)
    seal_all(at=AT)
    as_owner("ALTER TABLE points_transaction DISABLE TRIGGER USER")
    as_owner("UPDATE points_transaction SET reason = 'x'")
    as_owner("ALTER TABLE points_transaction ENABLE TRIGGER USER")

    answer = proof_of(member, fact.id)

    assert (answer.status_code, answer.json()["code"]) == (409, "points.seal_broken")


def test_blocks_are_listed_newest_first_and_name_each_other(member: Any, operator: Any) -> None:
    for number in range(3):
        give(member.id, 10)
        seal_next(at=AT + timedelta(seconds=number))

    blocks = operator.get(BLOCKS).json()["results"]

    assert [block["no"] for block in blocks] == [3, 2, 1]
    assert [json.loads(block["header"])["previous"] for block in blocks] == [
        blocks[1]["hash"],
        blocks[2]["hash"],
        "00" * 32,
    ]
    assert blocks[0]["sealed_at"] == "2026-03-01T12:00:02Z"


def test_the_keys_are_for_everybody(member: Any) -> None:
    give(member.id, 10)
    seal_all(at=AT)

    answer = anonymous().get(JWKS)

    (key,) = answer.json()["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["kid"]) == ("OKP", "Ed25519", "EdDSA", Block.objects.get().kid)
    assert set(key) == {"kty", "crv", "alg", "kid", "use", "x"}
    assert answer["Cache-Control"] == "public, max-age=60"


def test_an_operator_proves_anybodys_and_a_member_only_the_own(operator: Any, member: Any, other_member: Any) -> None:
    fact = give(member.id, 10)
    seal_all(at=AT)

    assert proof_of(operator, fact.id).status_code == 200
    assert proof_of(other_member, fact.id).json()["code"] == "points.transaction_not_found"
    assert proof_of(member, new_id()).status_code == 404
    assert proof_of(member, "x").status_code == 404


@pytest.mark.parametrize("path", [BLOCKS, f"{TRANSACTIONS}/{UNKNOWN_ID}/proof"])
def test_neither_is_shown_without_the_scope(path: str, analyst: Any) -> None:
    assert analyst.get(path).status_code == 403
