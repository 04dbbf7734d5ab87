"""Files of postings: judged without effect, posted once."""

from typing import Any

import pytest

from points.imports import operations
from points.imports.models import Import, ImportRun
from points.ledger.models import Transaction
from tests.factories import make_programme, points_of, prove
from tests.import_factories import LATER, OPERATOR, validated, work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Any:
    return make_programme()


def test_a_file_is_validated_without_effect_and_then_posted(member: Any, other_member: Any) -> None:
    content = f"Card,Points\n{member.id},100\n{other_member.id},50\n{member.id},7\n"

    seen = validated(content)

    assert (seen.rows, seen.accepted, seen.known, seen.refused) == (3, 3, 0, 0)
    assert (seen.earned, seen.earned_rows, seen.members) == (157, 3, 2)
    assert not Transaction.objects.exists()
    operations.commit_import(seen.imported_id, rows=3, points=157, committed_by=OPERATOR, at=LATER)
    work()
    done = Import.objects.get()
    assert (done.state, points_of(member.id), points_of(other_member.id)) == ("done", (107, 0), (50, 0))
    run = ImportRun.objects.get(kind="commit")
    assert (run.rows, run.accepted, run.earned, run.position) == (3, 3, 157, done.bytes)
    prove()
