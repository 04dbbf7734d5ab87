"""The view that does nothing: what benchmarks compare the others with."""

from django.http import HttpResponse
from rest_framework.request import Request

from shared.http.views import ServiceView, reply


class Noop(ServiceView):
    """Answers and does nothing else; there in the sandbox only."""

    public = True
    swagger_schema = None  # nobody's business but the benchmark's

    def get(self, _request: Request) -> HttpResponse:
        return reply({"status": "ok"})

    def post(self, _request: Request) -> HttpResponse:
        return reply({"status": "ok"})
