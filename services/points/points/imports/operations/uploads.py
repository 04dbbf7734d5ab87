"""The file in pieces: each where the last one ended; the same piece again changes nothing."""

from uuid import UUID

from points.imports import contents
from points.imports.errors import ContentDiffers, FileTooLarge, OffsetMismatch, WrongState
from points.imports.models import Import
from points.imports.operations.job import IMPORTS
from shared.db import unit_of_work

LARGEST_FILE = 2 * 1024**3
# So that many tiny pieces are no way to fill the table.
MOST_PIECES = 4096


def add_piece(import_id: UUID, *, offset: int, content: bytes) -> Import:
    """Keep a piece of a file.

    :raises ImportNotFound: there is no such import.
    :raises WrongState: it is validated already, or finished.
    :raises OffsetMismatch: the file has another length so far.
    :raises ContentDiffers: another piece was uploaded there.
    :raises FileTooLarge: the file, or the number of its pieces, would be.
    """
    with unit_of_work():
        found: Import = IMPORTS.lock(import_id)
        if found.state != "uploading":
            raise WrongState(state=found.state)
        if offset < found.bytes and (same := contents.is_piece(import_id, offset, content)) is not None:
            if not same:
                raise ContentDiffers(offset=offset)
            return found
        if offset != found.bytes:
            raise OffsetMismatch(expected=found.bytes)
        _refuse_too_large(found, content)
        contents.add(import_id, offset, content)
        found.bytes, found.pieces = found.bytes + len(content), found.pieces + 1
        found.save(update_fields=["bytes", "pieces"])
        return found


def _refuse_too_large(found: Import, content: bytes) -> None:
    if found.bytes + len(content) > LARGEST_FILE:
        raise FileTooLarge(limit=LARGEST_FILE)
    if found.pieces == MOST_PIECES:
        raise FileTooLarge(f"It may come in {MOST_PIECES} pieces.", pieces=MOST_PIECES)
