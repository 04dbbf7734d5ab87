"""Every refusal of the imports module: of a request, of a whole file, and of one row."""

from http import HTTPStatus

from shared.errors import DomainError


class ImportNotFound(DomainError):
    """No import has this id, or it is somebody else's."""

    code = "imports.not_found"
    title = "Import not found"
    status = HTTPStatus.NOT_FOUND


class WrongState(DomainError):
    """The import is in a state in which this cannot be done (`state` says which)."""

    code = "imports.wrong_state"
    title = "The import is in another state"


class OffsetMismatch(DomainError):
    """A piece of the file must begin where the last one ended: at `expected`."""

    code = "imports.offset_mismatch"
    title = "The piece does not follow the last one"


class ContentDiffers(DomainError):
    """Another piece was uploaded at this offset before."""

    code = "imports.content_differs"
    title = "Another piece was uploaded here"


class FileTooLarge(DomainError):
    """The file has more bytes, or comes in more pieces, than an import takes."""

    code = "imports.file_too_large"
    title = "The file is too large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class Incomplete(DomainError):
    """Another number of bytes was uploaded (`received`) than the file is said to have."""

    code = "imports.incomplete"
    title = "The file is not all there"


class NotAsExpected(DomainError):
    """The file comes to other totals than the request expects, or than the validation saw: these are not posted.

    Refusing a commit it says what the validation accepted: `rows`, `points` and `unknown_members`. As the `error` of an
    import it says what that was (`seen_rows`, `seen_points`), in which chunk of the file the difference was noticed, by
    its first row (`differs_from_row`), and what stays posted (`posted_rows`, `posted_points`): nothing, but rows that
    could not be reversed, of which `not_reversed` names the first 20 transactions.
    """

    code = "imports.not_as_expected"
    title = "The file is not what is expected"


class RowsRefused(DomainError):
    """Rows were refused (`refused` says how many), and the request does not say to leave them out."""

    code = "imports.rows_refused"
    title = "The file has rows that were refused"


class FileUnreadable(DomainError):
    """The file is empty, not text of its encoding, or its first line does not name its columns."""

    code = "imports.file_unreadable"
    title = "The file cannot be read"


class ColumnMissing(DomainError):
    """The file lacks `columns` that the mapping names; `found` are those that it has, the first 50."""

    code = "imports.column_missing"
    title = "The file lacks a column"


class TooManyRows(DomainError):
    """The file has more rows than one import takes; split it."""

    code = "imports.too_many_rows"
    title = "The file has too many rows"


class TooManyRefused(DomainError):
    """So many rows were refused that the mapping must be wrong."""

    code = "imports.too_many_refused"
    title = "Too many rows were refused"


class RowMalformed(DomainError):
    """The row is not CSV or JSON, has another number of cells than the heading, is too long, or has a control or
    unassigned character in a name or a cell (`column` says in which)."""

    code = "imports.row_malformed"
    title = "The row cannot be read"


class InvalidValue(DomainError):
    """A cell (`column` says which) is empty, of the wrong form, or out of its range."""

    code = "imports.invalid_value"
    title = "A cell has no proper value"


class KeyRepeated(DomainError):
    """An earlier row of the file has the same key."""

    code = "imports.key_repeated"
    title = "The key is that of an earlier row"
