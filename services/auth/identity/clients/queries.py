"""Reads of the module clients."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from identity.clients.models import ClientSecret, ServiceClient
from shared.errors import NotFound


def clients() -> QuerySet[ServiceClient]:
    """Return all clients with their secrets, of which only the instants are known."""
    secrets = Prefetch("secret_rows", queryset=ClientSecret.objects.order_by("created_at", "id"))
    return ServiceClient.objects.prefetch_related(secrets)


def client_by_id(client_id: UUID) -> ServiceClient:
    """Return a client with its secrets.

    :raises NotFound: there is none.
    """
    found = clients().filter(pk=client_id).first()
    if found is None:
        raise NotFound()
    return found
