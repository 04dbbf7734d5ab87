"""What is answered about sessions and tokens."""

from typing import Any

from rest_framework import serializers

from identity.sessions import operations
from identity.sessions.models import Session
from shared.http.fields import Body, Identifier
from shared.http.pages import page_of


class TokensAnswer(Body):
    """An access token, good for `expires_in` seconds, and the refresh token for the next pair."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.ChoiceField(choices=["Bearer"])
    expires_in = serializers.IntegerField()

    class Meta:
        ref_name = "Tokens"


class SessionAnswer(Body):
    """One sign-in on one device."""

    id = Identifier()
    agent = serializers.CharField(help_text="what the device said of itself")
    address = serializers.IPAddressField(allow_null=True)
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()

    class Meta:
        ref_name = "Session"


SessionsPage = page_of(SessionAnswer)


def tokens_json(tokens: operations.Tokens) -> dict[str, Any]:
    """Return a pair of tokens as it is answered."""
    return {
        "access": tokens.access,
        "refresh": tokens.refresh,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
    }


def session_json(session: Session) -> dict[str, Any]:
    """Return a session as it is answered."""
    names = ("id", "agent", "address", "created_at", "last_used_at", "expires_at")
    return {name: getattr(session, name) for name in names}
