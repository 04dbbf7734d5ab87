"""Tokens for service clients (RFC 6749 §4.4)."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from identity.clients import operations
from identity.clients.api.answers import ClientTokenAnswer
from identity.clients.api.bodies import TokenForm
from identity.clients.errors import InvalidClient, InvalidTokenRequest, ScopeNotAllowed, UnsupportedGrantType
from identity.clients.oauth import StrictFormParser, credentials
from identity.keys.errors import KeyUnreadable
from identity.users.http import OpenView, origin_of
from shared import clock
from shared.http.swagger import operation
from shared.http.views import reply


class ClientTokens(OpenView):
    """POST /auth/oauth/token."""

    parser_classes = [StrictFormParser]

    @operation(
        "issue_client_token",
        "Get a token for a client",
        body=TokenForm,
        answers={200: ClientTokenAnswer},
        refuses=(InvalidTokenRequest, InvalidClient, UnsupportedGrantType, ScopeNotAllowed, KeyUnreadable),
    )
    def post(self, request: Request) -> HttpResponse:
        """Grant client credentials (RFC 6749 §4.4). Refusals are problem+json with the RFC's `error` as a member."""
        form: dict[str, str] = dict(request.data)
        client_id, secret = credentials(request.META.get("HTTP_AUTHORIZATION", ""), form)
        if form.get("grant_type") != "client_credentials":
            raise UnsupportedGrantType(error="unsupported_grant_type")
        issued = operations.issue_token(
            client_id=client_id,
            secret=secret,
            scope=form.get("scope", ""),
            origin=origin_of(request),
            at=clock.machine_now(),
        )
        answer = {"access_token": issued.access, "token_type": "Bearer", "expires_in": issued.expires_in}
        return reply({**answer, "scope": " ".join(sorted(issued.scopes))})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Ask for the scheme that this path takes: Basic, not Bearer."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code == 401:
            answer["WWW-Authenticate"] = 'Basic realm="clients"'
        return answer
