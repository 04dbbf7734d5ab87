"""The HTTP side of the module clients."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from identity.clients import operations, queries
from identity.clients.errors import (
    ClientInactive,
    InvalidClient,
    InvalidTokenRequest,
    ScopeNotAllowed,
    TooManySecrets,
    UnsupportedGrantType,
)
from identity.clients.models import ServiceClient
from identity.clients.oauth import StrictFormParser, credentials
from identity.keys.errors import KeyUnreadable
from identity.users.errors import MerchantUnknown
from identity.users.fields import Name
from identity.users.http import OpenView, PrivateView, origin_of, page
from shared import clock
from shared.errors import NotFound
from shared.http.fields import Body, Choice, Identifier, PageQuery, Text, parse
from shared.http.pages import page_of
from shared.http.swagger import operation
from shared.http.views import reply

_MANAGE = ("clients:manage",)


class NewClient(Body):
    """A client to make. With `merchant_id` it works for that merchant and may do at most what a merchant may."""

    name = Name()
    scopes = serializers.ListField(
        child=Text(max_length=64), max_length=50, required=False, default=None, allow_null=True
    )
    merchant_id = Identifier(required=False, allow_null=True, default=None)


class SecretAnswer(Body):
    """What is known of a secret after it was shown."""

    id = Identifier()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class ClientAnswer(Body):
    """A service client."""

    id = Identifier()
    name = Name()
    scopes = serializers.ListField(child=serializers.CharField())
    merchant_id = Identifier(allow_null=True)
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    secrets = SecretAnswer(many=True)

    class Meta:
        ref_name = "ServiceClient"


class NewClientAnswer(ClientAnswer):
    """A client that was just made, with its secret: it is shown this once."""

    secret = serializers.CharField()

    class Meta:
        ref_name = "NewServiceClient"


class NewSecretAnswer(Body):
    """A secret that was just made: it is shown this once."""

    id = Identifier()
    secret = serializers.CharField()


class TokenForm(Body):
    """The form of a token request; the client's id and secret come by HTTP Basic or here. Others are ignored."""

    grant_type = Choice(choices=["client_credentials"])
    scope = Text(required=False, help_text="fewer scopes than the client has, separated by blanks")
    client_id = Identifier(required=False)
    client_secret = Text(required=False)


class ClientTokenAnswer(Body):
    """An access token (RFC 6749 §5.1)."""

    access_token = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["Bearer"])
    expires_in = serializers.IntegerField()
    scope = serializers.CharField()


ClientsPage = page_of(ClientAnswer)


class ClientsView(PrivateView):
    """GET and POST /auth/clients."""

    scopes = {"GET": _MANAGE, "POST": _MANAGE}

    @operation("list_clients", "List service clients", query=PageQuery, answers={200: ClientsPage})
    def get(self, request: Request) -> HttpResponse:
        """List clients, newest first; their secrets are not known any more."""
        parse(PageQuery, request.query_params.dict())
        return page(self, request, queries.clients(), _client_json)

    @operation(
        "create_client",
        "Make a service client",
        body=NewClient,
        answers={201: NewClientAnswer},
        refuses=(ScopeNotAllowed, MerchantUnknown),
    )
    def post(self, request: Request) -> HttpResponse:
        """Make a client; its secret is in this answer and nowhere else."""
        wish = parse(NewClient, request.data)
        made = operations.create_client(**wish, origin=origin_of(request), at=clock.now())
        return reply({**_client_json(queries.client_by_id(made.client.id)), "secret": made.secret}, 201)


class ClientSecretsView(PrivateView):
    """POST /auth/clients/{id}/secrets."""

    scopes = {"POST": _MANAGE}

    @operation(
        "create_client_secret",
        "Give a client its next secret",
        answers={201: NewSecretAnswer},
        refuses=(NotFound, ClientInactive, TooManySecrets),
    )
    def post(self, request: Request, client_id: UUID) -> HttpResponse:
        """Make a second secret; both are good until one is removed."""
        made = operations.add_secret(client_id=client_id, origin=origin_of(request), at=clock.now())
        return reply({"id": made.secret_id, "secret": made.secret}, 201)


class ClientSecretView(PrivateView):
    """DELETE /auth/clients/{id}/secrets/{secret_id}."""

    scopes = {"DELETE": _MANAGE}

    @operation("delete_client_secret", "Remove a client's secret", answers={204: "removed"}, refuses=(NotFound,))
    def delete(self, request: Request, client_id: UUID, secret_id: UUID) -> HttpResponse:
        """Remove a secret; no token is given for it any more."""
        operations.remove_secret(client_id=client_id, secret_id=secret_id, origin=origin_of(request), at=clock.now())
        return HttpResponse(status=204)


class ClientDeactivateView(PrivateView):
    """POST /auth/clients/{id}/deactivate."""

    scopes = {"POST": _MANAGE}

    @operation("deactivate_client", "Deactivate a client", answers={200: ClientAnswer}, refuses=(NotFound,))
    def post(self, request: Request, client_id: UUID) -> HttpResponse:
        """Shut a client out for good; its tokens are refused as well."""
        client = operations.deactivate(client_id=client_id, origin=origin_of(request), at=clock.now())
        return reply(_client_json(client))


class OAuthTokenView(OpenView):
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
            at=clock.now(),
        )
        answer = {"access_token": issued.access, "token_type": "Bearer", "expires_in": issued.expires_in}
        return reply({**answer, "scope": " ".join(sorted(issued.scopes))})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Ask for the scheme that this path takes: Basic, not Bearer."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code == 401:
            answer["WWW-Authenticate"] = 'Basic realm="clients"'
        return answer


def _client_json(client: ServiceClient) -> dict[str, Any]:
    own = {name: getattr(client, name) for name in ("id", "name", "scopes", "merchant_id", "is_active", "created_at")}
    secrets = [
        {"id": row.id, "created_at": row.created_at, "last_used_at": row.last_used_at}
        for row in client.secret_rows.all()
    ]
    return {**own, "last_used_at": client.tokens_issued_at, "secrets": secrets}
