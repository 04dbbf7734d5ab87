"""Files of postings, on the database: uploaded, validated and committed, chunk by chunk."""

from unittest.mock import patch
from uuid import UUID

from points.imports import operations, queries
from points.imports.models import Import, ImportRun
from points.imports.operations import reading
from points.imports.rules.plan import Plan
from shared.db import rows as read
from tests.model.database.driver import Driver
from tests.model.world import CHUNK, MEMBERS, OPERATORS, Outcome, Row

_PLAN = Plan(columns={"member_id": "Card", "points": "Points", "kind": "Kind"}, key=("Key",))
_POSTED = "SELECT id FROM points_transaction WHERE source_key = %s"


class Imports(Driver):
    def import_file(self, programme: int, rows: list[Row]) -> Outcome:
        """The rows that count as done are those that no transaction had before and one has afterwards."""
        before = [self._transaction(programme, row) for row in rows]
        import_id = self._upload(programme, rows)
        operations.validate_import(import_id, at=self.now)
        self._work(import_id)
        foreseen = {refusal.row: refusal.code for refusal in queries.refusals_of(import_id)}
        operations.commit_import(import_id, without_refused=True, committed_by=OPERATORS[0], at=self.now)
        self._work(import_id)
        refused = {refusal.row: refusal.code for refusal in queries.refusals_of(import_id)}
        outcomes = []
        for number, row in enumerate(rows):
            posted = self._transaction(programme, row)
            if code := refused.get(number + 1):
                outcomes.append(code)
            elif posted == before[number]:
                outcomes.append("repeated")
            else:
                assert posted
                self.ids.append(posted)
                outcomes.append("done")
        run = ImportRun.objects.get(imported_id=import_id, kind="commit")
        assert foreseen == refused, (foreseen, refused)
        assert (run.accepted, run.known, run.refused) == (
            outcomes.count("done"),
            outcomes.count("repeated"),
            len(refused),
        )
        return tuple(outcomes)

    def _upload(self, programme: int, rows: list[Row]) -> UUID:
        lines = ["Key,Card,Kind,Points", *(f"{row.key},{MEMBERS[row.who]},{row.kind},{row.points}" for row in rows)]
        made = operations.start_import(
            programme_id=self.programmes[programme], name="", plan=_PLAN, created_by=OPERATORS[0], at=self.now
        )
        operations.add_piece(made.id, offset=0, content="\n".join(lines).encode())
        return made.id

    def _work(self, import_id: UUID) -> None:
        with patch.object(reading, "CHUNK", CHUNK):
            while (found := Import.objects.get(id=import_id)).state in ("validating", "committing"):
                operations.IMPORTS.run_chunk(import_id, chunk=found.chunk, at=self.now)

    def _transaction(self, programme: int, row: Row) -> UUID | None:
        found = read(_POSTED, [f"import:{self.programmes[programme]}:key:{row.key}"])
        return found[0][0] if found else None
