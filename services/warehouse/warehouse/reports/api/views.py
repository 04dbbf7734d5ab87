"""What the views of all reports have in common."""

from typing import ClassVar

from rest_framework.renderers import JSONRenderer

from shared.http.csvfiles import CsvRenderer
from shared.http.views import ServiceView


class ReportView(ServiceView):
    """A view that answers with a table, as JSON or CSV."""

    scopes: ClassVar[dict[str, tuple[str, ...]]] = {"GET": ("reports:read",)}
    renderer_classes = [JSONRenderer, CsvRenderer]
