"""The file of an import over HTTP: its pieces in, its refused rows out."""

from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from drf_yasg import openapi
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from points.imports import operations, queries
from points.imports.api.answers import ImportAnswer
from points.imports.api.bodies import PieceQuery
from points.imports.api.imports import ANY, known, shown
from points.imports.errors import ContentDiffers, FileTooLarge, ImportNotFound, OffsetMismatch, WrongState
from points.imports.queries import Refusal
from points.imports.rules.headings import what_it_is
from points.imports.rules.plan import plan_from
from shared.errors import InvalidRequest, RequestTooLarge, UnsupportedMediaType
from shared.http.csvfiles import CsvRenderer, csv_stream
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply

LARGEST_PIECE = 8 * 1024 * 1024
_COLUMNS = ("row", "column", "code", "detail", "line")


class Bytes(BaseParser):
    """Takes a body as it is.

    :raises RequestTooLarge: it has more bytes than a piece may have.
    """

    media_type = "application/octet-stream"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        content = stream.read(LARGEST_PIECE + 1)
        if len(content) > LARGEST_PIECE:
            raise RequestTooLarge(limit=LARGEST_PIECE)
        return content


class Csv(Bytes):
    """Takes CSV as it is."""

    media_type = "text/csv"


class Ndjson(Bytes):
    """Takes lines of JSON as they are."""

    media_type = "application/x-ndjson"


class Content(ServiceView):
    """The file, piece by piece, each where the last one ended; a piece that was kept may come again."""

    scopes = {"PUT": ANY}
    max_body_bytes = LARGEST_PIECE
    parser_classes = [Bytes, Csv, Ndjson]

    @operation(
        "upload_import_content",
        "Upload a piece of the file",
        body=openapi.Schema(type="string", format="binary", description="up to 8 MiB of the file, as they are"),
        query=PieceQuery,
        answers={200: ImportAnswer},
        refuses=(ContentDiffers, FileTooLarge, ImportNotFound, OffsetMismatch, WrongState),
    )
    def put(self, request: Request, import_id: UUID) -> HttpResponse:
        content = _content(request)
        offset = parse(PieceQuery, request.query_params.dict())["offset"]
        if offset == 0 and (name := what_it_is(content)):
            raise UnsupportedMediaType(f"Text is expected, and this is {name}.")
        # Nobody else's: above the limit another person looks at what its maker uploaded, and commits it.
        queries.known_import(import_id, caller_id=caller_of(request).id, sees_all=False)
        return reply(shown(operations.add_piece(import_id, offset=offset, content=content)))


def _content(request: Request) -> bytes:
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType("A piece is taken as it is, not compressed.")
    content: Any = request.data
    if not isinstance(content, bytes) or not content:
        raise InvalidRequest(errors=[{"field": "", "code": "required", "detail": "Some bytes are expected."}])
    return content


class Refusals(ServiceView):
    """The rows that were refused or, before the commit, will be; streamed."""

    scopes = {"GET": ANY}
    renderer_classes = [CsvRenderer]

    @operation(
        "download_import_errors",
        "Download the refused rows of an import",
        answers={200: openapi.Response("CSV", openapi.Schema(type="file"))},
        refuses=(ImportNotFound,),
    )
    def get(self, request: Request, import_id: UUID) -> StreamingHttpResponse:
        found = known(request, import_id)
        rows = (_cells(refusal, plan_from(found.plan).encoding) for refusal in queries.refusals_of(found.id))
        return csv_stream(_COLUMNS, rows, f"import-{found.id}-errors")


def _cells(refusal: Refusal, encoding: str) -> list[Any]:
    line = (refusal.line or b"").decode(encoding, "replace").rstrip("\r\n").replace("\x00", "")
    return [refusal.row, refusal.column, refusal.code, refusal.detail, line]
