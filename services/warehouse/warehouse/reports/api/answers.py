"""A report as it is answered: a table, as JSON or CSV."""

from django.http import HttpResponse
from drf_yasg import openapi

from shared.clock import iso
from shared.http.csvfiles import csv_answer
from shared.http.views import reply
from warehouse.reports.tables import Table

# Swagger 2.0 has no union of types: no type takes all, and docs/schemas/api/warehouse.json says which.
_CELL = openapi.SwaggerDict(description="a whole number, a text, or null")
_CELL["x-types"] = ["integer", "string", "null"]
TABLE = openapi.Schema(
    "Report",
    type=openapi.TYPE_OBJECT,
    required=["as_of", "columns", "rows"],
    properties={
        "as_of": openapi.Schema(
            type=openapi.TYPE_STRING,
            format=openapi.FORMAT_DATETIME,
            x_nullable=True,
            description="when the newest message was taken in; the report knows all messages until then",
        ),
        "columns": openapi.Schema(type=openapi.TYPE_ARRAY, items=openapi.Schema(type=openapi.TYPE_STRING)),
        "rows": openapi.Schema(
            type=openapi.TYPE_ARRAY,
            items=openapi.Schema(type=openapi.TYPE_ARRAY, items=_CELL),
            description="one value for each column: whole numbers, texts, or null",
        ),
    },
)


def answer(table: Table, *, form: str, name: str) -> HttpResponse:
    """Answer with a table as `json` or as `csv`, which is offered as a download."""
    if form == "csv":
        return _csv_answer(table, name)
    return reply({"as_of": table.as_of, "columns": table.columns, "rows": table.rows})


def _csv_answer(table: Table, name: str) -> HttpResponse:
    response = csv_answer([table.columns, *table.rows], name)
    if table.as_of:
        response["X-As-Of"] = iso(table.as_of)
    return response
