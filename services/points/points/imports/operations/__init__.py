"""Writes of imports: the file's pieces, the moves of an import, and the work on its rows."""

from points.imports.operations.chunks import work_on
from points.imports.operations.moves import cancel_import, commit_import, purge_imports, start_import, validate_import
from points.imports.operations.uploads import add_piece

__all__ = [
    "add_piece",
    "cancel_import",
    "commit_import",
    "purge_imports",
    "start_import",
    "validate_import",
    "work_on",
]
