"""What a chunk of an import reads of the chunks before it does not grow with the file, whatever the statistics say."""

import pytest

from points.imports.models import ImportRun
from points.imports.operations.notes import changes_before
from shared.ids import new_id
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read
from tests.ledger_filling import of_member

pytestmark = pytest.mark.django_db
STOOD = """
INSERT INTO points_import_member (import_id, member_id, change, issued, adjusted)
SELECT %(import)s, lpad(to_hex(n), 32, '0')::uuid, 1, 1, 0 FROM generate_series(%(first)s, %(last)s) AS n
"""


@at_any_size
def test_where_a_chunks_members_stand_is_looked_up_for_them_alone(filling: Filling) -> None:
    run = ImportRun(imported_id=new_id())
    filling.fill(["points_import_member"], STOOD, **{"import": run.imported_id})
    asked = [of_member(number) for number in range(1, 1000, 100)]

    with rows_read("points_import_member") as read:
        found = changes_before(run, asked)

    assert len(found) == len(asked)
    assert read() <= 2 * len(asked)
