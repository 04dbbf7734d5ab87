"""What is answered about service clients."""

from typing import Any

from rest_framework import serializers

from identity.clients.models import ServiceClient
from identity.users.fields import Name
from shared.http.fields import Body, Identifier
from shared.http.pages import page_of


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


class ClientTokenAnswer(Body):
    """An access token (RFC 6749 §5.1)."""

    access_token = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["Bearer"])
    expires_in = serializers.IntegerField()
    scope = serializers.CharField()


ClientsPage = page_of(ClientAnswer)


def client_json(client: ServiceClient) -> dict[str, Any]:
    """Return a client as it is answered."""
    own = {name: getattr(client, name) for name in ("id", "name", "scopes", "merchant_id", "is_active", "created_at")}
    secrets = [
        {"id": row.id, "created_at": row.created_at, "last_used_at": row.last_used_at}
        for row in client.secret_rows.all()
    ]
    return {**own, "last_used_at": client.tokens_issued_at, "secrets": secrets}
