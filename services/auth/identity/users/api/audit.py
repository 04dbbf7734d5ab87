"""The audit: who did what to whom."""

from django.http import HttpResponse
from rest_framework.request import Request

from identity.users import queries
from identity.users.api.answers import AuditPage, audit_json
from identity.users.api.bodies import AuditQuery
from shared.http.fields import parse
from shared.http.pages import page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView


class Audit(ServiceView):
    """GET /auth/audit."""

    scopes = {"GET": ("audit:read",)}

    @operation("list_audit", "Read the audit", query=AuditQuery, answers={200: AuditPage})
    def get(self, request: Request) -> HttpResponse:
        """List who did what to whom, newest first."""
        query = parse(AuditQuery, request.query_params.dict())
        names = ("event", "actor_id", "subject_id")
        found = queries.audit(**{name: query[name] for name in names if name in query})
        return page_reply(request, found, audit_json)
