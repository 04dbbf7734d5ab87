"""The HTTP side of the module sessions."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from identity.keys.errors import KeyUnreadable
from identity.sessions import operations, queries
from identity.sessions.errors import InvalidRefreshToken, RefreshRaced, SignInRefused, TooManyGuesses
from identity.sessions.models import Session
from identity.users.fields import Email, Password
from identity.users.http import OpenView, OwnView, origin_of, page
from shared import clock
from shared.errors import NotFound
from shared.http.fields import Body, Identifier, PageQuery, Text, parse
from shared.http.pages import page_of
from shared.http.swagger import operation
from shared.http.views import caller_of, reply


class Credentials(Body):
    """Address and password."""

    email = Email()
    password = Password()


class RefreshBody(Body):
    """A refresh token."""

    refresh = Text(max_length=512)


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


class TokenView(OpenView):
    """POST /auth/token."""

    @operation(
        "sign_in",
        "Sign in",
        body=Credentials,
        answers={200: TokensAnswer},
        refuses=(SignInRefused, TooManyGuesses, KeyUnreadable),
    )
    def post(self, request: Request) -> HttpResponse:
        """Sign in. Unknown address and wrong password get the same answer; after many wrong ones, 429."""
        wish = parse(Credentials, request.data)
        return reply(_tokens_json(operations.sign_in(**wish, origin=origin_of(request), at=clock.now())))


class RefreshView(OpenView):
    """POST /auth/token/refresh."""

    @operation(
        "refresh_tokens",
        "Get the next pair of tokens",
        body=RefreshBody,
        answers={200: TokensAnswer},
        refuses=(InvalidRefreshToken, RefreshRaced, KeyUnreadable),
    )
    def post(self, request: Request) -> HttpResponse:
        """Spend a refresh token. Sent again at once, it gets a pair of its own; after its successor, it ends all."""
        arrived = clock.now()
        secret = parse(RefreshBody, request.data)["refresh"]
        return reply(_tokens_json(operations.refresh(secret=secret, origin=origin_of(request), at=arrived)))


class RevokeView(OpenView):
    """POST /auth/token/revoke."""

    @operation("sign_out", "Sign out", body=RefreshBody, answers={204: "the session has ended, or there was none"})
    def post(self, request: Request) -> HttpResponse:
        """End the session of a refresh token. An unknown token gets the same answer (RFC 7009)."""
        secret = parse(RefreshBody, request.data)["refresh"]
        operations.sign_out(secret=secret, origin=origin_of(request), at=clock.now())
        return HttpResponse(status=204)


class SessionsView(OwnView):
    """GET and DELETE /auth/sessions."""

    @operation("list_sessions", "My sessions", query=PageQuery, answers={200: SessionsPage})
    def get(self, request: Request) -> HttpResponse:
        """List where I am signed in, newest first."""
        parse(PageQuery, request.query_params.dict())
        return page(self, request, queries.open_sessions(caller_of(request).id, at=clock.now()), _session_json)

    @operation("end_all_sessions", "Sign out everywhere", answers={204: "all sessions have ended"}, refuses=(NotFound,))
    def delete(self, request: Request) -> HttpResponse:
        """End all my sessions; my access tokens are refused as well."""
        operations.end_all_sessions(user_id=caller_of(request).id, origin=origin_of(request), at=clock.now())
        return HttpResponse(status=204)


class SessionView(OwnView):
    """DELETE /auth/sessions/{id}."""

    @operation("end_session", "End one of my sessions", answers={204: "the session has ended"}, refuses=(NotFound,))
    def delete(self, request: Request, session_id: UUID) -> HttpResponse:
        """End a session; its access token is good for its last minutes."""
        operations.end_session(
            user_id=caller_of(request).id, session_id=session_id, origin=origin_of(request), at=clock.now()
        )
        return HttpResponse(status=204)


def _tokens_json(tokens: operations.Tokens) -> dict[str, Any]:
    return {
        "access": tokens.access,
        "refresh": tokens.refresh,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
    }


def _session_json(session: Session) -> dict[str, Any]:
    names = ("id", "agent", "address", "created_at", "last_used_at", "expires_at")
    return {name: getattr(session, name) for name in names}
