"""What was posted is sealed in a signed block within seconds, and anybody can check that offline."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from clients.api import Api, ok, refused
from clients.points import POINTS
from eventually import eventually
from people import Person

CHECK = Path(__file__).parents[1] / "docs/examples/check_proof.py"


@pytest.fixture
def earned(operator: Person, member: Person, programme: str) -> str:
    """The transaction by which the member earned 25 points."""
    return str(operator.points.earn(member.id, 25, programme=programme)["id"])


def checked(folder: Path, proof: dict[str, Any], keys: dict[str, Any]) -> str:
    """Return what the example of the documentation says of a proof."""
    files = {"proof.json": proof, "jwks.json": keys}
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    command = [sys.executable, str(CHECK), *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    return (done.stdout + done.stderr).strip()


def test_a_transaction_is_proved_to_its_member_and_a_forged_proof_is_found(
    url: str, member: Person, other_member: Person, earned: str, tmp_path: Path
) -> None:
    path = f"{POINTS}/transactions/{earned}/proof"
    eventually(lambda: member.api.get(path).status_code, 200)
    proof, keys = ok(member.api.get(path)), ok(Api(url).get(f"{POINTS}/jwks.json"))

    assert checked(tmp_path, proof, keys) == f"right: earned 25 points, transaction {earned}"

    forged = {**proof, "document": proof["document"].replace("25", "26")}
    assert checked(tmp_path, forged, keys) == "wrong: the document is not in the block"
    refused(other_member.api.get(path), 404)


def test_the_chain_of_blocks_can_be_followed(member: Person, earned: str) -> None:
    path = f"{POINTS}/transactions/{earned}/proof"
    eventually(lambda: member.api.get(path).status_code, 200)
    mine = ok(member.api.get(path))["block"]

    page = member.api.listed(f"{POINTS}/blocks")

    numbers = [one["no"] for one in page]
    assert numbers == list(range(numbers[0], numbers[0] - len(page), -1))
    for newer, older in pairwise(page):
        assert json.loads(newer["header"])["previous"] == older["hash"]
    assert mine in page or mine["no"] < numbers[-1]
