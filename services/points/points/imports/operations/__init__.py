"""Writes of imports: the file's pieces, the moves of an import, and the work on its rows."""

from points.imports.operations.job import IMPORTS
from points.imports.operations.moves import commit_import, purge_imports, start_import, validate_import
from points.imports.operations.uploads import add_piece

__all__ = [
    "IMPORTS",
    "add_piece",
    "commit_import",
    "purge_imports",
    "start_import",
    "validate_import",
]
