"""What everybody may know about the keys: the JWKS and the discovery document."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from identity.keys import operations, queries
from identity.keys.api.answers import DiscoveryAnswer, JwksAnswer
from identity.users.rules import KNOWN_SCOPES
from shared import clock
from shared.http.swagger import operation
from shared.http.views import ServiceView, reply

# Far shorter than the time for which a key is published before it signs.
CACHED_SECONDS = 60


class PublishedView(ServiceView):
    """A public answer that caches may keep for a minute."""

    public = True
    authentication_classes = []

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Let caches keep a good answer."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code == 200:
            answer["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
        return answer


class SigningKeys(PublishedView):
    """GET /.well-known/jwks.json."""

    @operation("list_signing_keys", "Public signing keys", answers={200: JwksAnswer})
    def get(self, request: Request) -> HttpResponse:
        """Show the keys that tokens may be signed with, now or in a moment."""
        at = clock.machine_now()
        # Asked for by every service at its start: so the first key is there before the first token.
        operations.ensure_signing_key(at=at)
        return reply({"keys": queries.jwks(at=at)})


class Discovery(PublishedView):
    """GET /.well-known/openid-configuration."""

    reads_database = False

    @operation("get_discovery", "Discovery", answers={200: DiscoveryAnswer})
    def get(self, request: Request) -> HttpResponse:
        """Show where tokens come from and how to check them."""
        return reply(
            {
                "issuer": settings.JWT_ISSUER,
                "jwks_uri": request.build_absolute_uri("/.well-known/jwks.json"),
                "token_endpoint": request.build_absolute_uri("/api/v1/auth/oauth/token"),
                "grant_types_supported": ["client_credentials"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "response_types_supported": [],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": sorted(KNOWN_SCOPES),
            }
        )
