"""Service clients and their secrets, as administrators keep them."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from identity.clients import operations, queries
from identity.clients.api.answers import ClientAnswer, ClientsPage, NewClientAnswer, NewSecretAnswer, client_json
from identity.clients.api.bodies import NewClient
from identity.clients.errors import ClientInactive, ScopeNotAllowed, TooManySecrets
from identity.users.errors import MerchantUnknown
from identity.users.http import origin_of
from shared import clock
from shared.errors import NotFound
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, no_content, reply

_MANAGE = ("clients:manage",)


class Clients(ServiceView):
    """GET and POST /auth/clients."""

    scopes = {"GET": _MANAGE, "POST": _MANAGE}

    @operation("list_clients", "List service clients", query=PageQuery, answers={200: ClientsPage})
    def get(self, request: Request) -> HttpResponse:
        """List clients, newest first; their secrets are not known any more."""
        parse(PageQuery, request.query_params.dict())
        return page_reply(request, queries.clients(), client_json)

    @operation(
        "create_client",
        "Make a service client",
        body=NewClient,
        answers={201: NewClientAnswer},
        refuses=(ScopeNotAllowed, MerchantUnknown),
    )
    def post(self, request: Request) -> HttpResponse:
        """Make a client; its secret is in this answer and nowhere else."""
        body = parse(NewClient, request.data)
        made = operations.create_client(**body, origin=origin_of(request), at=clock.machine_now())
        return reply({**client_json(queries.client_by_id(made.client.id)), "secret": made.secret}, 201)


class Secrets(ServiceView):
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
        made = operations.add_secret(client_id=client_id, origin=origin_of(request), at=clock.machine_now())
        return reply({"id": made.secret_id, "secret": made.secret}, 201)


class OneSecret(ServiceView):
    """DELETE /auth/clients/{id}/secrets/{secret_id}."""

    scopes = {"DELETE": _MANAGE}

    @operation("delete_client_secret", "Remove a client's secret", answers={204: "removed"}, refuses=(NotFound,))
    def delete(self, request: Request, client_id: UUID, secret_id: UUID) -> HttpResponse:
        """Remove a secret; no token is given for it any more."""
        operations.remove_secret(
            client_id=client_id, secret_id=secret_id, origin=origin_of(request), at=clock.machine_now()
        )
        return no_content()


class Deactivations(ServiceView):
    """POST /auth/clients/{id}/deactivate."""

    scopes = {"POST": _MANAGE}

    @operation("deactivate_client", "Deactivate a client", answers={200: ClientAnswer}, refuses=(NotFound,))
    def post(self, request: Request, client_id: UUID) -> HttpResponse:
        """Shut a client out for good; its tokens are refused as well."""
        client = operations.deactivate(client_id=client_id, origin=origin_of(request), at=clock.machine_now())
        return reply(client_json(client))
